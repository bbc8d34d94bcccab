"""Rows that a job wants, completed from its journals and, for what is missing, from the server."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from snakeval.asking.ask import Asker, Limits
from snakeval.asking.completions import token_count
from snakeval.asking.endpoints import Handle
from snakeval.asking.lengths import Fit, as_is
from snakeval.asking.pace import note_pace
from snakeval.asking.request import Listed, Request, Source
from snakeval.asking.shards import WHOLE, Shard
from snakeval.journal.compact import compact
from snakeval.journal.index import JournalIndex, scan
from snakeval.journal.lease import LeaseLost
from snakeval.journal.lines import Positions
from snakeval.journal.writer import JournalWriter
from snakeval.system.surrogates import replaced
from snakeval.types import Generation, Json

log = logging.getLogger(__name__)
# From the positions of the wanted samples that are missing, what the journal had, and where rows go.
SourceOf = Callable[[Positions, JournalIndex, JournalWriter], Source]


def complete(
    requests: Sequence[Request],
    journal: Path,
    handle: Handle,
    limits: Limits,
    shard: Shard = WHOLE,
    fit: Fit = as_is,
) -> JournalIndex:
    """Ask for every request that the journals under `journal` do not answer yet; return their index.

    What is asked is what `fit` makes of a request (see `asking.lengths`).
    """

    def listed(missing: Positions, *_: object) -> Source:
        return Listed((fit(requests[i]) for i in missing), len(missing))

    return complete_from(listed, [request.digest for request in requests], journal, handle, limits, shard)


def complete_from(
    source_of: SourceOf,
    wanted: Sequence[str],
    journal: Path,
    handle: Handle,
    limits: Limits,
    shard: Shard = WHOLE,
) -> JournalIndex:
    """Ask for what a source gives, unless the journals have all `wanted` digests; return their index.

    If there is nothing to ask for the server is not even demanded, so no engine is started; nor is it while
    another job asks for these rows (see `snakeval.journal.lease`).
    """
    compact(journal)
    index = scan(journal)
    if len(index.missing(wanted)) == 0:
        log.info("%d samples wanted, all in the journal", len(wanted))
        return index
    while True:
        try:
            with shard.lease(journal, limits.lease_timeout):
                _ask(source_of, wanted, journal, handle, limits)
            return scan(journal)
        except LeaseLost as loss:
            # Failing would have Snakemake delete the output, which the other job may have written.
            log.warning("%s; waiting for it", loss)


def _ask(
    source_of: SourceOf,
    wanted: Sequence[str],
    journal: Path,
    handle: Handle,
    limits: Limits,
) -> None:
    index = scan(journal)
    missing = index.missing(wanted)
    known = len(wanted) - len(missing)
    log.info("%d samples wanted, %d in the journal, %d to ask for", len(wanted), known, len(missing))
    if len(missing) == 0:
        return
    with JournalWriter(journal) as writer:
        source = source_of(missing, index, writer)
        if source.more():
            asker = Asker(handle, writer, limits, known > 0)
            try:
                asker.run(source)
            finally:
                note_pace(journal, asker.progress)


def rows_of(requests: Sequence[Request], index: JournalIndex) -> Iterator[Generation]:
    """One row a request, in order: the sample, or the last error of one that could not be had."""
    digests = [request.digest for request in requests]
    failed = {int(i) for i in index.missing(digests)}
    causes = index.errors([digests[i] for i in sorted(failed)])
    samples = index.read([digest for i, digest in enumerate(digests) if i not in failed])
    for i, request in enumerate(requests):
        if i in failed:
            yield request.failed(causes.get(request.digest, "transient: not asked"))
        else:
            yield _sample_row(next(samples))


def _sample_row(values: Json) -> Generation:
    """A journalled row as a table can hold it, whatever an earlier version took for one.

    What that did not write is None. A reason to finish that is no text is in no list of good ones.
    """
    known = {name: values[name] for name in Generation.__dataclass_fields__ if name in values}
    known["messages"] = tuple(known["messages"])
    known["prompt_tokens"] = token_count(known["prompt_tokens"])
    known["completion_tokens"] = token_count(known["completion_tokens"])
    if not isinstance(known["finish_reason"], str | None):
        known["finish_reason"] = json.dumps(known["finish_reason"])
    if not isinstance(known["reasoning"], str | None):
        known["reasoning"] = None
    count = known.get("replaced") or 0
    for name in ("text", "reasoning", "finish_reason"):
        known[name], found = replaced(known[name]) if known[name] else (known[name], 0)
        count += found
    return Generation(**{**known, "replaced": count or None})
