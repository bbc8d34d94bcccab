"""Values that are read as something else, that would fill the memory, or that Snakeval sets itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from snakeval.config import Config, ConfigError
from snakeval.config.endpoints import normal
from snakeval.dag import identity
from snakeval.formats.rows import SourceError, read_file
from unit.config.example_project import edit, load, write_project

REFEREE, SMALL = "config/models/referee.yaml", "config/models/small.yaml"
SUMS, ANSWERS, SETTINGS = "config/benchmarks/sums.yaml", "config/judges/answers.yaml", "config/config.yaml"
LONG = "a" * 101
URL = "http://localhost:8000/v1"

OWN = (
    *(("model", "other"), ("messages", "[]"), ("prompt", "x"), ("n", 4), ("n", 1), ("stream", "true")),
    *(
        ("stream", "false"),
        ("seed", 7),
        ("seed", 0),
        ("stream_options", "{}"),
        ("best_of", 2),
        ("input", "x"),
    ),
    *(("echo", "true"), ("model", "null")),
)
# By a word of the message.
NO_URLS = {
    "a port": ("http://h:99999/v1", "http://h:port/v1", "http://h:-1/v1", "'http://[::1/v1'"),
    "must be a URL": (
        *("http://h:0/v1", "http:///v1", "http://:8000/v1", "ftp://h/v1", "h:8000/v1", "http//h/v1", "''"),
        *("http://a b/v1", "'http://a,b/v1'", "http://-h/v1", "localhost", "http://", "http://h%/v1"),
    ),
    "without '?'": ("http://h/v1?key=abc", "'http://h/v1#x'", "http://h/v 1"),
    "api_key_env": (
        *("http://me:secret@h/v1", "http://secret-123@h/v1", "http://:secret@h/v1", "http://@h/v1"),
        "'https://user:secret@[::1]:8000/v1'",
    ),
}
# (file, old text, new text, key of the mistake, words of its message); without an old text the new is added.
MISTAKES: list[tuple[str, str, str, str, str]] = [
    *(
        (file, "", f"extra_body: {{{key}: {value}}}", "extra_body", f"'{key}' can't be set here")
        for file in (SMALL, REFEREE, ANSWERS)
        for key, value in OWN
    ),
    *((REFEREE, URL, url, "base_urls[0]", words) for words, urls in NO_URLS.items() for url in urls),
    (SMALL, "", "extra_body: {a: .nan}", "extra_body", "the number nan"),
    (SMALL, "", "extra_body: {a: {b: [-.inf]}}", "extra_body", "the number -inf"),
    (SMALL, "", "extra_body: {a: {1: 2}}", "extra_body", "the key 1"),
    (SMALL, "", "extra_body: {a: !!set {b}}", "extra_body", "of type set"),
    (SMALL, "", "extra_body: {a: !!binary aGk=}", "extra_body", "of type bytes"),
    (ANSWERS, "", "base_urls: [http://me:secret@h/v1]", "base_urls[0]", "api_key_env"),
    # Numbers
    (SUMS, "n_samples: 4", "n_samples: 1e9", "n_samples", "a whole number"),
    (SUMS, "n_samples: 4", "n_samples: 1.0e+9", "n_samples", "at most 1000000"),
    (SUMS, "n_samples: 4", "n_samples: 1000000001", "n_samples", "at most 1000000"),
    (SUMS, "n_samples: 4", "n_samples: .inf", "n_samples", "must be"),
    (SUMS, "n_samples: 4", "n_samples: .nan", "n_samples", "must be"),
    (SUMS, "n_samples: 4", "n_samples: 2026-11-30", "n_samples", "a whole number"),
    (SUMS, "n_samples: 4", "n_samples: 1:30", "n_samples", "1:30 would be read as 90"),
    (SUMS, "n_samples: 4", "n_samples: 010", "n_samples", "010 would be read as 8"),
    (SMALL, "", "request_timeout: 1:30", "request_timeout", "would be read as 90"),
    (SMALL, "", "request_timeout: 1:30:00", "request_timeout", "would be read as 5400"),
    (SMALL, "", "max_tokens: 0100", "max_tokens", "would be read as 64"),
    (SMALL, "", "extra_body: {a: [1, 017]}", "extra_body.a[1]", "would be read as 15"),
    (SMALL, "", "request_timeout: .nan", "request_timeout", "finite"),
    (SETTINGS, "", "bootstrap: {rounds: 1000000000000}", "bootstrap.rounds", "at most"),
    (SETTINGS, "", "bootstrap: {seed: 4294967296}", "bootstrap.seed", "less than"),
    (SETTINGS, "seed: 7", "seed: 007", "seed", "would be read as 7"),
    # Names
    (SMALL, "", f"slug: {LONG}", "slug", "100 characters at most, not 101"),
    (SUMS, "type: math", f"{{type: math, name: {LONG}}}", "graders[0].name", "100 characters at most"),
    # Reasoning
    (SMALL, "", "reasoning: {start: '###', end: '###'}", "reasoning", "must differ"),
    (SMALL, "", "reasoning: {start: [a, b], end: [c, b]}", "reasoning", "both 'b'"),
    (SMALL, "", "reasoning: {start: '</think>'}", "reasoning", "both '</think>'"),
    (SMALL, "", "reasoning: {end: '<think>'}", "reasoning", "both '<think>'"),
    (SMALL, "", "reasoning: {start: ' ', end: b}", "reasoning", "white space"),
]


@pytest.mark.parametrize(("file", "old", "new", "key", "words"), MISTAKES)
def test_a_mistake_is_named(file: str, old: str, new: str, key: str, words: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    if old:
        edit(root, file, old, new)
    else:
        with (root / file).open("a") as opened:
            opened.write(new + "\n")
    with pytest.raises(ConfigError) as caught:
        load(root)
    found = [problem for problem in caught.value.problems if (problem.file, problem.key) == (file, key)]
    assert any(words in problem.message for problem in found), str(caught.value)
    assert "secret" not in str(caught.value)


NO_MISTAKES = (
    *("extra_body: {seed: null, min_tokens: 1}", "extra_body: {a: [1, 0.5, x, true, null, {b: c}]}"),
    *("reasoning: {start: '<a>', end: '</a>'}", "reasoning: {start: null, end: '<think>'}"),
    *("request_timeout: 1_000", "request_timeout: 0.5", "slug: " + "a" * 100, "request_timeout: 0x10"),
    *("label: '010'", "label: 'v1:30'", "label: 2024-08-01", "label: 1:99x", "label: v08"),
)


@pytest.mark.parametrize("line", NO_MISTAKES)
def test_what_is_no_mistake(line: str, tmp_path: Path) -> None:
    root = write_project(tmp_path)
    edit(root, SMALL, "model: folders/small", f"model: folders/small\n{line}")
    if "label" in line:
        edit(root, SMALL, "label: Small\n", "")
    load(root)


def test_names_of_files_and_slugs_that_are_too_long(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    (root / f"config/benchmarks/{LONG}.yaml").write_text((root / SUMS).read_text())
    edit(root, SETTINGS, "folders/late", f"{'o' * 90}/{'n' * 90}@{'r' * 90}")
    edit(root, SETTINGS, "[sums]", f"[sums, {LONG}]")
    with pytest.raises(ConfigError, match="at most 100 characters") as caught:
        load(root)
    assert "at most 200 may be" in str(caught.value)


NORMAL = "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (NORMAL, NORMAL),
        ("http://0.0.0.0:8000/v1", NORMAL),
        ("http://localhost:8000", NORMAL),
        ("http://localhost:8000/", NORMAL),
        ("http://LOCALHOST:8000/v1/", NORMAL),
        ("HTTP://127.0.0.1:8000/v1//", NORMAL),
        ("http://[::1]:8000/v1", NORMAL),
        (" http://localhost.:8000 ", NORMAL),
        ("http://127.0.0.1:8001/v1", "http://localhost:8001/v1"),
        ("https://127.0.0.1:8000/v1", "https://localhost:8000/v1"),
        ("http://Node7:80/v1", "http://node7/v1"),
        ("https://api.openai.com:443/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1", "https://api.openai.com/v1"),
        ("https://a/Some/Path", "https://a/Some/Path/v1"),
        ("https://a/v1beta/openai/", "https://a/v1beta/openai"),
        ("http://[fe80::1]:8000", "http://[fe80::1]:8000/v1"),
    ],
)
def test_one_form_of_a_url(url: str, expected: str) -> None:
    assert normal(url) == expected


def identities(root: Path, urls: str, more: str = "") -> str:
    found = re.sub(r"base_urls: .*\n(urls_count: .*\n)?", "", (root / REFEREE).read_text())
    (root / REFEREE).write_text(f"{found}base_urls: [{urls}]\n{more}")
    config: Config = load(root)
    (slug,) = {config.judge_slug["answers"]}
    return identity.infer_config(config.served[slug]) + str(identity.judge(config, "answers"))


@pytest.mark.parametrize(
    "urls",
    [
        "http://localhost:8000/",
        f"{URL}/, http://other:1/v1",
        f"{NORMAL}, http://b/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_urls_make_nothing_stale_unless_they_count(
    urls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write_project(tmp_path)
    monkeypatch.chdir(root)
    urls = ", ".join(f"'{url}'" for url in urls.split(", "))
    assert identities(root, NORMAL) == identities(root, urls)
    assert identities(root, NORMAL, "urls_count: true\n") == identities(root, NORMAL)
    assert identities(root, urls, "urls_count: true\n") != identities(root, NORMAL)
    assert identities(root, "http://elsewhere:8000/v1") != identities(root, NORMAL)


def test_urls_of_the_environment_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path)
    edit(root, REFEREE, f"base_urls: [{URL}]", "")
    monkeypatch.setenv("OPENAI_API_BASE", "http://a/v1,http://me:secret@h/v1")
    with pytest.raises(ConfigError, match="one of those in OPENAI_API_BASE") as caught:
        load(root)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"), [("d.jsonl", '{"a": 1}\n{"a": 1, "a": 2}\n'), ("d.json", '[{"a": {"b": 1, "b": 1}}]')]
)
def test_a_key_twice_in_data(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match=r"the key '\w' stands there twice"):
        read_file(tmp_path / name)
