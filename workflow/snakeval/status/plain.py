"""What Snakemake prints by itself: for `--logger plain`, and behind our own plugin with `--verbose`."""

from __future__ import annotations

import sys
from logging import LogRecord

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.settings import OutputSettingsLoggerInterface as Settings


def own_handler(settings: Settings) -> ColorizingTextHandler:
    """The handler that Snakemake has without a plugin."""
    quiet = set(settings.quiet or ())
    handler = ColorizingTextHandler(settings.nocolor, sys.stdout if settings.stdout else sys.stderr)
    handler.setFormatter(DefaultFormatter(quiet, settings.show_failed_logs))
    handler.addFilter(
        DefaultFilter(quiet, settings.debug_dag, settings.verbose, settings.dryrun, settings.printshellcmds)
    )
    return handler


class PlainHandler(LogHandlerBase):
    """What Snakemake's plugins are asked, answered as for its own handler."""

    def __post_init__(self) -> None:
        self._own = own_handler(self.common_settings)

    def emit(self, record: LogRecord) -> None:
        """Hand it on."""
        self._own.handle(record)

    @property
    def writes_to_stream(self) -> bool:
        """It takes the place of Snakemake's own handler."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """It has no file."""
        return False

    @property
    def has_filter(self) -> bool:
        """Its own."""
        return True

    @property
    def has_formatter(self) -> bool:
        """Its own."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """Not needed."""
        return False


LogHandler = PlainHandler
