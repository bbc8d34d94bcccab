"""Answers in the files that lmarena/arena-hard-auto reads and writes (data/BENCH/model_answer/MODEL.jsonl).

Two layouts are in use, told apart by their keys. v0.1 as first published has `question_id`, `model_id` and
`choices[0].turns[0].content`; v2.0, and v0.1's files as they are kept now, have `uid`, `model` and the
assistant's message as `content.answer`. Both may say how many tokens an answer has.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snakeval.types import Json

Layout = Literal["v0.1", "v2.0"]
# As utils/add_markdown_info.py of lmarena/arena-hard-auto counts, at commit 3bab294.
_CODE = re.compile(r"```([^`]*)```")
_MOST_BLOCKS = 100  # each costs a pass over the text
# As there, but that a blank line before an item is not looked at again from each blank line before it.
_LISTS = {"ordered": r"^[^\S\n]*\d+\.\s", "unordered": r"^[^\S\n]*[-*+]\s"}
_BOLD = {"**": r"\*\*[^*\n]+\*\*", "__": r"__[^_\n]+__"}


class OfficialError(ValueError):
    """A file is not in the published format; the message names the file, the line and the key."""


@dataclass(frozen=True, slots=True)
class OfficialAnswer:
    """One model's answer to one question. `asked` is None where the layout does not keep it."""

    question_id: str
    model: str
    text: str
    tokens: int | None
    asked: str | None


def lines(path: Path) -> Iterator[tuple[str, Json]]:
    """(where it stands, row) of each line of a jsonl file. Raises OfficialError."""
    # Texts may hold Unicode's line separators, which splitlines() would split at.
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            where = f"{path}, line {number}"
            try:
                row = json.loads(line)
            except ValueError as error:
                raise OfficialError(f"{where}: not JSON: {error}") from error
            if not isinstance(row, dict):
                raise OfficialError(f"{where}: not an object")
            yield where, row


def is_official(path: Path) -> bool:
    """Whether a file's first line is in one of the published layouts."""
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    _, row = next(lines(path), ("", {}))
    return "choices" in row or {"uid", "messages"} <= row.keys()


def read_answers(path: Path) -> Iterator[OfficialAnswer]:
    """The answers of one file, in its order. Raises OfficialError."""
    for where, row in lines(path):
        try:
            yield _answer_v0_1(row) if "choices" in row else _answer_v2_0(row)
        except (LookupError, TypeError) as error:
            raise OfficialError(f"{where}: no answer in the published format: {error!r}") from error


def _answer_v0_1(row: Json) -> OfficialAnswer:
    turn = row["choices"][0]["turns"][0]
    tokens = turn.get("token_len") or row.get("conv_metadata", {}).get("token_len")
    return OfficialAnswer(row["question_id"], row["model_id"], turn["content"], tokens, None)


def _answer_v2_0(row: Json) -> OfficialAnswer:
    asked = next((m["content"] for m in row["messages"] if m["role"] == "user"), None)
    tokens = row.get("metadata", {}).get("token_len")
    return OfficialAnswer(row["uid"], row["model"], row["messages"][-1]["content"]["answer"], tokens, asked)


def answer_line(answer: OfficialAnswer, layout: Layout, timestamp: float) -> Json:
    """An answer as a line of a file; its id is made from its content, so equal answers give equal files."""
    key = f"{answer.question_id}\n{answer.model}\n{answer.text}"
    name = hashlib.sha256(key.encode()).hexdigest()[:22]
    if layout == "v0.1":
        turn = {"content": answer.text, **({"token_len": answer.tokens} if answer.tokens else {})}
        return {
            "question_id": answer.question_id,
            "answer_id": name,
            "model_id": answer.model,
            "choices": [{"index": 0, "turns": [turn]}],
            "tstamp": timestamp,
        }
    return {
        "uid": answer.question_id,
        "ans_id": name,
        "model": answer.model,
        "messages": [
            {"role": "user", "content": answer.asked},
            {"role": "assistant", "content": {"answer": answer.text}},
        ],
        "tstamp": timestamp,
        **({"metadata": {"token_len": answer.tokens, **markdown(answer.text)}} if answer.tokens else {}),
    }


def markdown(text: str) -> Json:
    """Counts of Markdown elements outside of code blocks, under the names of the published files."""
    blocks = _CODE.findall(text)
    if len(blocks) > _MOST_BLOCKS:
        text = _CODE.sub("``````", text)
    else:  # as published, which takes what a block holds out of the rest of the text too
        for block in blocks:
            text = text.replace(block, "")

    def counts(patterns: dict[str, str]) -> dict[str, int]:
        return {name: len(re.findall(pattern, text, re.MULTILINE)) for name, pattern in patterns.items()}

    return {
        "header_count": counts({f"h{level}": rf"^#{{{level}}}\s" for level in range(1, 7)}),
        "list_count": counts(_LISTS),
        "bold_count": counts(_BOLD),
    }


def to_jsonl(rows: Iterable[Json]) -> str:
    """Rows as the lines of a file."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
