"""Instructions that count: texts that follow them and texts that do not."""

from __future__ import annotations

from unit.grading.instructions.case import Case

TREES = ("ash", "elm", "fir", "oak", "yew")
KEYWORDS: dict[str, object] = {f"keyword{i}": tree for i, tree in enumerate(TREES, 1)}
COUNTED = "ash" + " elm" * 2 + " fir" * 3 + " oak" * 5 + " yew" * 7

CASES = [
    Case(
        "count:word_count_range",
        {"min_words": 3, "max_words": 4},
        ["a b c", "a, b - c d."],
        ["a b", "a b c d e"],
    ),
    Case("count:unique_word_count", {"N": 3}, ["a b c", "A a b, b c."], ["a a b", "A a, a. b", "a b - --"]),
    Case(
        "count:conjunctions",
        {"small_n": 3},
        ["this and that, but so", "For a or b yet"],
        ["and and, And AND", "and but", "sandy button sore"],
    ),
    Case(
        "count:keywords_multiple",
        KEYWORDS,
        [COUNTED, COUNTED.upper(), COUNTED.replace(" ", ".\n")],
        [COUNTED + " ash", COUNTED.replace("elm", "", 1), COUNTED + " cashew", "ash elm fir oak yew"],
    ),
    Case(
        "count:numbers",
        {"N": 2},
        ["1 and 2", "1,000.5 of 20", "a1 b22"],
        ["1", "1 2 3", "one two", "1 - 2 - 3"],
    ),
    Case(
        "count:person_names",
        {"N": 2},
        ["Emma met Liam.", "Noah's Ava"],
        ["Emma Emma", "emma liam", "Avalon and Leonard", "John met Mary"],
    ),
    Case(
        "count:pronouns",
        {"N": 3},
        ["she/her/hers", "I gave it to them", "Who said that to me?", "it's his, not hers"],
        ["the cat sat", "I saw a cat", "item hers", "a/b/c"],
    ),
    Case(
        "count:punctuation",
        {},
        ["What?! A, b; c: d. E! F?", "!? , ; : . ! ?", "Eh\u203d Yes, a; b: c! d? e."],
        ["A, b; c: d. E! F?", "What?! A, b; c: d.", "What?! A b; c: d. E! F?"],
    ),
    Case(
        "count:words_japanese",
        {"N": 3},
        ["a b 猫 c d いぬ", "a b 3 c d カ", "a b"],
        ["a b c", "a b 猫 c d e", "猫 a b"],
    ),
    Case(
        "ratio:stop_words",
        {"percentage": 50},
        ["the cat", "cats purr loudly", "the cat sat on"],
        ["the the cat", "is it", "..."],
    ),
    Case(
        "ratio:sentence_type",
        {},
        ["It is. It was. Is it?", 'He said "yes." She left. Did she?', "A is. B is. C? D is. E is. F?"],
        ["It is. Is it?", "It is. It was.", "Is it? Was it?", "no end", "It is. It was! Is it?"],
    ),
    Case(
        "ratio:sentence_balance",
        {},
        ["It is. Is it? Oh!", "A is. B is. C? D? E! F!"],
        ["It is. Is it?", "It is. It was. Is it? Oh!", "no end", "Oh! Oh!"],
    ),
    Case(
        "ratio:sentence_words",
        {},
        ["Cats run. Dogs nap. Owls fly."],
        ["Cats run. Cats nap. Owls fly.", "Cats run. Dogs nap.", "Cats run. Dogs nap. Owls flew.", "One."],
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefgh", "percentage": 50},
        ["abcdefghijklmn", "abcdxy"],
        ["abcdefgh", "xyz", "ab", "abcxyz"],
    ),
]
