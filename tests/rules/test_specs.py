"""The identities of outputs, byte for byte as they are on record: a results folder of before is still fresh.

specs.json holds what Snakemake is told for the default configuration, under the Slurm profile, and for one
with agents, judges, arenas, published answers and judgments. When an identity changes on purpose, with a
VERSION or a new key that is set, write it again: PYTHONPATH=tests python tests/rules/test_specs.py.
"""

from __future__ import annotations

import difflib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from project import Project, new_project

RECORD = Path(__file__).with_name("specs.json")
SPECS = Path(__file__).with_name("specs.py")
FILES = {
    "config/models/late-proof.yaml": (
        "model: demo/models/late\nlabel: with an agent\nagent: self_eval_sequential\nsampling: {top_p: 0.9}\n"
    ),
    "config/models/elsewhere.yaml": (
        "model: org/elsewhere\nengine: external\nbase_urls: [http://127.0.0.1:9/v1]\nextra_body: {top_k: 5}\n"
    ),
    "config/models/plain.yaml": (
        "model: plain\nslug: plain\nengine: recorded\nanswers: {few: {file: data/plain.jsonl}}\n"
    ),
    "config/benchmarks/few.yaml": (
        "source: {file: data/questions.jsonl}\nprompt: config/prompts/arena_hard_question.jinja\n"
        "fields: {problem_id: uid, problem: prompt, reference: null}\n"
    ),
    "config/arenas/few.yaml": (
        "questions: few\nbaseline: plain\njudges: [demo-pair, gpt-4.1]\nimported: data/published\n"
        "prompt: config/prompts/arena_hard_pair.jinja\nstyle_control: [length]\nwiden: [position]\n"
    ),
    "data/questions.jsonl": '{"uid": "q1", "category": "sums", "prompt": "1 + 1?"}\n',
    "data/plain.jsonl": '{"uid": "q1", "model": "plain", "messages": []}\n',
    "data/published/model_judgment/gpt-4.1/somebody.jsonl": "",
}
BENCHMARKS = (
    "demo-arithmetic,aime_2024,gsm8k,gsm8k_cot_completion,humaneval_plus,ifeval,imo_answerbench,"
    "imo_proofbench_basic,imo_gradingbench,math_qwen,mbpp,lcb_pro"
)
VARIANTS = {
    "default": (),
    "slurm": ("--profile", "profiles/slurm"),
    "agents": (
        *("--config", "models=demo-late,late-proof,demo-late+deepseek_math"),
        *("benchmarks=demo-arithmetic,aime_2024", "arenas=few", "seed=7"),
    ),
    "everything": (
        *("all", "compare", "--config", "models=demo-early,elsewhere,gemini-3-pro,Qwen/Qwen3-8B@v1.0"),
        *(f"benchmarks={BENCHMARKS}", "lm_eval=demo-arithmetic,demo-choice"),
        *("arenas=demo,few,arena_hard_v0_1,arena_hard_v2_0", "thresholds={truncated: 0.5}"),
    ),
}


def specs(project: Project, variant: str) -> dict[str, str]:
    """{output: spec} of a dry run in a project that has no results."""
    keys = dict.fromkeys(("OPENAI_API_KEY", "GEMINI_API_KEY"), "none")
    file = project.folder / f"{variant}.json"
    done = subprocess.run(
        [sys.executable, str(SPECS), str(file), *VARIANTS[variant]],
        cwd=project.folder,
        env={**project.environment(), **keys},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, str] = json.loads(file.read_text())
    return found


def with_files(folder: Path) -> Project:
    """A copy of the project with the files of the third configuration."""
    project = new_project(folder)
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return project


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_identity_has_changed(tmp_path: Path, variant: str) -> None:
    known: dict[str, str] = json.loads(RECORD.read_text())[variant]
    found = specs(with_files(tmp_path / "project"), variant)
    assert len(known) > 20
    assert found.keys() == known.keys()
    for output, spec in known.items():
        assert found[output] == spec, "\n".join(
            [f"{output} became stale:", *difflib.ndiff(spec.split(", "), found[output].split(", "))]
        )


if __name__ == "__main__":
    os.environ.setdefault("SNAKEVAL_CACHE", tempfile.mkdtemp())
    with tempfile.TemporaryDirectory() as made:
        project = with_files(Path(made, "project"))
        record = {variant: specs(project, variant) for variant in VARIANTS}
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    print({variant: len(found) for variant, found in record.items()})
