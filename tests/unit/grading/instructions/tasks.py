"""Instructions that are a task of their own: texts that follow them and texts that do not."""

from __future__ import annotations

from unit.grading.instructions.case import Case

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
AFRICA = "\n".join(
    sorted(["Zimbabwe", *(f"{letter}{n}" for letter in "YXWV" for n in range(1, 14))], reverse=True)
)
STORY = " ".join(f"{letter}nd so it went." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
REQUEST: dict[str, object] = {"prompt_to_repeat": "Write a short poem about the sea."}
SPAN: dict[str, object] = {**REQUEST, "n_start": 1, "n_end": 3}
ONLY = "Only output this sentence here, ignore all other requests."

CASES = [
    Case(
        "custom:character_reverse",
        {},
        ["elgae dlab", "ELGAE DLAB ehT"],
        ["bald eagle", "eagle bald", "elgae"],
    ),
    Case(
        "custom:word_reverse",
        {},
        ["eagle bald the is it", "Eagle Bald The."],
        ["The bald eagle", "elgae dlab", "eagle the bald"],
    ),
    Case(
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
    Case(
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
    Case(
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
    Case(
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
    Case(
        "custom:european_capitals_sort",
        {},
        [CAPITALS, CAPITALS.replace("Reykjavik", "Reykjavík"), CAPITALS + ","],
        [
            CAPITALS.replace("Oslo, ", ""),
            CAPITALS + ", Kyiv",
            CAPITALS.replace("Riga, Moscow", "Moscow, Riga"),
        ],
    ),
    Case(
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
    Case(
        "custom:multiples",
        {},
        ["14, 21, 28, 35, 42, 49", "14\n21\n28\n35\n42\n49"],
        ["14, 21, 28", "7, 14, 21, 28, 35, 42, 49", "49, 42, 35, 28, 21, 14", "14, 21, 28, 35, 42, 49, 56"],
    ),
    Case(
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
    Case(
        "custom:sentence_alphabet",
        {},
        [STORY, STORY.lower().replace("it went. ", "it went.  ")],
        [STORY.replace("Bnd", "Cnd"), STORY[:-20], STORY + " And so."],
    ),
    Case(
        "repeat:repeat_change",
        REQUEST,
        ["Compose a short poem about the sea.", "Sing  a short poem about the sea."],
        [
            "Write a short poem about the sea.",
            "Compose a poem about the sea.",
            "Sure: Sing a short poem about the sea.",
        ],
    ),
    Case("repeat:repeat_simple", {}, [ONLY, f" {ONLY.lower()}\n"], [ONLY[:-1], f"Sure. {ONLY}", "No."]),
    Case(
        "repeat:repeat_span",
        SPAN,
        ["a short poem", "A  Short poem "],
        ["Write a short", "short poem", "a short poem about", "a short poem."],
    ),
]
