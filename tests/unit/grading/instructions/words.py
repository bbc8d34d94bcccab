"""Instructions about words and sentences: texts that follow them and texts that do not."""

from __future__ import annotations

from unit.grading.instructions.case import Case

CASES = [
    Case(
        "words:alphabet",
        {},
        ["A big cat", "Young zebras always bite", "zoo, ant!"],
        ["A cat", "A big dog", "1 b c", "...", "a é c", "zebra zoo"],
    ),
    Case(
        "words:consonants",
        {},
        ["strong plants", "Fish, crabs!"],
        ["a strong plant", "strong tree axe", "strong ..."],
    ),
    Case(
        "words:vowel",
        {},
        ["a big cat sat on", "sky", "Eels see"],
        ["an unusual big ox", "a cat\n\nb", "education"],
    ),
    Case(
        "words:keywords_specific_position",
        {"keyword": "tin", "n": 2, "m": 3},
        ["One here. A big tin is.", "One here. Well, then: Tin is."],
        ["One here. A tin is here.", "A big tin is.", "One here. A big.", "One. A big tins is."],
    ),
    Case(
        "words:words_position",
        {"keyword": "tin"},
        ["A tin is a tin box.", "a Tin or tin b", "a tin b"],
        ["A tin is a box tin.", "tin a b tin", "a tin", "A box is a tin box", "tin"],
    ),
    Case(
        "words:last_first",
        {},
        ["I see dogs. Dogs bark loud! Loud it is.", "One sentence."],
        ["I see dogs. Cats bark.", "I see dogs. Bark dogs.", "I see dogs. Dogs bark. Dogs run."],
    ),
    Case("words:no_consecutive", {}, ["a big cat", "a - b a"], ["big bears", "a, A", "go home, hen"]),
    Case(
        "words:odd_even_syllables",
        {},
        ["cat window cat", "water"],
        ["cat dog", "window water", "cat window water"],
    ),
    Case(
        "words:palindrome",
        {},
        ["level radar civic madam refer rotor kayak Level, tenet stats"],
        ["level radar civic madam refer rotor kayak tenet stats", "noon pop eve " * 9, "table " * 12],
    ),
    Case(
        "words:paragraph_last_first",
        {},
        ["Cats like cats.", "Cats like cats\n\nDogs like Dogs!", "one"],
        ["Cats like dogs.", "Cats like cats\nDogs like cats"],
    ),
    Case("words:prime_lengths", {}, ["an owl sleep", "I'll go", "it, is!"], ["a cat", "four", "an owl sits"]),
    Case("words:repeats", {"small_n": 2}, ["a a b", "A, a b b"], ["a a a", "A, a. (a)"]),
    Case("words:start_verb", {}, ["Run home.", "go"], ["The cat.", "cat run"]),
    Case(
        "sentence:alliteration_increment",
        {},
        ["The cat. Big bears run. Big bold bears run.", "The cat sat."],
        ["Big bears run. The cat sat.", "Big bears. Old owls."],
    ),
    Case(
        "sentence:increment",
        {"small_n": 2},
        ["It is. It is so good. It is so good to be.", "It is."],
        ["It is. It is so.", "It is so good. It is.", "It is. It is so good. It is so good."],
    ),
    Case(
        "sentence:keyword",
        {"word": "eat", "N": 2},
        ["No. We eat bread.", "No. Eat! Then."],
        ["We eat. No.", "No. We eating.", "We eat.", "No. Heat it."],
    ),
]
