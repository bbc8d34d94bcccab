"""What config.json does not say of a model: known by its model_type, as transformers' classes have it."""

from __future__ import annotations

# transformers' own default is to tie embeddings and output; these classes have another, and files made from
# them say so only where they differ.
_UNTIED = """
afmoe apertus arcee arctic aria_text axk1 axk2 baichuan bailing_moe bamba bitnet blt chatglm codegen cwm
dbrx deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v4 diffllama doge dots1 exaone exaone4 exaone_moe
falcon_h1 flex_olmo glm glm4 glm4_moe glm4_moe_lite glm4v_moe_text glm5_next_text glm_moe_dsa gpt_neox
gpt_oss gptj granite granitemoe granitemoehybrid granitemoeshared grok-1 helium hy_v3 hy_v4 hyperclovax
internlm internlm2 internlm3 jais2 jamba kimi_k2 kimi_linear laguna llama llama4_text longcat_flash mamba2
mellum mimo mimo_v2_flash minimax minimax_m2 minimax_m3_vl_text minimax_text_01 ministral ministral3 mistral
mistral4 mixtral mllama_text_model nanochat nemotron nemotron-nas nemotron_h olmo olmo2 olmo3 olmo_hybrid
olmoe orion pangu_ultra_moe persimmon phi phi3 phi4_multimodal phimoe plamo2 qwen qwen2 qwen2_moe qwen3
qwen3_5_moe_text qwen3_5_text qwen3_moe qwen3_next rwkv seed_oss solar solar_open stablelm step3_text
step3p5 telechat2 xlstm xverse
"""
UNTIED = frozenset(_UNTIED.split())

# Feed-forward layers of up and down only; all others have a gate beside.
_UNGATED = """
apertus arcee biogpt bloom codegen falcon fuyu gpt2 gpt_bigcode gpt_neo gpt_neox gpt_neox_japanese gptj
jais2 mpt nanochat nemotron nemotron_h openai-gpt opt persimmon phi starcoder2 xglm
"""
UNGATED = frozenset(_UNGATED.split())

# The query's projection makes a gate of the output as well.
GATED_ATTENTION = frozenset(("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"))
# Their config.json states the widths of gate and up together.
HALVED = ("qwen", "molmo", "recurrent_gemma")
# The layers with attention share one set of weights for it, and for what feeds forward.
SHARED_BLOCKS = ("zamba", "zamba2")
