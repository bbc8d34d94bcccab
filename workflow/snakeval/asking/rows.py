"""Rows that a job wants, completed from its journals and, for what is missing, from the server."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from snakeval.answers.finish import ending
from snakeval.asking.adopt import adopt
from snakeval.asking.ask import Asker, Limits
from snakeval.asking.completions import token_count
from snakeval.asking.endpoints import Handle
from snakeval.asking.heard import Heard
from snakeval.asking.lengths import Fit, as_is
from snakeval.asking.note import Noter, read_note
from snakeval.asking.pace import note_pace
from snakeval.asking.request import Listed, Request, Source
from snakeval.asking.shards import WHOLE, Shard
from snakeval.journal.checksums import Positions
from snakeval.journal.compact import compact
from snakeval.journal.index import JournalIndex, RowsChanged, scan
from snakeval.journal.lease import LeaseLost
from snakeval.journal.writer import JournalWriter
from snakeval.system.surrogates import replaced
from snakeval.types import Generation, Json

log = logging.getLogger(__name__)
TEXTS = ("reasoning", "model", "system_fingerprint", "other_model")
Taken = TypeVar("Taken")
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
                _ask(source_of, wanted, journal, handle, limits, shard.folder(journal))
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
    folder: Path,
) -> None:
    adopt(journal)
    index = scan(journal)
    missing = index.missing(wanted)
    known = len(wanted) - len(missing)
    log.info("%d samples wanted, %d in the journal, %d to ask for", len(wanted), known, len(missing))
    if len(missing) == 0:
        return
    errors = index.errors([wanted[i] for i in missing])
    refused = [digest for digest, error in errors.items() if error.startswith("permanent")]
    with JournalWriter(journal) as writer:
        source = source_of(missing, index, writer)
        if source.more():
            noter = Noter(folder, len(wanted), known, read_note(folder))
            asker = Asker(handle, writer, limits, Heard(source.total, known > 0, refused), noter)
            try:
                asker.run(source)
            finally:
                note_pace(journal, asker.progress)


def finished(
    requests: Sequence[Request],
    finish: Callable[[Sequence[Request]], JournalIndex],
    take: Callable[[Iterator[Generation]], Taken],
) -> Taken:
    """What `take` makes of the rows of all requests, in order, once `finish` has asked for those missing.

    Only who reads a row sees that it is of no use. It is asked for then, and all rows are taken once more.
    """
    index, useless = finish(requests), list[Request]()
    try:
        taken = take(rows_of(requests, index, useless))
    except RowsChanged as changed:
        log.warning("%s; what is missing now is asked for again", changed)
        index, useless = finish(requests), []
        taken = take(rows_of(requests, index, useless))
    if not useless:
        return taken
    log.warning("%d rows of the journal are of no use and asked for again", len(useless))
    return take(rows_of(requests, finish(useless)))


def rows_of(
    requests: Sequence[Request], index: JournalIndex, useless: list[Request] | None = None
) -> Iterator[Generation]:
    """One row a request, in order: the sample, or the last error of one that could not be had.

    What is to be asked for in place of rows that are of no use is added to `useless`.
    """
    digests = [request.digest for request in requests]
    failed = {int(i) for i in index.missing(digests)}
    causes = index.errors([digests[i] for i in sorted(failed)])
    samples = index.read([digest for i, digest in enumerate(digests) if i not in failed])
    named: set[Path] = set()
    for i, request in enumerate(requests):
        if i in failed:
            yield request.failed(causes.get(request.digest, "transient: not asked"))
            continue
        row = sample_row(request, next(samples))
        if row is None:
            path = index.file_of(request.digest)
            if path not in named:
                log.warning("%s: the row of %s is of no use", path, request.digest)
                named.add(path)
            row, second = _second(request, index)
            if row.error is not None and useless is not None:
                useless.append(second)
        yield row


def in_place(requests: Sequence[Request], index: JournalIndex) -> list[Request]:
    """The requests, each of which has a row that is of no use replaced by the one that is asked for it."""
    missing = {int(i) for i in index.missing([request.digest for request in requests])}
    known = index.read([request.digest for i, request in enumerate(requests) if i not in missing])
    return [
        request if i in missing or sample_row(request, next(known)) else again(request)
        for i, request in enumerate(requests)
    ]


def again(request: Request) -> Request:
    """The same request under another digest, for one whose row is of no use: the first row is what counts."""
    return replace(request, digest=f"{int(request.digest, 16) ^ (1 << 128) - 1:032x}")


def _second(request: Request, index: JournalIndex) -> tuple[Generation, Request]:
    """The row that came in place of one that is of no use, or the error of that; and its request."""
    second = again(request)
    if not len(index.missing([second.digest])):
        row = sample_row(request, next(index.read([second.digest])))
        if row is not None:
            return row, second
    causes = index.errors([second.digest])
    return request.failed(causes.get(second.digest, "transient: its journalled row is of no use")), second


def sample_row(request: Request, values: Json) -> Generation | None:
    """A journalled row as a table can hold it, whatever an earlier version took for one; None for no use.

    Of use is one with a text that came to a good end. What the request knows is taken from it, anything else
    that the row has not, or in another type, is None.
    """
    text, reason = values.get("text"), values.get("finish_reason", 0)
    usable = isinstance(text, str) and isinstance(reason, str | None) and values.get("error") is None
    if not usable or ending(reason) == "failed":
        return None
    count = token_count(values.get("replaced")) or 0
    texts = {"text": text, "finish_reason": reason, **{name: values.get(name) for name in TEXTS}}
    for name, value in texts.items():
        texts[name], found = replaced(value) if isinstance(value, str) else (None, 0)
        count += found
    seconds = values.get("seconds")
    return Generation(
        problem_id=request.problem_id,
        sample_index=request.sample_index,
        digest=request.digest,
        messages=request.messages,
        seed=request.seed,
        prompt_tokens=token_count(values.get("prompt_tokens")),
        completion_tokens=token_count(values.get("completion_tokens")),
        seconds=float(seconds) if isinstance(seconds, float | int) else None,
        replaced=count or None,
        **texts,
    )
