"""Where the URLs and the key of an external model come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.config.endpoints import api_key, base_urls, read_key
from snakeval.schema import Model

URL = "http://127.0.0.1:8000/v1"


@pytest.fixture(autouse=True)
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a key, and an environment that names nothing."""
    for name in ("OPENAI_API_BASE", "SGLANG_API_BASES", "OPENAI_API_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text("the-key\n")
    return file


def external(**values: object) -> Model:
    return Model.model_validate({"model": "m", "engine": "external", **values})


def test_a_file_of_the_models(key: Path) -> None:
    assert api_key(external(base_urls=[URL], api_key_file=str(key))) == "the-key"


def test_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THE_KEY", "another\n")
    assert api_key(external(base_urls=[URL], api_key_env="THE_KEY")) == "another"
    assert api_key(external(base_urls=[URL])) is None


def test_the_environments_file_goes_with_its_urls(key: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://a:1,http://b:2/v1")
    monkeypatch.setenv("OPENAI_API_KEY_FILE", str(key))
    assert base_urls(external()) == ("http://a:1/v1", "http://b:2/v1")
    assert api_key(external()) == "the-key"
    # A key is sent to nobody whom it is not for.
    assert api_key(external(base_urls=[URL])) is None


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        ("the-key", 0o640, "mode 640, others may read it: chmod 600"),
        ("the-key", 0o604, "mode 604"),
        ("", 0o600, "must hold one line"),
        ("a\nb\n", 0o600, "must hold one line"),
        (None, 0o600, "can't be read"),
    ],
)
def test_files_that_hold_no_key(key: Path, content: str | None, mode: int, expected: str) -> None:
    if content is None:
        key.unlink()
    else:
        key.write_text(content)
        key.chmod(mode)
    with pytest.raises(ValueError, match=expected) as caught:
        read_key(key)
    assert "the-key" not in str(caught.value)
