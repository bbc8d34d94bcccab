"""Jobs of either client against a server that a test scripts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from snakeval.asking.ask import Limits
from snakeval.asking.rows import complete, rows_of
from snakeval.system.tables import write_rows
from snakeval.types import Generation
from unit.asking.fake_server import Answer, FakeServer, completion
from unit.asking.test_ask import FixedHandle, requests

BOTH = pytest.mark.parametrize("is_hosted", [False, True], ids=["local", "hosted"])


def run(
    answer: Answer,
    journal: Path,
    is_hosted: bool,
    count: int = 20,
    models: list[str] | None = None,
    **how: Any,
) -> tuple[list[Generation], FakeServer]:
    limits = Limits(**{"concurrency": 4, "hosted": is_hosted, "max_attempts": 3, **how})
    with FakeServer(answer, models).running() as server:
        asked = requests(count)
        index = complete(asked, journal, FixedHandle(server.base_url), limits)
        rows = list(rows_of(asked, index))
        assert write_rows(journal / "x.parquet", Generation, rows) == count
        return rows, server


def for_seed(seed: int, make: Callable[[], web.Response]) -> Answer:
    """A server that answers one prompt in its own way and all others well."""

    async def answer(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
        return make() if body["seed"] == seed else completion()

    return answer
