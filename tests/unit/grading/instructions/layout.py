"""Instructions about what a text looks like: texts that follow them and texts that do not."""

from __future__ import annotations

from unit.grading.instructions.case import Case

CASES = [
    Case(
        "format:emoji",
        {},
        ["Yes. 😀 No. 😀", "Yes 😀. No ❤️.", "Go 👍🏽! Fly 🇫🇷.", "Yes 👩‍💻"],
        ["Yes. No 😀.", "Yes 😀. No.", "😀 Yes.", "Yes 😀 it is."],
    ),
    Case(
        "format:line_indent",
        {},
        ["a\n b\n  c", "a\n\n  b\n\n     c\n"],
        ["a\nb", "a\n  b\n  c", "  a\n b", "a\n\n\nb"],
    ),
    Case(
        "format:list",
        {"sep": "!?!?"},
        ["!?!? a\n!?!? b", "a !?!? b !?!? c"],
        ["- a\n- b", "!?!? a", "!?! a\n!?! b"],
    ),
    Case("format:newline", {}, ["one\ntwo", "one.\n\ntwo!", "one\n-\ntwo"], ["one two", "one\ntwo three"]),
    Case(
        "format:no_bullets_bullets",
        {},
        ["One. Two.\n* a\n* b", "One.\nTwo.\n\n* a\n* b", "One. Two. Three.\n* a\n * b\n* c"],
        ["One.\n* a\n* b", "One. Two.\n* a", "One. Two.\n* a\nthen\n* b", "* a\n* b\nOne. Two.", "One. Two."],
    ),
    Case("format:no_whitespace", {}, ["all-in-one", "a_b"], ["a b", "a\nb", "a\u00a0b", "a "]),
    Case(
        "format:options",
        {"options": "yes/no/maybe"},
        ["yes", "No.", " MAYBE "],
        ["yes, it is", "yes/no", "perhaps"],
    ),
    Case(
        "format:options",
        {"options": "I know or I don't know"},
        ["I know", "i don't know."],
        ["I know it", "know", "or"],
    ),
    Case(
        "format:options", {"options": "a), b), c), d)"}, ["a)", "d)"], ["a", "A)", "e)", "a) yes", "a), b)"]
    ),
    Case(
        "format:output_template",
        {},
        ["My Answer: a My Conclusion: b Future Outlook: c"],
        ["My Answer: a My Conclusion: b", "my answer: a my conclusion: b future outlook: c"],
    ),
    Case(
        "format:parentheses",
        {},
        ["([{([a])}])", "x (1 (2 (3 (4 (5)))))", "[(]) ([{([a])}])"],
        ["([{(a)}])", "((((( a", "([{([a)}])", "() () () () ()"],
    ),
    Case(
        "format:quotes",
        {},
        ['"a \'b "c" d\' e"', "'a \"b 'c' d\" e'"],
        ["\"a 'b' c\"", '"a" "b" "c"', "no quotes", '"a \'b "c'],
    ),
    Case(
        "format:quote_unquote",
        {},
        ['"a" means b', '"a" is b, "c" is d.', "\u201ca\u201d means b", "no quotes"],
        ['"a" "b" means c', 'He said "a"', 'He said "a".', "\u201ca\u201d \u201cb\u201d and c"],
    ),
    Case(
        "format:sub-bullets",
        {},
        ["* a\n  - b\n* c\n  - d", "* a\n- b"],
        ["* a\n* b\n- c", "* a", "* a\n - b\n* c"],
    ),
    Case(
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
    Case(
        "format:title_case",
        {},
        ["The Big Cat", "NASA Is Here, I Say.", "A 3rd Way"],
        ["The big Cat", "the Big Cat", "The Cat of Rome", "A tHE Cat", "Is a Cat"],
    ),
]
