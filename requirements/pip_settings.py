"""What pip is configured with, told to uv, which reads none of it.

A mirror, a folder of wheels or a certificate is configured once, for pip, in its files or in PIP_* variables.
uv has files and variables of its own; they still hold, except for the indexes that pip is told of explicitly.
"""

from __future__ import annotations

import ast
import os
import subprocess
from pathlib import Path

# Later ones win, as in pip itself: a command's own section over [global], the environment over both.
SECTIONS = ("global", "install", ":env:")


def parse_config_list(text: str) -> dict[str, str]:
    """The settings that hold for `pip install`, from the `section.key='value'` lines of `pip config list`."""
    settings: dict[str, str] = {}
    for wanted in SECTIONS:
        for line in text.splitlines():
            name, equals, value = line.partition("=")
            section, _, key = name.rpartition(".")
            if equals and section.rstrip(".") == wanted:
                settings[key] = str(ast.literal_eval(value))
    return settings


def read_pip_settings(python: Path) -> dict[str, str]:
    """The settings of the pip that belongs to `python`."""
    argv = [str(python), "-m", "pip", "config", "list"]
    return parse_config_list(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)


def uv_options(settings: dict[str, str]) -> list[str]:
    """uv's options for the same indexes and folders.

    `unsafe-best-match` is how pip treats several indexes; uv's default stops at the first that has the name.
    """
    options = ["--index-strategy", "unsafe-best-match"]
    if settings.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        options.append("--no-index")
    for key in ("index-url", "extra-index-url", "find-links"):
        for value in settings.get(key, "").split():
            if key != "find-links" or "://" in value or Path(value).expanduser().exists():
                options += [f"--{key}", value]
    for host in settings.get("trusted-host", "").split():
        options += ["--allow-insecure-host", host]
    return options


VARIABLES = {
    "cert": ("SSL_CERT_FILE",),
    "client-cert": ("SSL_CLIENT_CERT",),
    "timeout": ("UV_HTTP_TIMEOUT",),
    "default-timeout": ("UV_HTTP_TIMEOUT",),
    "proxy": ("HTTP_PROXY", "HTTPS_PROXY"),
}


def uv_environment(settings: dict[str, str]) -> dict[str, str]:
    """The environment for uv: this one, with what pip knows where it says nothing."""
    environment = dict(os.environ)
    for key, names in VARIABLES.items():
        for name in names:
            if key in settings:
                environment.setdefault(name, settings[key])
    return environment
