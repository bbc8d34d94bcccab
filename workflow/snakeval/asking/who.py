"""Who answers: the name that a server gives itself, against the one that was asked for."""

from __future__ import annotations

import json
import logging
import re
from collections import Counter

from snakeval.asking.completions import NAME_CHARACTERS, Completion
from snakeval.asking.endpoints import Endpoint
from snakeval.asking.http_pool import HttpPool
from snakeval.system.keys import without_keys
from snakeval.system.surrogates import without

log = logging.getLogger(__name__)
LOOK_SECONDS = 5.0
MOST_WARNINGS = 10
# What hosted APIs add to an alias: a date, a version, a stage. One digit more is another model: gpt-4.1.
_DATE = r"\d{8}|\d{6}|\d{4}-\d\d-\d\d|\d\d-\d\d(-\d{4})?|\d{3,4}|v\d+(\.\d+)*"
_STAGE = "latest|stable|preview|beta|exp|experimental|free"
_SUFFIX = re.compile(rf"([-@:]({_STAGE}|{_DATE}))*")


class Who:
    """The names of one job's servers. Each that is another than the one asked for is logged once."""

    def __init__(self, hosted: bool) -> None:
        self._hosted = hosted
        self._listed: dict[str, tuple[str, ...]] = {}
        self._answered: Counter[str] = Counter()
        self._warned: set[str] = set()

    async def look(self, endpoint: Endpoint) -> None:
        """Ask each server what it serves; one that does not say is none that serves something else."""
        async with HttpPool(LOOK_SECONDS) as pool:
            for url in endpoint.base_urls:
                try:
                    answer = await pool.get(f"{url}/models", endpoint.api_key)
                    self._listed[url] = _ids(answer.body) if answer.status == 200 else ()
                except (OSError, ValueError, RecursionError):
                    continue

    def other(self, url: str, asked: str, completion: Completion) -> str | None:
        """Another name than the one asked for, of the answer or else of what the server lists; or None."""
        listed, said = self._listed.get(url, ()), completion.model
        other = None
        if said is not None and not same(asked, said, self._hosted):
            other = said
        elif listed and asked not in listed:
            # Some servers repeat the name that they were asked by, whatever they serve.
            other = ", ".join(listed)[:NAME_CHARACTERS]
        if other is not None:
            self._warn(f"{url} was asked for '{asked}' and is '{other}': its answers may be another model's")
        if said is not None:
            self._answered[said] += 1
            if len(self._answered) > 1:
                self._warn(
                    f"'{asked}' answers under {len(self._answered)} names: {', '.join(self._answered)}"
                )
        return other

    def _warn(self, text: str) -> None:
        if text not in self._warned and len(self._warned) < MOST_WARNINGS:
            self._warned.add(text)
            log.warning("%s", text)


def same(asked: str, said: str, hosted: bool) -> bool:
    """Whether a name is the one asked for; a hosted alias may be answered by what it stands for today."""
    if asked == said or not hosted:
        return asked == said
    (whose, _, alias), (theirs, _, name) = (
        text.lower().removeprefix("models/").rpartition("/") for text in (asked, said)
    )
    alias = re.sub(r"[-@:](latest|stable)$", "", alias)
    owned = not whose or not theirs or whose == theirs
    return owned and name.startswith(alias) and _SUFFIX.fullmatch(name[len(alias) :]) is not None


def _ids(body: bytes) -> tuple[str, ...]:
    """The names in the answer of /v1/models; none where it is something else."""
    payload = json.loads(body)
    entries = payload.get("data") if isinstance(payload, dict) else None
    listed = entries if isinstance(entries, list) else []
    found = [entry.get("id") for entry in listed if isinstance(entry, dict)]
    return tuple(without_keys(without(name)) for name in found if isinstance(name, str))
