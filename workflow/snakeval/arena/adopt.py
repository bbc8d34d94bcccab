"""Verdicts of a finished file of judgments, for a job whose journal was not copied along with that file.

They count where the file says that the same judge gave them, read the same way and served the same way; each
is that of a chat, whole, so that a game with another answer or another wording is played anew.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

from snakeval.config import Config
from snakeval.dag import identity
from snakeval.dag.finished import JUDGED
from snakeval.judging.bench import Chat, chat_of
from snakeval.judging.judgments import read_lines
from snakeval.system import origin
from snakeval.types import Json

log = logging.getLogger(__name__)


def finished_verdicts(
    config: Config, judge: str, journal: Path, serving: Path
) -> dict[Chat, tuple[str, str]]:
    """The label and the text of each game of the finished file that lies in a journal's folder, if one does.

    The file is removed, as a job asks for what it cannot take from it.
    """
    path = journal / JUDGED
    if not path.is_file():
        return {}
    try:
        found = dict(_verdicts(path)) if _same_judge(path, config, judge, serving) else {}
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        log.warning("%s: no file of judgments, which are asked for again: %s", path, error)
        found = {}
    for each in (path, origin.beside(path)):
        each.unlink(missing_ok=True)
    return found


def _same_judge(path: Path, config: Config, judge: str, serving: Path) -> bool:
    said = origin.read(str(path))
    if said is None or said.inputs is None:
        return False
    spec: Json = json.loads(said.spec)
    served = origin.digest(str(serving))
    now = json.loads(identity.dumps(identity.judge(config, judge)))
    same = spec.get("version") == identity.VERSIONS["arena_judge"] and spec.get("judge") == now
    return same and served is not None and said.inputs.get(str(serving)) == served


def _verdicts(path: Path) -> Iterator[tuple[Chat, tuple[str, str]]]:
    for line in read_lines(path):
        for game in json.loads(line)["games"]:
            if game["score"] is not None and isinstance(game["judgment"], str) and game["prompt"]:
                yield chat_of(game["prompt"]), (game["score"], game["judgment"])
