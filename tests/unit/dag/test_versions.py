"""Each stage's version is pinned to a digest of its code, so that forgetting to raise it is noticed.

A comment, a docstring, formatting or where something is imported from does not count. When code changed and
the stage's output is the same, pin again with `python tests/unit/dag/test_versions.py`; when it differs,
raise the number in workflow/snakeval/dag/identity.py first.
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import pytest

from snakeval.dag.identity import VERSIONS

PINS = Path(__file__).with_name("versions.json")
SOURCES = Path(__file__).resolve().parents[3] / "workflow" / "snakeval"
REQUESTS = {
    "asking": "request clients completions content failures heard who http_pool hosted ask rows adopt build "
    "lengths",
    "models": "prompt_tokens chat_template",
    "generation": "generate",
    "answers": "finish",
    "system": "surrogates keys",
}
SEPARATION = "finish reasoning kinds mentions"
VALUES = "spelling characters introductions numbers quantities units words members inequalities ratios clock"
STAGES = {
    "infer_config": {
        "models": "infer draft serving_config architecture values layers layer_config attention parameters "
        "families recurrent towers sizes tensors placement files marks chat_template refused "
        "dialects defaults gguf",
        "answers": "kinds",
    },
    "prepare": {
        "problems": "sources fetch corrections asked prepare cells choices",
        "formats": "bounded prompts rows",
        "answers": "extract boxes markup",
        "system": "surrogates",
    },
    "generate": REQUESTS,
    "agent": {
        "generation/agents": "turns self_eval deepseek_math game run",
        "formats": "bounded prompts",
        "answers": SEPARATION,
        "asking": "build",
    },
    "grade_math": {
        "answers": f"{SEPARATION} extract boxes markup {VALUES}",
        "grading": "gradable grade",
        "grading/graders": "math equivalence prose verdict cases expressions leaves latex two_stage",
    },
    "grade_exact": {
        "answers": f"{SEPARATION} boxes markup choices",
        "grading": "gradable grade",
        "grading/graders": "exact latex",
    },
    "grade_ifeval": {
        "answers": SEPARATION,
        "grading": "gradable grade",
        "grading/graders": "ifeval following",
    },
    "grade_ifbench": {
        "answers": SEPARATION,
        "grading": "gradable grade",
        "grading/graders": "ifbench following",
        "grading/instructions": "texts lists counts words layout tasks checkers",
    },
    "grade_points": {
        "answers": f"{SEPARATION} patterns",
        "grading": "gradable grade",
        "grading/graders": "points",
    },
    "grade_code": {
        "answers": f"{SEPARATION} programs fences python_source",
        "grading": "gradable grade",
        "grading/graders": "code code_problems code_stdio code_archive code_worker code_livecodebench",
        "sandbox": "exam examiner forks zygote candidate commands remote scalars compare types",
    },
    "grade_judge": {
        **REQUESTS,
        "answers": f"{SEPARATION} extract boxes markup patterns",
        "grading": "gradable grade",
        "judging": "bench",
        "formats": "bounded prompts",
        "grading/graders": "judge points",
    },
    "aggregate": {
        "answers": f"finish evaluate {VALUES}",
        "scoring": "parts validity samples points aggregate votes steadiness groups",
        "statistics": "passk bootstrap",
    },
    "import_judgments": {
        "formats": "arena_hard",
        "arena": "exchange",
        "judging": "verdicts",
        "statistics": "labels",
    },
    "import_answers": {
        "formats": "arena_hard rows",
        "generation": "recorded rollouts",
        "problems": "sources fetch",
        "system": "surrogates",
    },
    "arena_prompts": {
        "arena": "wordings",
    },
    "lm_eval": {
        "harness": "run stops table",
    },
    "arena_judge": {
        **REQUESTS,
        "answers": SEPARATION,
        "grading": "gradable grade",
        "judging": "bench verdicts",
        "formats": "bounded prompts arena_hard",
        "arena": "duels wordings",
        "statistics": "labels",
    },
    "costs": {
        "asking": "spending",
    },
    "leaderboard": {
        "statistics": "battles bradley_terry scores published_style style intervals winrates separability "
        "bootstrap agreement labels",
        "arena": "conventions answer_styles board leaderboard tables",
        "answers": SEPARATION,
        "grading": "gradable",
        "judging": "instrument human judgments verdicts",
        "formats": "people",
        "scoring": "validity",
    },
    "agree": {
        "judging": "agreement instrument judgments",
        "statistics": "agreement labels",
    },
    "compare": {
        "scoring": "comparisons",
        "statistics": "passk bootstrap paired",
    },
    "gate": {
        "scoring": "gate comparisons",
        "statistics": "passk paired",
    },
    "calibrate": {
        "judging": "calibration human",
        "formats": "people",
        "statistics": "agreement judged",
    },
    "summary": {
        "report": "summary judge_tables group_tables",
        "scoring": "aggregate validity",
        "arena": "board leaderboard tables",
    },
    "samples": {
        "report": "joined samples",
        "scoring": "samples",
        "answers": SEPARATION,
    },
    "report": {
        "report": "page page.html plots summary judge_tables joined group_tables",
        "report/site": "anomalies arenas benchmarks build chunks pairs runs signs turns",
        "report/site/app": "index.html style.css core.js table.js text.js plots.js overview.js benchmark.js "
        "samples.js sample.js compare.js checkpoints.js arena.js anomalies.js main.js",
        "report/site/vendor": "lock.json",
        "arena": "board leaderboard tables",
        "judging": "judgments",
        "scoring": "validity samples",
    },
}


def code_digest(rooms: dict[str, str]) -> str:
    """Digest of the modules' syntax trees without docstrings and imports; of other files' bytes."""
    digest = hashlib.sha256()
    names = sorted(f"{room}/{name}" for room, named in rooms.items() for name in named.split())
    modules = [SOURCES / (name if "." in name else f"{name}.py") for name in names]
    for path in modules:
        digest.update(path.stem.encode())
        digest.update(_tree(path.read_text()).encode() if path.suffix == ".py" else path.read_bytes())
    return digest.hexdigest()[:16]


def _tree(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
            node.body = [each for each in node.body if not isinstance(each, ast.Import | ast.ImportFrom)]
    return ast.dump(tree)


def test_every_stage_is_pinned() -> None:
    assert set(STAGES) == set(VERSIONS) == set(json.loads(PINS.read_text()))


@pytest.mark.parametrize("stage", STAGES)
def test_changed_code_has_a_decided_version(stage: str) -> None:
    pinned = json.loads(PINS.read_text())[stage]
    now = {"version": VERSIONS[stage], "code": code_digest(STAGES[stage])}
    assert now == pinned, (
        f"the code of stage '{stage}' changed. Does its output differ? Then raise VERSIONS['{stage}'] in "
        "workflow/snakeval/dag/identity.py. Either way pin it: python tests/unit/dag/test_versions.py"
    )


def test_comments_and_docstrings_do_not_count() -> None:
    assert _tree("def f():\n    'doc'\n    return 1  # why\n") == _tree("def f():\n    return 1\n")
    assert _tree("def f():\n    return 1\n") != _tree("def f():\n    return 2\n")


if __name__ == "__main__":
    pins = {stage: {"version": VERSIONS[stage], "code": code_digest(STAGES[stage])} for stage in STAGES}
    PINS.write_text(json.dumps(pins, indent=2) + "\n")
