"""Tokens of prompts, counted by the demo model's own template and tokenizer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.models.prompt_tokens import Count, counter
from snakeval.schema import Gpus, Model
from snakeval.types import COMPLETION, Message

tokenizers = pytest.importorskip("tokenizers")
LATE = Path(__file__).resolve().parents[3] / "demo/models/late"


def counted(folder: Path, template: str | None = None, root: Path = Path()) -> Count | None:
    model = Model(model=str(folder), chat_template=template)
    return counter(infer(model, resolve(model, root), Gpus(), root=root), template, {}, root)


def user(text: str) -> tuple[Message, ...]:
    return ({"role": "user", "content": text},)


def test_the_template_s_text_is_counted() -> None:
    count = counted(LATE)
    assert count is not None
    encode = tokenizers.Tokenizer.from_file(str(LATE / "tokenizer.json")).encode
    short, long = count(user("1")), count(user("1" * 400))
    assert short is not None
    assert long is not None
    # Digits are single tokens in this tokenizer.
    assert long - short == 399
    assert short > len(encode("1").ids)
    turns: tuple[Message, ...] = (*user("1"), {"role": "assistant", "content": "2"}, *user("3"))
    assert (count(turns) or 0) > short


def test_a_text_to_be_continued_has_no_template() -> None:
    count = counted(LATE)
    assert count is not None
    assert count(({"role": COMPLETION, "content": "1" * 30},)) == 30


def test_another_template(tmp_path: Path) -> None:
    (tmp_path / "plain.jinja").write_text("{{ messages[0].content }}")
    count = counted(LATE, "plain.jinja", tmp_path)
    assert count is not None
    assert count(user("1" * 7)) == 7


def test_what_can_not_be_counted(tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    shutil.copytree(LATE, copied)
    (copied / "chat_template.jinja").write_text("{{ raise_exception('no') }}")
    count = counted(copied)
    assert count is not None
    assert count(user("1")) is None
    (copied / "chat_template.jinja").unlink()
    (copied / "tokenizer_config.json").write_text(json.dumps({}))
    count = counted(copied)
    assert count is not None
    assert count(user("1")) is None
    (copied / "tokenizer.json").unlink()
    assert counted(copied) is None
