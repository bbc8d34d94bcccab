"""Instructions about what a text looks like: `format:`."""

from __future__ import annotations

import importlib
import re
import string
from typing import Any

from snakeval.grading.instructions.texts import (
    Arguments,
    Checker,
    increasing,
    sentences,
    tokens,
    trimmed,
    unpunctuated,
)

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_STRAIGHT = str.maketrans("\u201c\u201d", '""')
_LETTERS = re.compile(r"\W*a\W*b\W*c\W*", re.IGNORECASE)
_OPENS, _CLOSES = ("<i>", "<em>"), ("</i>", "</em>")
_TEMPLATE = ("My Answer:", "My Conclusion:", "Future Outlook:")


def _emoji(text: str, given: Arguments) -> bool:
    """At the end of each sentence, or where the next one begins: NLTK cuts before an emoji."""
    stripped = [unpunctuated(sentence).strip() for sentence in sentences(text)]
    ends, begins = zip(*map(_emoji_at_ends, stripped), strict=True)
    return all(stripped) and all(map(any, zip(ends, [*begins[1:], False], strict=True)))


def _emoji_at_ends(text: str) -> tuple[bool, bool]:
    """Whether a text ends in an emoji, of several characters perhaps, and whether it begins with one."""
    found: list[dict[str, Any]] = importlib.import_module("emoji").emoji_list(text)
    return bool(found) and found[-1]["match_end"] == len(text), bool(found) and found[0]["match_start"] == 0


def _stairs(text: str, given: Arguments) -> bool:
    """Each line that is not blank is indented by more spaces than the one before."""
    return increasing([len(line) - len(line.lstrip(" ")) for line in text.split("\n") if line.strip()])


def _separators(text: str, given: Arguments) -> bool:
    """The mark stands there twice, wherever."""
    return text.count(given["sep"]) >= 2


def _word_a_line(text: str, given: Arguments) -> bool:
    return all(len(line.split()) <= 1 for line in unpunctuated(text).split("\n"))


def _sentences_then_bullets(text: str, given: Arguments) -> bool:
    """Two sentences or more, then nothing but two bullets or more. A blank line after them is no bullet."""
    lines = [line.strip() for line in text.split("\n")]
    first = next((i for i, line in enumerate(lines) if line.startswith("*")), len(lines))
    bullets = lines[first:]
    before = sum(len(sentences(line)) for line in lines[:first])
    return before >= 2 and len(bullets) >= 2 and all(line.startswith("*") for line in bullets)


def _no_whitespace(text: str, given: Arguments) -> bool:
    return not any(map(str.isspace, text))


def _options(text: str, given: Arguments) -> bool:
    """One of them, whatever its case and punctuation; letters (`a), b), c)`) exactly as they are given."""
    options = given["options"]
    separator = next((each for each in ("/", "or") if each in options), ",")
    allowed = [option.strip() for option in options.split(separator)]
    if _LETTERS.match(options):
        return text in allowed
    return trimmed(text).lower() in [trimmed(option).lower() for option in allowed]


def _template(text: str, given: Arguments) -> bool:
    return all(part in text for part in _TEMPLATE)


def _nested_brackets(text: str, given: Arguments) -> bool:
    """Five deep, and the innermost is closed. A bracket that closes another's begins the count anew."""
    open_: list[str] = []
    deepest = 0
    for character in text:
        if character in _CLOSING:
            open_.append(character)
            deepest = max(deepest, len(open_))
        elif character in _CLOSING.values():
            if not open_ or _CLOSING[open_.pop()] != character:
                open_, deepest = [], 0
            elif deepest >= 5:
                return True
    return False


def _nested_quotes(text: str, given: Arguments) -> bool:
    """Three levels of `"` and `'` by turns, closed again. An apostrophe is taken for a quote."""
    open_: list[str] = []
    deepest = 0
    for character in text:
        if open_ and character == open_[-1]:
            open_.pop()
            if deepest - len(open_) >= 3:
                return True
        elif character in "\"'":
            open_.append(character)
            deepest = max(deepest, len(open_))
    return False


def _explained_quotes(text: str, given: Arguments) -> bool:
    """No two quotes side by side, and none at the end."""
    text = "".join(text.translate(_STRAIGHT).replace("'\"'", "").split())
    rest = text.strip(string.digits + string.punctuation.replace('"', ""))
    return '""' not in text and not rest.endswith('"')


def _sub_bullets(text: str, given: Arguments) -> bool:
    """After each `*` comes a `-` before the next. A text without any follows: published loose scores, of
    texts without their asterisks, rest on that.
    """
    return all("-" in bullet for bullet in text.split("*")[1:])


def _thesis(text: str, given: Arguments) -> bool:
    """Something in <i> or <em> with something after it."""
    start = next((found for tag in _OPENS if (found := text.find(tag)) >= 0), None)
    if start is None:
        return False
    end = next((found for tag in _CLOSES if (found := text.find(tag, start)) >= 0), None)
    return end is not None and bool(text[start + 3 : end].strip()) and bool(text[end + 4 :].strip())


def _title_case(text: str, given: Arguments) -> bool:
    """No word is in small letters; the authors ask that of minor words, too."""
    words = [word for word in tokens(text) if word[0].isalpha()]
    return not any(word[0].islower() and (len(word) == 1 or _one_case(word[1:])) for word in words)


def _one_case(text: str) -> bool:
    return text.islower() or text.isupper()


FORMATS = {
    "format:emoji": Checker(_emoji),
    "format:line_indent": Checker(_stairs),
    "format:list": Checker(_separators, ("sep",)),
    "format:newline": Checker(_word_a_line),
    "format:no_bullets_bullets": Checker(_sentences_then_bullets),
    "format:no_whitespace": Checker(_no_whitespace),
    "format:options": Checker(_options, ("options",)),
    "format:output_template": Checker(_template),
    "format:parentheses": Checker(_nested_brackets),
    "format:quotes": Checker(_nested_quotes),
    "format:quote_unquote": Checker(_explained_quotes),
    "format:sub-bullets": Checker(_sub_bullets),
    "format:thesis": Checker(_thesis),
    "format:title_case": Checker(_title_case),
}
