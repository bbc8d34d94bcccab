"""JSON schemas of the configuration's files, for editors: python -m snakeval.config.jsonschema writes them.

Keys and values come from the classes, descriptions from the tables in config/README.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from snakeval.schema import Agent, Arena, Benchmark, Corrections, Judge, LmEvalTask, Model, Settings
from snakeval.schema.values import Strict

CONFIG = Path(__file__).parents[3] / "config"
SCHEMAS: dict[str, type[Strict]] = {
    "config": Settings,
    "model": Model,
    "agent": Agent,
    "benchmark": Benchmark,
    "corrections": Corrections,
    "judge": Judge,
    "arena": Arena,
    "lm_eval": LmEvalTask,
}
_LINK = re.compile(r"\[([^]]*)\]\(#[^)]*\)")


def documented(readme: str) -> dict[str, dict[str, list[str]]]:
    """Read the README's tables of keys: class -> key -> [value, default, makes stale, meaning]."""
    tables: dict[str, dict[str, list[str]]] = {}
    rows: dict[str, list[str]] = {}
    for line in readme.splitlines():
        if line.startswith("#"):
            rows = {}
            if line.startswith("### "):
                tables[line.removeprefix("### ")] = rows
        elif match := re.fullmatch(r"\| `(\w+)` \| (.*) \|", line):
            rows[match[1]] = [_LINK.sub(r"\1", cell) for cell in match[2].split(" | ")]
    return tables


def schema(cls: type[Strict], tables: dict[str, dict[str, list[str]]]) -> dict[str, Any]:
    """The JSON schema of one file, with the meaning of each key."""
    found = cls.model_json_schema()
    for name, node in [(cls.__name__, found), *found.get("$defs", {}).items()]:
        # A class that narrows another one documents only what differs.
        rows = {**tables["Sampling"], **tables[name]} if name == "JudgeSampling" else tables[name]
        for key, value in node["properties"].items():
            value.pop("title", None)
            value["description"] = rows[key][3]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def schemas() -> Iterator[tuple[Path, str]]:
    """Yield (file, text) of each schema in config/schemas."""
    tables = documented((CONFIG / "README.md").read_text(encoding="utf-8"))
    for name, cls in SCHEMAS.items():
        text = json.dumps(schema(cls, tables), indent=2, ensure_ascii=False)
        yield CONFIG / "schemas" / f"{name}.json", f"{text}\n"


if __name__ == "__main__":
    for path, text in schemas():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(CONFIG.parent))
