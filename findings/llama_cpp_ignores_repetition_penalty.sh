#!/usr/bin/env bash
# llama.cpp's server in xllamacpp 2026.10.11549, gguf 0.19.0, CPython 3.11.
#
# A good guess: its OpenAI API takes the sampling parameters that Hugging Face, vLLM and SGLang share by their names,
# answers a number out of range with an error, and one that is not sent is OpenAI's default, which cuts nothing off.
# Seen: `repetition_penalty` is ignored in silence (it is `repeat_penalty` there, over the last 64 tokens only); a
# top_p of 7 is answered, as 1; and a request with a temperature alone is cut to top_k 40, top_p 0.95 and min_p 0.05,
# in this order, with the temperature last.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xllamacpp==2026.10.11549 gguf==0.19.0 numpy==2.3.5
cat >"$folder/look.py" <<'PYTHON'
import json
import os
import sys
import urllib.request

import gguf
import numpy
import xllamacpp

numbers = numpy.random.default_rng(0)
writer = gguf.GGUFWriter("tiny.gguf", "llama")
writer.add_context_length(256)
writer.add_embedding_length(64)
writer.add_block_count(1)
writer.add_feed_forward_length(64)
writer.add_head_count(2)
writer.add_head_count_kv(2)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_rope_dimension_count(32)
writer.add_vocab_size(96)
writer.add_tokenizer_model("gpt2")
writer.add_tokenizer_pre("gpt-2")
writer.add_token_list(["<end>", *(chr(code) for code in range(33, 126)), "ab", "Ġ"])
writer.add_token_types([gguf.TokenType.CONTROL] + [gguf.TokenType.NORMAL] * 95)
writer.add_token_merges(["a b"])
writer.add_eos_token_id(0)
writer.add_add_bos_token(False)
shapes = {"token_embd": (96, 64), "output_norm": (64,), "blk.0.attn_norm": (64,), "blk.0.ffn_norm": (64,)}
shapes |= {f"blk.0.{name}": (64, 64) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
shapes |= {f"blk.0.{name}": (64, 64) for name in ("ffn_gate", "ffn_up", "ffn_down")}
for name, shape in shapes.items():
    values = numpy.ones(shape) if len(shape) == 1 else numbers.normal(0, 0.2, shape)
    writer.add_tensor(f"{name}.weight", values.astype(numpy.float32))
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()

parameters = xllamacpp.CommonParams()
parameters.model.path = "tiny.gguf"
server = xllamacpp.Server(parameters)


def get(path, **body):
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(server.listening_address + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def text(**sampling):
    asked = {"prompt": "abc", "max_tokens": 40, "seed": 1, "temperature": 1, **sampling}
    return get("/v1/completions", **asked)["choices"][0]["text"]


settings = get("/props")["default_generation_settings"]["params"]
for name in ("top_k", "top_p", "min_p", "repeat_last_n"):
    print(name, round(settings[name], 4))
print("samplers", *settings["samplers"])
plain = text()
print("repetition_penalty 1.9 changes the text:", text(repetition_penalty=1.9) != plain)
print("repeat_penalty 1.9 changes the text:", text(repeat_penalty=1.9) != plain)
print("top_p 7 is as top_p 1:", text(top_p=7) == text(top_p=1))
sys.stdout.flush()
os._exit(0)
PYTHON
cd "$folder"
venv/bin/python -P look.py >seen 2>log || { cat log; exit 1; }
cat seen
diff - seen <<'EXPECTED' || { echo "the behaviour has changed"; exit 1; }
top_k 40
top_p 0.95
min_p 0.05
repeat_last_n 64
samplers penalties dry top_n_sigma top_k typ_p top_p min_p xtc temperature
repetition_penalty 1.9 changes the text: False
repeat_penalty 1.9 changes the text: True
top_p 7 is as top_p 1: True
EXPECTED
