"""The configuration of the run that `site_run` makes."""

from __future__ import annotations

import yaml

from snakeval.types import Json

SLUGS = ("base", "tuned", "solver-agent-refining")
SETTINGS: Json = {
    "models": ["base", "tuned", "solver"],
    "benchmarks": ["sums", "secret"],
    "arenas": ["duel"],
    "gate": {"parents": {"tuned": "base"}},
    "gpus": {"per_node": 0},
    "bootstrap": {"rounds": 100},
}
MODEL = "model: org/{slug}\nslug: {slug}\nlabel: {label}\nengine: external\nbase_urls: ['http://127.0.0.1:9/v1']\n"
BENCHMARK = (
    "source: {file: data/none.jsonl}\nfields: {problem_id: id, problem: question, reference: answer}\n"
    "prompt: config/prompts/ask.jinja\nn_samples: 4\ngraders: [{type: math}, {type: judge, judge: answers}]\n"
)
FILES = {
    "config/config.yaml": yaml.safe_dump(SETTINGS),
    "config/models/base.yaml": MODEL.format(slug="base", label="Base <b>model</b>"),
    "config/models/tuned.yaml": MODEL.format(slug="tuned", label="Tuned"),
    "config/models/solver.yaml": MODEL.format(slug="solver", label="Solver")
    + "agent: refining\nsampling: {max_tokens: 99}\n",
    "config/agents/refining.yaml": "kind: self_eval_sequential\n"
    + "".join(f"{key}: config/prompts/{key}.jinja\n" for key in ("evaluate", "refine"))
    + "max_total_tokens: 999\nsampling: {max_tokens: 99}\n",
    "config/benchmarks/sums.yaml": f"label: Sums\n{BENCHMARK}",
    "config/benchmarks/secret.yaml": f"label: Secret\npublish: false\n{BENCHMARK}",
    "config/benchmarks/open.yaml": "source: {file: data/none.jsonl}\nprompt: config/prompts/ask.jinja\n"
    "fields: {problem_id: id, problem: question, reference: null}\n",
    "config/judges/answers.yaml": "model: base\nprompt: config/prompts/judge.jinja\n"
    "verdicts: {correct: 'RIGHT', incorrect: 'WRONG'}\n",
    "config/judges/pairs.yaml": "model: base\n",
    "config/arenas/duel.yaml": "label: Duel\nquestions: open\nbaseline: base\njudges: [pairs]\n"
    "prompt: config/prompts/pair.jinja\n",
    "config/prompts/ask.jinja": "{{ question }}",
    "config/prompts/evaluate.jinja": "{{ problem }} {{ answer }}",
    "config/prompts/refine.jinja": "{{ problem }} {{ answer }} {{ evaluation }}",
    "config/prompts/judge.jinja": "{{ problem }} {{ reference }} {{ answer }}",
    "config/prompts/pair.jinja": "{{ question }} A: {{ answer_a }} B: {{ answer_b }}",
}
