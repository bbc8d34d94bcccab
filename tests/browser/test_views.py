"""Each view in a real browser, from file://: what it shows and where its links lead."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from browser.visit import Visit
from site_files import SLUGS

AGENT = SLUGS[2]
SAMPLE = f"#/sample/sums/{AGENT}/p0/0"
# Place, its heading, and a text that stands in it.
VIEWS = [
    ("", "Overview", "pass@1 in percent"),
    ("#/overview?metric=best", "Overview", "largest k"),
    ("#/model/base", "Base <b>model</b>", "resolved revision"),
    ("#/benchmark/sums", "Sums", "Solve rate by problem"),
    ("#/benchmark/sums?grader=answers", "Sums", "By kind of problem"),
    ("#/samples/sums/base", "Base <b>model</b> on Sums", "144 of 144 samples"),
    (SAMPLE, "p0, sample 0", "Golden answer"),
    ("#/compare/sums/math/tuned/base", "Tuned against Base <b>model</b>", "minimum detectable effect"),
    ("#/checkpoints", "Checkpoints", "from Base"),
    ("#/arena/0", "Duel, judged by pairs", "other preference when the places are exchanged"),
    ("#/anomalies", "Anomalies", "2 problems ask the same"),
    ("#/nowhere", "There is no such page", "nowhere"),
    ("#/sample/sums/base/none/0", "No such sample", "none"),
    ("#/sample/none/base/p0/0", "No such samples", "none"),
    ("#/model/none", "No such model", "none"),
    ("#/%E0%A4%A", "There is no such page", ""),
]


@pytest.mark.parametrize(("place", "title", "text"), VIEWS)
def test_a_view_can_be_opened_by_its_link(visit: Visit, place: str, title: str, text: str) -> None:
    page = visit.open(place, title)
    assert text in page.inner_text("main")


def test_a_score_leads_to_its_samples_and_a_mark_to_its_cause(visit: Visit) -> None:
    page = visit.open()
    page.click("a.flag >> text=truncated")
    page.wait_for_selector(".view.samples")
    page.wait_for_selector("text=36 of 144 samples")
    page.go_back()
    page.wait_for_selector(".view.overview")
    page.locator("a.score").nth(0).click()
    page.wait_for_selector("text=144 of 144 samples")


def test_the_overview_sorts_and_filters(visit: Visit) -> None:
    page = visit.open()
    names = page.locator("table tbody tr td:first-child")
    page.click("th >> text=Sums (math)")
    assert names.all_inner_texts() == ["Solver", "Tuned", "Base <b>model</b>"]
    page.click("th >> text=Sums (math)")
    assert names.all_inner_texts() == ["Base <b>model</b>", "Tuned", "Solver"]
    page.fill("input[type=search]", "tun")
    page.wait_for_function("() => document.querySelectorAll('.scores tbody tr').length === 1")
    page.select_option("select >> nth=1", "secret")
    page.wait_for_function("() => !document.querySelector('.scores th:nth-child(4)')")


def test_a_sample_shows_all_that_was_made_of_it(visit: Visit) -> None:
    page = visit.open(SAMPLE)
    page.wait_for_selector(".rich .katex")
    assert page.locator("mark.extracted, .formula.extracted").last.inner_text().strip().startswith("1")
    assert page.locator(".golden .rich").inner_text().strip() == "1"
    assert [text.split()[0] for text in page.locator(".grade h3").all_inner_texts()] == ["math", "answers"]
    assert "I compare." in page.inner_text(".grade >> nth=1")
    folded = page.locator("summary >> text=Reasoning")
    assert folded.first.evaluate("node => !node.parentElement.open")
    page.wait_for_selector("pre.code .hljs-keyword")
    turns = page.locator("section >> text=Turns of the agent: 3").locator("..").locator("> details")
    assert [text.split(":")[0] for text in turns.locator("> summary").all_inner_texts()] == [
        *("generate 0", "evaluate 1", "refine 2")
    ]
    page.uncheck("input[type=checkbox]")
    page.wait_for_selector(".rich.raw")
    assert "\\frac{0}{1}" in page.inner_text("main")


def test_a_failed_test_stands_with_its_verdict(visit: Visit) -> None:
    page = visit.open("#/sample/sums/base/p2/1")
    assert "test 2 of 3 failed: wanted 5, had 4" in page.inner_text(".grade >> nth=0")


def test_samples_are_found_by_verdict_ending_and_words(visit: Visit) -> None:
    page = visit.open("#/samples/sums/base")
    page.select_option("select >> nth=3", "correct")
    page.wait_for_selector("text=56 of 144 samples")
    page.fill("input[type=search]", "p2")
    page.wait_for_function("() => /^[1-9] of 144/.test(document.querySelector('[role=status]').textContent)")
    page.select_option("select >> nth=3", "wrong")
    page.fill("input[type=search]", "")
    page.wait_for_selector("text=88 of 144 samples")
    page.reload()  # the place says what was asked
    page.wait_for_selector("text=88 of 144 samples")


def test_a_file_for_spreadsheets_holds_no_formula(visit: Visit) -> None:
    page = visit.open("#/samples/sums/base?q=HYPERLINK")
    with page.expect_download() as found:
        page.click("button >> text=CSV")
    rows = list(csv.DictReader(io.StringIO(Path(found.value.path()).read_text())))
    assert rows
    assert list(rows[0])[:3] == ["problem_id", "sample_index", "verdict"]
    formula = ("=", "+", "-", "@", "|", "%")
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in formula]
    spelled = page.evaluate(
        "(cells) => SV.csv(['a'], cells.map((cell) => [cell]))",
        ["=1", "+1", "-1", "@x", " =1", "\t=1", "|x", -1, 0.5, "a-b", None],
    )
    assert spelled.split("\r\n")[1:-1] == [
        *('"\'=1"', '"\'+1"', '"\'-1"', '"\'@x"', '"\' =1"', '"\'\t=1"', '"\'|x"', "-1", "0.5", "a-b", "")
    ]


def test_a_flip_is_one_click_from_both_answers(visit: Visit) -> None:
    page = visit.open("#/compare/sums/math/tuned/base")
    page.select_option("select >> nth=4", "better")
    page.fill("input[type=search]", "p2")
    page.wait_for_selector('text="1 of 36 problems"')
    page.locator(".list .row:not(.head)").click()
    page.wait_for_selector(".both h3 >> text=p2")
    said = page.locator(".both h3").all_inner_texts()
    assert [text.rsplit(" ", 1)[-1] for text in said] == ["correct", "incorrect"]
    page.click("button >> text=exchange")
    page.wait_for_function("() => document.querySelector('h1').textContent.startsWith('Base')")
    assert "problems better, worse" in page.inner_text("main")


def test_an_arena_shows_each_game_with_both_answers(visit: Visit) -> None:
    page = visit.open("#/arena/0")
    page.wait_for_selector(".game section >> nth=3")
    texts = page.locator(".game").inner_text()
    assert "I think." in texts
    assert texts.count("The answer is") >= 2
    page.select_option("select >> nth=2", "flip")
    page.wait_for_selector("text=9 of 36 questions")
    page.fill("input[type=search]", "odd")
    page.wait_for_selector('text="0 of 36 questions"')


def test_anomalies_lead_to_their_samples(visit: Visit) -> None:
    page = visit.open("#/anomalies?kind=failed%20by%20every%20model")
    page.locator("td a >> text=p5").first.click()
    page.wait_for_selector(".view.sample")
    assert page.text_content("h1") == "p5, sample 0"


def test_texts_that_are_not_to_be_published_are_nowhere(visit: Visit) -> None:
    page = visit.open("#/sample/secret/base/p0/0")
    assert "Its authors ask" in page.inner_text("main")
    assert page.locator(".rich").count() == 0
    assert page.locator(".badge").count() > 0


def test_a_missing_part_is_named(visit: Visit) -> None:
    page = visit.open()
    (visit.site.parent / "data/s/1-0.js").rename(visit.site.parent / "data/s/kept")
    try:
        page.goto(f"{visit.site.as_uri()}#/samples/secret/base")
        page.wait_for_selector("text=data/s/1-0.js is missing")
    finally:
        (visit.site.parent / "data/s/kept").rename(visit.site.parent / "data/s/1-0.js")
    assert [
        fault for fault in visit.faults if "1-0.js" not in fault and "ERR_FILE_NOT_FOUND" not in fault
    ] == []
    visit.faults.clear()
