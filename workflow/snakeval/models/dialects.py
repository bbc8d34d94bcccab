"""What each engine makes of a request's parameters: which it reads, between which limits, what else it does.

vLLM 0.32: vllm/sampling_params.py and the fields of vllm/entrypoints/openai/*/protocol.py. SGLang 0.5.23:
srt/sampling/sampling_params.py and srt/entrypoints/openai/protocol.py. llama.cpp of October 2026:
tools/server/server-schema.cpp and server-common.cpp (oaicompat_chat_params_parse).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Ranges = Mapping[str, tuple[float, bool, float]]
ERROR = "answers every request with an error"
# Named with their least value, whether that itself is refused, and their largest.
VLLM_RANGES: Ranges = {
    "temperature": (0, False, 2),
    "top_p": (0, True, 1),
    "min_p": (0, False, 1),
    "presence_penalty": (-2, False, 2),
    "frequency_penalty": (-2, False, 2),
    "repetition_penalty": (0, True, math.inf),
    "top_k": (-1, False, math.inf),
    "n": (1, False, math.inf),
    "max_tokens": (1, False, math.inf),
    "max_completion_tokens": (1, False, math.inf),
    "min_tokens": (0, False, math.inf),
}
ANY_TEMPERATURE = {"temperature": (0, False, math.inf)}
# The fields of SGLang's requests, for chats and for texts to be continued.
SGLANG_READS = """
best_of bootstrap_host bootstrap_port bootstrap_room cache_salt chat_template_kwargs continue_final_message
custom_labels custom_logit_processor custom_params data_parallel_rank disagg_prefill_dp_rank ebnf echo
extra_key frequency_penalty ignore_eos images_config input_ids json_schema logit_bias logprobs lora_path
max_completion_tokens max_dynamic_patch max_tokens messages min_dynamic_patch min_p min_tokens
mm_processor_kwargs model n no_stop_trim parallel_tool_calls presence_penalty priority prompt
reasoning_effort regex repetition_penalty response_format return_cached_tokens_details
return_flat_raw_output_top_logprobs return_flat_raw_top_logprobs_b64 return_hidden_states
return_input_ids_in_sglext return_meta_info return_output_ids_in_sglext return_prompt_token_ids
return_routed_experts return_sampling_mask return_spec_tokens_details return_token_ids rid routed_dp_rank
routed_experts_start_len sampling_logprobs_mode seed separate_reasoning session_id session_params
skip_special_tokens stop stop_regex stop_token_ids stream stream_options stream_reasoning suffix task
temperature thinking tool_choice tools top_k top_logprobs top_p use_audio_in_video user video_config
watermark
"""
# The fields of llama.cpp's schema, with their other names, and those that it makes a chat's prompt with.
LLAMA_CPP_READS = """
adaptive_decay adaptive_target add_generation_prompt backend_sampling cache_prompt chat_template_kwargs
continue_final_message dry_allowed_length dry_base dry_multiplier dry_penalty_last_n dry_sequence_breakers
dynatemp_exponent dynatemp_range frequency_penalty grammar grammar_lazy grammar_triggers ignore_eos
json_schema logit_bias logprobs lora max_completion_tokens max_tokens messages min_keep min_p mirostat
mirostat_eta mirostat_tau model n n_cache_reuse n_cmpl n_discard n_indent n_keep n_predict n_probs
parallel_tool_calls parse_tool_calls post_sampling_probs presence_penalty preserved_tokens prompt
reasoning_budget_message reasoning_budget_tokens reasoning_control reasoning_effort reasoning_format
repeat_last_n repeat_penalty response_fields response_format return_progress return_tokens samplers seed
stop stream stream_options t_max_predict_ms temperature thinking_budget_tokens timings_per_token tool_choice
tools top_k top_logprobs top_n_sigma top_p typical_p verbose xtc_probability xtc_threshold
"""
# What vLLM takes, or took, for texts of a given form.
FORMS = ("structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar")


@dataclass(frozen=True, slots=True)
class Dialect:
    """An engine named in words, and its limits.

    `stops` is how many stop strings it takes, None for any number. `known` are the parameters that it reads,
    None where others are not looked for; the rest it ignores, for which `instead` says what to write.
    `holes` are numbers within the range that are refused all the same. `beyond` says what it does with a
    number outside, `repeats` whether it gives several greedy answers to one request.
    """

    name: str
    ranges: Ranges
    stops: int | None
    known: frozenset[str] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    holes: Mapping[str, float] = field(default_factory=dict)
    beyond: str = ERROR
    repeats: bool = True


VLLM = Dialect(
    "vLLM",
    VLLM_RANGES,
    4,
    # Removed from vLLM: it answers as if they were not there.
    instead={
        "guided_json": "'structured_outputs: {json: ...}'",
        "guided_regex": "'structured_outputs: {regex: ...}'",
        "guided_choice": "'structured_outputs: {choice: ...}'",
        "guided_grammar": "'structured_outputs: {grammar: ...}'",
        "guided_whitespace_pattern": "'structured_outputs: {whitespace_pattern: ...}'",
        "guided_decoding_backend": "nothing",
    },
    repeats=False,
)
SGLANG = Dialect(
    "SGLang",
    {**VLLM_RANGES, **ANY_TEMPERATURE, "repetition_penalty": (0, True, 2)},
    32,
    frozenset(SGLANG_READS.split()),
    {
        **dict.fromkeys(FORMS, "'response_format', 'regex' or 'ebnf'"),
        "include_stop_str_in_output": "'no_stop_trim: true'",
    },
    {"top_k": 0},
)
LLAMA_CPP = Dialect(
    "llama.cpp",
    {**VLLM_RANGES, **ANY_TEMPERATURE},
    None,
    frozenset(LLAMA_CPP_READS.split()),
    {
        **dict.fromkeys(FORMS, "'response_format', 'json_schema' or 'grammar'"),
        "repetition_penalty": "'repetition_penalty: null' and 'repeat_penalty' under extra_body",
    },
    beyond="takes another number in silence",
)
# Who serves here, by the engine of a model's file.
DIALECTS: Mapping[str, Dialect] = {"vllm": VLLM, "sglang": SGLANG, "llama_cpp": LLAMA_CPP}


def dialect_of(engine: str) -> Dialect:
    """The dialect of an engine; vLLM's for a server that was kept running."""
    return DIALECTS.get(engine, VLLM)
