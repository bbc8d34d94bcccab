"""Install pinned requirements into .venv with uv, or with pip where uv cannot be had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from requirements.pip_settings import read_pip_settings, uv_environment, uv_options
from requirements.process import NO_NETWORK, CommandFailed, SetupError, missing_package, run

UV = "uv==0.13.9"
PYTORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch publishes its CPU builds; asked for torch only, where pip's configured places lack it."""


@dataclass(frozen=True)
class Installer:
    """`command` installs what is appended to it; `options` are the configured indexes and folders."""

    command: tuple[str, ...]
    options: tuple[str, ...]
    again: str
    env: dict[str, str] | None
    log: Path

    @property
    def is_uv(self) -> bool:
        return self.env is not None

    def install(self, arguments: list[str], index: str | None = None, again: bool = False) -> None:
        """Install without resolving; `index` replaces those configured, `again` mends what is half there."""
        options = list(self.options) if index is None else ["--index-url", index]
        argv = [*self.command, "--no-deps", *options, *([self.again] if again else []), *arguments]
        run(argv, self.log, self.env)

    def install_torch(self, requirement: str, again: bool) -> str:
        """Install CPU torch; return a note.

        Raises SetupError with the ways to get it if neither the configured places nor PyTorch's index has it.
        """
        try:
            self.install([requirement], again=again)
            return requirement
        except CommandFailed as failure:
            if missing_package(failure.output) is None:
                raise
        try:
            self.install([requirement], index=PYTORCH_CPU_INDEX, again=again)
            return f"{requirement} from {PYTORCH_CPU_INDEX}"
        except CommandFailed as failure:
            why = "cannot be reached" if NO_NETWORK.search(failure.output) else "did not give it"
            raise SetupError(
                f"{requirement} cannot be had: the places pip is configured with do not have it, and"
                f" {PYTORCH_CPU_INDEX} {why}; let this machine reach it (HTTPS_PROXY), or put the wheel"
                f" into a folder and set PIP_FIND_LINKS to it (details: {self.log})"
            ) from failure


def bootstrap(python: Path, log: Path) -> Installer:
    """The installer for the environment of `python`: uv, put there by pip, or that pip itself."""
    try:
        run([str(python), "-m", "pip", "install", "--quiet", UV], log)
    except CommandFailed as failure:
        if missing_package(failure.output) is None:
            raise
        return Installer(
            (str(python), "-m", "pip", "install", "--no-compile"), (), "--force-reinstall", None, log
        )
    settings = read_pip_settings(python)
    uv = (str(python.parent / "uv"), "pip", "install", "--python", str(python))
    return Installer(uv, tuple(uv_options(settings)), "--reinstall", uv_environment(settings), log)
