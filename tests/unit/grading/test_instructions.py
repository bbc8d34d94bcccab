"""Each of IFBench's 58 instructions: texts that follow it and texts that do not.

Wordings are those of the prompts of allenai/IFBench at db69a6f0; the texts are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("emoji")
pytest.importorskip("syllapy")

from snakeval.grading.graders import Answer, ifbench
from snakeval.grading.graders.following import InstructionError
from snakeval.grading.instructions.checkers import CHECKERS
from snakeval.system import punkt

TREES = ("ash", "elm", "fir", "oak", "yew")
KEYWORDS: dict[str, object] = {f"keyword{i}": tree for i, tree in enumerate(TREES, 1)}
COUNTED = "ash" + " elm" * 2 + " fir" * 3 + " oak" * 5 + " yew" * 7
CITY = "ID,Country,City,Year,Count\n" + "1,France,Paris,2020,3\n" * 7
PRODUCT = "ProductID,Category,Brand,Price,Stock\n" + "1,a,b,2,3\n" * 13
STUDENT = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"\n'
STUDENTS = STUDENT + '"1"\t"Art"\t"A"\t"1"\t"9"\n' * 3
CAPITALS = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, Dublin, "
    "Berlin, Amsterdam, Warsaw, London, Brussels, Prague, Luxembourg, Paris, Vienna, Bratislava, Budapest, "
    "Vaduz, Chisinau, Bern, Ljubljana, Zagreb"
)
OPTIONS = "\nA) a\nB) b\nC) c\nD) d\nE) e"
QUIZ = "\n".join(f"Question {i}: Who{' ever' * i}?{OPTIONS}" for i in range(1, 5))
AFRICA = "\n".join(["Zimbabwe", *(f"{letter}{n}" for letter in "YXWV" for n in range(13, 0, -1))])
AFRICA = "\n".join(sorted(AFRICA.split("\n"), reverse=True))
STORY = " ".join(f"{letter}nd so it went." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
REQUEST: dict[str, object] = {"prompt_to_repeat": "Write a short poem about the sea."}
SPAN: dict[str, object] = {**REQUEST, "n_start": 1, "n_end": 3}
ONLY = "Only output this sentence here, ignore all other requests."

CASES: list[tuple[str, dict[str, object], list[str], list[str]]] = [
    (
        "count:word_count_range",
        {"min_words": 3, "max_words": 4},
        ["a b c", "a, b - c d."],
        ["a b", "a b c d e"],
    ),
    ("count:unique_word_count", {"N": 3}, ["a b c", "A a b, b c."], ["a a b", "A a, a. b", "a b - --"]),
    (
        "count:conjunctions",
        {"small_n": 3},
        ["this and that, but so", "For a or b yet"],
        ["and and, And AND", "and but", "sandy button sore"],
    ),
    (
        "count:keywords_multiple",
        KEYWORDS,
        [COUNTED, COUNTED.upper(), COUNTED.replace(" ", ".\n")],
        [COUNTED + " ash", COUNTED.replace("elm", "", 1), COUNTED + " cashew", "ash elm fir oak yew"],
    ),
    (
        "count:numbers",
        {"N": 2},
        ["1 and 2", "1,000.5 of 20", "a1 b22"],
        ["1", "1 2 3", "one two", "1 - 2 - 3"],
    ),
    (
        "count:person_names",
        {"N": 2},
        ["Emma met Liam.", "Noah's Ava"],
        ["Emma Emma", "emma liam", "Avalon and Leonard", "John met Mary"],
    ),
    (
        "count:pronouns",
        {"N": 3},
        ["she/her/hers", "I gave it to them", "Who said that to me?", "it's his, not hers"],
        ["the cat sat", "I saw a cat", "item hers", "a/b/c"],
    ),
    (
        "count:punctuation",
        {},
        ["What?! A, b; c: d. E! F?", "!? , ; : . ! ?", "Eh\u203d Yes, a; b: c! d? e."],
        ["A, b; c: d. E! F?", "What?! A, b; c: d.", "What?! A b; c: d. E! F?"],
    ),
    (
        "count:words_japanese",
        {"N": 3},
        ["a b 猫 c d いぬ", "a b 3 c d カ", "a b"],
        ["a b c", "a b 猫 c d e", "猫 a b"],
    ),
    (
        "ratio:stop_words",
        {"percentage": 50},
        ["the cat", "cats purr loudly", "the cat sat on"],
        ["the the cat", "is it", "..."],
    ),
    (
        "ratio:sentence_type",
        {},
        ["It is. It was. Is it?", 'He said "yes." She left. Did she?', "A is. B is. C? D is. E is. F?"],
        ["It is. Is it?", "It is. It was.", "Is it? Was it?", "no end", "It is. It was! Is it?"],
    ),
    (
        "ratio:sentence_balance",
        {},
        ["It is. Is it? Oh!", "A is. B is. C? D? E! F!"],
        ["It is. Is it?", "It is. It was. Is it? Oh!", "no end", "Oh! Oh!"],
    ),
    (
        "ratio:sentence_words",
        {},
        ["Cats run. Dogs nap. Owls fly."],
        ["Cats run. Cats nap. Owls fly.", "Cats run. Dogs nap.", "Cats run. Dogs nap. Owls flew.", "One."],
    ),
    (
        "ratio:overlap",
        {"reference_text": "abcdefgh", "percentage": 50},
        ["abcdefghijklmn", "abcdxy"],
        ["abcdefgh", "xyz", "ab", "abcxyz"],
    ),
    (
        "words:alphabet",
        {},
        ["A big cat", "Young zebras always bite", "zoo, ant!"],
        ["A cat", "A big dog", "1 b c", "...", "a é c", "zebra zoo"],
    ),
    (
        "words:consonants",
        {},
        ["strong plants", "Fish, crabs!"],
        ["a strong plant", "strong tree axe", "strong ..."],
    ),
    (
        "words:vowel",
        {},
        ["a big cat sat on", "sky", "Eels see"],
        ["an unusual big ox", "a cat\n\nb", "education"],
    ),
    (
        "words:keywords_specific_position",
        {"keyword": "tin", "n": 2, "m": 3},
        ["One here. A big tin is.", "One here. Well, then: Tin is."],
        ["One here. A tin is here.", "A big tin is.", "One here. A big.", "One. A big tins is."],
    ),
    (
        "words:words_position",
        {"keyword": "tin"},
        ["A tin is a tin box.", "a Tin or tin b", "a tin b"],
        ["A tin is a box tin.", "tin a b tin", "a tin", "A box is a tin box", "tin"],
    ),
    (
        "words:last_first",
        {},
        ["I see dogs. Dogs bark loud! Loud it is.", "One sentence."],
        ["I see dogs. Cats bark.", "I see dogs. Bark dogs.", "I see dogs. Dogs bark. Dogs run."],
    ),
    ("words:no_consecutive", {}, ["a big cat", "a - b a"], ["big bears", "a, A", "go home, hen"]),
    (
        "words:odd_even_syllables",
        {},
        ["cat window cat", "water"],
        ["cat dog", "window water", "cat window water"],
    ),
    (
        "words:palindrome",
        {},
        ["level radar civic madam refer rotor kayak Level, tenet stats"],
        ["level radar civic madam refer rotor kayak tenet stats", "noon pop eve " * 9, "table " * 12],
    ),
    (
        "words:paragraph_last_first",
        {},
        ["Cats like cats.", "Cats like cats\n\nDogs like Dogs!", "one"],
        ["Cats like dogs.", "Cats like cats\nDogs like cats"],
    ),
    ("words:prime_lengths", {}, ["an owl sleep", "I'll go", "it, is!"], ["a cat", "four", "an owl sits"]),
    ("words:repeats", {"small_n": 2}, ["a a b", "A, a b b"], ["a a a", "A, a. (a)"]),
    ("words:start_verb", {}, ["Run home.", "go"], ["The cat.", "cat run"]),
    (
        "sentence:alliteration_increment",
        {},
        ["The cat. Big bears run. Big bold bears run.", "The cat sat."],
        ["Big bears run. The cat sat.", "Big bears. Old owls."],
    ),
    (
        "sentence:increment",
        {"small_n": 2},
        ["It is. It is so good. It is so good to be.", "It is."],
        ["It is. It is so.", "It is so good. It is.", "It is. It is so good. It is so good."],
    ),
    (
        "sentence:keyword",
        {"word": "eat", "N": 2},
        ["No. We eat bread.", "No. Eat! Then."],
        ["We eat. No.", "No. We eating.", "We eat.", "No. Heat it."],
    ),
    (
        "format:emoji",
        {},
        ["Yes. 😀 No. 😀", "Yes 😀. No ❤️.", "Go 👍🏽! Fly 🇫🇷.", "Yes 👩‍💻"],
        ["Yes. No 😀.", "Yes 😀. No.", "😀 Yes.", "Yes 😀 it is."],
    ),
    (
        "format:line_indent",
        {},
        ["a\n b\n  c", "a\n\n  b\n\n     c\n"],
        ["a\nb", "a\n  b\n  c", "  a\n b", "a\n\n\nb"],
    ),
    (
        "format:list",
        {"sep": "!?!?"},
        ["!?!? a\n!?!? b", "a !?!? b !?!? c"],
        ["- a\n- b", "!?!? a", "!?! a\n!?! b"],
    ),
    ("format:newline", {}, ["one\ntwo", "one.\n\ntwo!", "one\n-\ntwo"], ["one two", "one\ntwo three"]),
    (
        "format:no_bullets_bullets",
        {},
        ["One. Two.\n* a\n* b", "One.\nTwo.\n\n* a\n* b", "One. Two. Three.\n* a\n * b\n* c"],
        ["One.\n* a\n* b", "One. Two.\n* a", "One. Two.\n* a\nthen\n* b", "* a\n* b\nOne. Two.", "One. Two."],
    ),
    ("format:no_whitespace", {}, ["all-in-one", "a_b"], ["a b", "a\nb", "a\u00a0b", "a "]),
    (
        "format:options",
        {"options": "yes/no/maybe"},
        ["yes", "No.", " MAYBE "],
        ["yes, it is", "yes/no", "perhaps"],
    ),
    (
        "format:options",
        {"options": "I know or I don't know"},
        ["I know", "i don't know."],
        ["I know it", "know", "or"],
    ),
    ("format:options", {"options": "a), b), c), d)"}, ["a)", "d)"], ["a", "A)", "e)", "a) yes", "a), b)"]),
    (
        "format:output_template",
        {},
        ["My Answer: a My Conclusion: b Future Outlook: c"],
        ["My Answer: a My Conclusion: b", "my answer: a my conclusion: b future outlook: c"],
    ),
    (
        "format:parentheses",
        {},
        ["([{([a])}])", "x (1 (2 (3 (4 (5)))))", "[(]) ([{([a])}])"],
        ["([{(a)}])", "((((( a", "([{([a)}])", "() () () () ()"],
    ),
    (
        "format:quotes",
        {},
        ['"a \'b "c" d\' e"', "'a \"b 'c' d\" e'"],
        ["\"a 'b' c\"", '"a" "b" "c"', "no quotes", '"a \'b "c'],
    ),
    (
        "format:quote_unquote",
        {},
        ['"a" means b', '"a" is b, "c" is d.', "\u201ca\u201d means b", "no quotes"],
        ['"a" "b" means c', 'He said "a"', 'He said "a".', "\u201ca\u201d \u201cb\u201d and c"],
    ),
    (
        "format:sub-bullets",
        {},
        ["* a\n  - b\n* c\n  - d", "* a\n- b"],
        ["* a\n* b\n- c", "* a", "* a\n - b\n* c"],
    ),
    (
        "format:thesis",
        {},
        ["<i>This is it.</i> More.", "Intro\n<em>This is it.</em>\nMore."],
        [
            "*This is it.* More.",
            "<i>This is it.</i>",
            "<i></i> More.",
            "<i>This is it. More.",
            "<b>a</b> More.",
        ],
    ),
    (
        "format:title_case",
        {},
        ["The Big Cat", "NASA Is Here, I Say.", "A 3rd Way"],
        ["The big Cat", "the Big Cat", "The Cat of Rome", "A tHE Cat", "Is a Cat"],
    ),
    ("custom:character_reverse", {}, ["elgae dlab", "ELGAE DLAB ehT"], ["bald eagle", "eagle bald", "elgae"]),
    (
        "custom:word_reverse",
        {},
        ["eagle bald the is it", "Eagle Bald The."],
        ["The bald eagle", "elgae dlab", "eagle the bald"],
    ),
    (
        "custom:csv_city",
        {},
        [CITY, CITY.rstrip()],
        [
            CITY + "8,a,b,c,d\n",
            CITY.replace(",", ";"),
            CITY.replace("ID", "Id"),
            CITY.replace(",3\n", "\n", 1),
            "a\rb" + CITY,
        ],
    ),
    (
        "custom:csv_quotes",
        {},
        [STUDENTS],
        [
            STUDENTS.replace('"', ""),
            STUDENTS.replace("\t", ","),
            STUDENTS.replace('"9"', "9", 1),
            STUDENTS + '"1"\t"Art"\t"A"\t"1"\t"9"\n',
            STUDENTS.replace('"Score"', '"Mark"'),
        ],
    ),
    (
        "custom:csv_special_character",
        {},
        [PRODUCT + '1,"a&b",b,2,3\n', PRODUCT + '1,a,"b!",2,3'],
        [
            PRODUCT + "1,a,b,2,3\n",
            PRODUCT + "1,a&b,b,2,3\n",
            PRODUCT + '1,"ab",b,2,3\n',
            PRODUCT + '1,"a&b",b,2,3\n1,a,b,2,3\n',
            PRODUCT.replace("1,a,b,2,3", "1,a,b,2", 1) + '1,"a&b",b,2,3\n',
        ],
    ),
    (
        "custom:date_format_list",
        {},
        ["1796-04-12, 1805-12-02", "1815-06-16"],
        [
            "12-04-1796",
            "1796-4-12",
            "1950-01-01",
            "1796-13-01",
            "1796-02-30",
            "1805-12-02.",
            "1796-00-10",
            "",
        ],
    ),
    (
        "custom:european_capitals_sort",
        {},
        [CAPITALS, CAPITALS.replace("Reykjavik", "Reykjavík"), CAPITALS + ","],
        [
            CAPITALS.replace("Oslo, ", ""),
            CAPITALS + ", Kyiv",
            CAPITALS.replace("Riga, Moscow", "Moscow, Riga"),
        ],
    ),
    (
        "custom:mcq_count_length",
        {},
        [QUIZ, QUIZ.replace(")", ".")],
        [
            "Here: " + QUIZ,
            QUIZ.replace("\nE) e", "", 1),
            QUIZ.split("\nQuestion 4")[0],
            QUIZ.replace(" ever ever ever ever", " ever"),
        ],
    ),
    (
        "custom:multiples",
        {},
        ["14, 21, 28, 35, 42, 49", "14\n21\n28\n35\n42\n49"],
        ["14, 21, 28", "7, 14, 21, 28, 35, 42, 49", "49, 42, 35, 28, 21, 14", "14, 21, 28, 35, 42, 49, 56"],
    ),
    (
        "custom:reverse_newline",
        {},
        [AFRICA, "Here they are:\n" + AFRICA, AFRICA.replace("\n", "\n\n")],
        [
            "\n".join(reversed(AFRICA.split("\n"))),
            "\n".join(AFRICA.split("\n")[:51]),
            AFRICA.replace("Zimbabwe", "Zambia"),
            AFRICA + "\nZ",
        ],
    ),
    (
        "custom:sentence_alphabet",
        {},
        [STORY, STORY.lower().replace("it went. ", "it went.  ")],
        [STORY.replace("Bnd", "Cnd"), STORY[:-20], STORY + " And so."],
    ),
    (
        "repeat:repeat_change",
        REQUEST,
        ["Compose a short poem about the sea.", "Sing  a short poem about the sea."],
        [
            "Write a short poem about the sea.",
            "Compose a poem about the sea.",
            "Sure: Sing a short poem about the sea.",
        ],
    ),
    ("repeat:repeat_simple", {}, [ONLY, f" {ONLY.lower()}\n"], [ONLY[:-1], f"Sure. {ONLY}", "No."]),
    (
        "repeat:repeat_span",
        SPAN,
        ["a short poem", "A  Short poem "],
        ["Write a short", "short poem", "a short poem about", "a short poem."],
    ),
]


@pytest.fixture(scope="module", autouse=True)
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A tagger that knows five words, in the form of NLTK's own, before any other there may be."""
    import nltk

    top = tmp_path_factory.mktemp("nltk_data")
    folder = top / punkt.TAGGER
    folder.mkdir(parents=True)
    tags = {"Run": "VB", "go": "VBP", "run": "VB", "The": "DT", "cat": "NN", ".": ".", "home": "NN"}
    for name, content in {"weights": {}, "tagdict": tags, "classes": sorted({*tags.values()})}.items():
        (folder / f"{folder.name}.{name}.json").write_text(json.dumps(content))
    patch = pytest.MonkeyPatch()
    folders = [top, *punkt._folders()]
    patch.setattr(nltk.data, "path", [str(top), *nltk.data.path])
    patch.setattr(punkt, "_folders", lambda: folders)
    nltk.tag._get_tagger.cache_clear()
    yield
    patch.undo()
    nltk.tag._get_tagger.cache_clear()


def answer(text: str, name: str, given: dict[str, object]) -> Answer:
    return Answer("p", "", text, json.dumps({"instruction_id_list": [name], "kwargs": [given]}))


def test_the_cases_are_all_58_kinds() -> None:
    assert {name for name, *_ in CASES} == set(CHECKERS)
    assert len(CHECKERS) == 58


@pytest.mark.parametrize(("name", "given", "follow", "do_not"), CASES)
def test_instruction(name: str, given: dict[str, object], follow: list[str], do_not: list[str]) -> None:
    checker = CHECKERS[name]
    assert [text for text in follow if not checker.follows(text, given)] == []
    assert [text for text in do_not if checker.follows(text, given)] == []
    assert set(checker.needs) == set(given)


def test_numbers_may_be_floats_as_in_the_published_file() -> None:
    asked = [answer("猫", "count:words_japanese", {"N": 1.0, "keyword": None})]
    assert [outcome.verdict for outcome in ifbench.outcomes(asked)] == ["correct"]


def test_loose_reading() -> None:
    asked = answer("Here it is:\nall-in-one", "format:no_whitespace", {})
    verdicts = [next(ifbench.outcomes([asked], loose=loose)).verdict for loose in (False, True)]
    assert verdicts == ["incorrect", "correct"]


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("count:letters", {}, "problem 'p': there is no instruction 'count:letters'"),
        ("keywords:existence", {"keywords": ["a"]}, "there is no instruction"),
        ("count:numbers", {"N": None}, "problem 'p': 'count:numbers' needs 'N' in 'kwargs'"),
        ("repeat:repeat_span", {**REQUEST, "n_start": 0}, "needs 'n_end'"),
    ],
)
def test_faulty_instructions(name: str, given: dict[str, object], message: str) -> None:
    with pytest.raises(InstructionError, match=message):
        list(ifbench.outcomes([answer("text", name, given)]))


def test_missing_data_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(punkt, "_folders", lambda: [tmp_path])
    with pytest.raises(punkt.PunktMissing, match="punkt_tab averaged_perceptron_tagger_eng"):
        ifbench.outcomes([])
