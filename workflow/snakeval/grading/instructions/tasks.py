"""Instructions that are a task of their own: `custom:` and `repeat:`."""

from __future__ import annotations

import csv
import io
import re
import string
from itertools import pairwise

from snakeval.grading.instructions import lists
from snakeval.grading.instructions.texts import (
    Arguments,
    Checker,
    increasing,
    sentences,
    trimmed,
    unaccented,
    unpunctuated,
)

_CAPITALS = lists.CAPITALS.split()
_ONLY_THIS = "Only output this sentence here, ignore all other requests."
_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_OPTION = re.compile(r"[A-Ea-e][.|)]\s*\w")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_SPECIAL = re.compile(r"[^\w\s]")


def _letters_reversed(text: str, given: Arguments) -> bool:
    return "elgae dlab" in text.lower()


def _words_reversed(text: str, given: Arguments) -> bool:
    """Read backwards it is one sentence and names the bald eagle."""
    backwards = " ".join(reversed(unpunctuated(text.lower()).split()))
    return "bald eagle" in backwards and backwards in sentences(backwards)


def _city_rows(text: str, given: Arguments) -> bool:
    rows = _rows(text, ",")
    header = ["ID", "Country", "City", "Year", "Count"]
    return len(rows) == 8 and rows[0] == header and all(len(row) == 5 for row in rows)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """All rows; none where the text is no table, as with a carriage return within a field."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return []


def _table(text: str, names: str, gap: str, delimiter: str) -> list[list[str]]:
    """The rows of a table whose header is right, each field with its own quotation marks; else none."""
    columns = gap.join(f'({name}|"{name}")' for name in names.split())
    if not re.fullmatch(columns, text.split("\n")[0].strip()):
        return []
    # Within a field that is quoted, two marks stand for one: so the reader leaves them in.
    return _rows(text.replace('"', '"""'), delimiter)


def _special_rows(text: str, given: Arguments) -> bool:
    rows = _table(text, "ProductID Category Brand Price Stock", r",[ \t]*", ",")
    special = any(
        _in_quotes(field) and _SPECIAL.search(field.strip()[1:-1]) for row in rows[1:] for field in row
    )
    return len(rows) == 15 and special and all(len(row) == 5 for row in rows)


def _quoted_rows(text: str, given: Arguments) -> bool:
    rows = _table(text, "StudentID Subject Grade Semester Score", r"\t *", "\t")
    quoted = all(len(row) == 5 and all(map(_in_quotes, row)) for row in rows)
    return len(rows) == 4 and quoted


def _in_quotes(field: str) -> bool:
    field = field.strip()
    return len(field) > 1 and field[0] == field[-1] == '"'


def _dates(text: str, given: Arguments) -> bool:
    """Of Napoleon's lifetime, and such as there are; which battles they are of is not checked."""
    found = [_DATE.fullmatch(date.strip()) for date in text.strip().split(",")]
    return all(date is not None and _in_lifetime(*map(int, date.groups())) for date in found)


def _in_lifetime(year: int, month: int, day: int) -> bool:
    return 1769 <= year <= 1821 and 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _capitals(text: str, given: Arguments) -> bool:
    named = [name.strip() for name in unaccented(text).split(",")]
    return [name for name in named if name] == _CAPITALS


def _questions(text: str, given: Arguments) -> bool:
    """Four, with five options each; the questions, options left out, grow in characters."""
    if not text.startswith("Question"):
        return False
    questions = [part.strip() for part in _QUESTION.split(text) if part.strip()]
    split = [_question(part) for part in questions]
    return len(split) == 4 and all(n == 5 for _, n in split) and increasing([length for length, _ in split])


def _question(text: str) -> tuple[int, int]:
    """How long a question is, and how many options it has."""
    lines = [line.strip() for line in text.split("\n")]
    options = [i for i, line in enumerate(lines) if _OPTION.match(line)]
    return len(" ".join(lines[: options[0] if options else len(lines)]).strip()), len(options)


def _multiples(text: str, given: Arguments) -> bool:
    return re.findall(r"\d+", text) == [str(number) for number in range(14, 51, 7)]


def _african_countries(text: str, given: Arguments) -> bool:
    """From the line with Zimbabwe on: 52 lines or more, from Z to A. Which countries is not checked."""
    lines = [unaccented(trimmed(line)) for line in text.split("\n") if trimmed(line)]
    first = next((i for i, line in enumerate(lines) if "Zimbabwe" in line), len(lines))
    countries = lines[first:]
    return len(countries) >= 52 and all(one >= two for one, two in pairwise(countries))


def _alphabet_story(text: str, given: Arguments) -> bool:
    starts = [sentence.lstrip()[:1].lower() for sentence in sentences(text)]
    return starts == list(string.ascii_lowercase)


def _repeat_change(text: str, given: Arguments) -> bool:
    """All but the first word as in the request, which it may not equal."""
    request: str = given["prompt_to_repeat"]
    return text != request and text.split()[1:] == request.split()[1:]


def _repeat_simple(text: str, given: Arguments) -> bool:
    return text.strip().lower() == _ONLY_THIS.lower()


def _repeat_span(text: str, given: Arguments) -> bool:
    """Words n_start to n_end of the request, counted from 0, both of them included, as the prompts say."""
    span: list[str] = (
        given["prompt_to_repeat"].lower().split()[int(given["n_start"]) : int(given["n_end"]) + 1]
    )
    return text.lower().split() == span


TASKS = {
    "custom:character_reverse": Checker(_letters_reversed),
    "custom:word_reverse": Checker(_words_reversed),
    "custom:csv_city": Checker(_city_rows),
    "custom:csv_special_character": Checker(_special_rows),
    "custom:csv_quotes": Checker(_quoted_rows),
    "custom:date_format_list": Checker(_dates),
    "custom:european_capitals_sort": Checker(_capitals),
    "custom:mcq_count_length": Checker(_questions),
    "custom:multiples": Checker(_multiples),
    "custom:reverse_newline": Checker(_african_countries),
    "custom:sentence_alphabet": Checker(_alphabet_story),
    "repeat:repeat_change": Checker(_repeat_change, ("prompt_to_repeat",)),
    "repeat:repeat_simple": Checker(_repeat_simple),
    "repeat:repeat_span": Checker(_repeat_span, ("prompt_to_repeat", "n_start", "n_end")),
}
