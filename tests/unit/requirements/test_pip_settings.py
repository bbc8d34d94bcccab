"""What pip is configured with reaches uv."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from requirements.pip_settings import parse_config_list, uv_environment, uv_options


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("", {}),
        ("global.find-links='/wheels'\n", {"find-links": "/wheels"}),
        ("global.index-url='a'\ninstall.index-url='b'\n", {"index-url": "b"}),
        (":env:.index-url='c'\nglobal.index-url='a'\ninstall.index-url='b'\n", {"index-url": "c"}),
        ("download.index-url='a'\nfreeze.timeout='10'\n", {}),
        ("global.extra-index-url='one\\ntwo'\n", {"extra-index-url": "one\ntwo"}),
    ],
)
def test_pip_settings_override_each_other_as_in_pip(printed: str, expected: dict[str, str]) -> None:
    assert parse_config_list(printed) == expected


def test_pip_prints_its_settings_in_the_form_that_is_parsed(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nfind-links =\n    /one\n    /two\n[install]\nno-index = true\n")
    env = {**os.environ, "PIP_CONFIG_FILE": str(config), "PIP_FIND_LINKS": "/three"}
    argv = [sys.executable, "-m", "pip", "config", "list"]
    printed = subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout
    settings = parse_config_list(printed)
    assert settings["find-links"] == "/three"
    assert settings["no-index"] == "true"
    del env["PIP_FIND_LINKS"]
    printed = subprocess.run(argv, env=env, capture_output=True, text=True, check=True).stdout
    assert parse_config_list(printed)["find-links"].split() == ["/one", "/two"]


def test_uv_is_told_of_indexes_and_of_folders_that_exist(tmp_path: Path) -> None:
    settings = {
        "index-url": "https://mirror.example/simple",
        "extra-index-url": "file:///one\nfile:///two",
        "find-links": f"{tmp_path} {tmp_path / 'absent'} https://wheels.example",
        "trusted-host": "mirror.example",
        "no-index": "false",
        "unknown": "value",
    }
    assert uv_options(settings)[2:] == [
        *("--index-url", "https://mirror.example/simple"),
        *("--extra-index-url", "file:///one", "--extra-index-url", "file:///two"),
        *("--find-links", str(tmp_path), "--find-links", "https://wheels.example"),
        *("--allow-insecure-host", "mirror.example"),
    ]
    assert "--no-index" in uv_options({"no-index": "1"})


def test_uv_gets_pips_certificate_and_proxy_unless_it_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://own:1")
    env = uv_environment({"cert": "/ca.pem", "proxy": "http://pips:2", "timeout": "180"})
    found = [env[name] for name in ("SSL_CERT_FILE", "HTTP_PROXY", "HTTPS_PROXY", "UV_HTTP_TIMEOUT")]
    assert found == ["/ca.pem", "http://pips:2", "http://own:1", "180"]
