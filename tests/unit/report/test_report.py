"""The report is one page of well-formed, escaped text and inline plots, the same for the same input."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from snakeval.arena.board import Board, Standing
from snakeval.report.page import html
from snakeval.report.plots import pass_at_k_svg
from snakeval.report.summary import Display
from snakeval.scoring.validity import CAUSES
from snakeval.types import Json

EVIL = "<script>alert('x')</script> $x_1$ & _y"
VOID = {"meta", "link", "br", "img", "hr", "input"}


def metrics_of(
    model: str, data_set: str, passes: Sequence[float], grader: str = "math", truncated: int = 0
) -> Json:
    ks = [str(k) for k in range(1, len(passes) + 1)]
    intervals = {k: [value * 0.9, min(1.0, value * 1.1)] for k, value in zip(ks, passes, strict=True)}
    return {
        "data_source": data_set,
        "model": model,
        "grader": grader,
        "num_problems": 10,
        "num_samples": 10 * len(passes),
        "n_samples": len(passes),
        "mean_reward": passes[0],
        "pass_at_k": dict(zip(ks, passes, strict=True)),
        "maj_at_k": {},
        "ci95": {"mean_reward": intervals["1"], "pass_at_k": intervals, "maj_at_k": {}},
        "bounds": {"mean_reward": [0.125, 0.625], "pass_at_k": {"1": [0.125, 0.625]}},
        "validity": {
            "requested": 200,
            "generated": 200,
            **dict.fromkeys(CAUSES, 0),
            "truncated": truncated,
        },
        "bootstrap": {"rounds": 123, "seed": 0},
    }


METRICS = [
    metrics_of("m", "d", (0.5, 0.75, 0.8, 0.9), truncated=10),
    metrics_of("m", "single", (0.4,)),
    metrics_of("n", "d", (0.2, 0.3, 0.35, 0.4)),
    metrics_of("n", "single", (0.6,)),
]
BOARD = Board(
    "ar",
    "j",
    "n",
    3,
    100,
    0,
    (
        Standing(1, "m", 62.5, 50.0, 75.0, 10, 19, 1, 0, 321.4),
        Standing(2, "n", 50.0, 50.0, 50.0, 0, 0, 0, 0, None),
    ),
)
DISPLAY = Display(
    {"models": {"m": EVIL}, "benchmarks": {"d": f"D {EVIL}"}, "arenas": {"ar": f"Arena {EVIL}"}}, {}
)
PLOTS = {benchmark: pass_at_k_svg(METRICS, benchmark, DISPLAY) for benchmark in ("d", "single")}


class Page(HTMLParser):
    """Tags, attributes and text of a page; checks that tags nest."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def text() -> str:
    return html(METRICS, [BOARD], DISPLAY, PLOTS)


def test_tags_nest_and_every_section_is_there(text: str) -> None:
    page = Page(text)
    assert page.open == []
    assert page.tags["table"] == 3
    assert page.tags["svg"] == 2
    targets = [value for name, value in page.attributes if name == "href" and value.startswith("#")]
    ids = [value for name, value in page.attributes if name == "id"]
    assert {f"#{name}" for name in ("scores", "pass-at-k", "leaderboards", "validity")} <= set(targets)
    assert {target[1:] for target in targets} <= set(ids)


def test_ids_are_unique_though_there_are_several_plots(text: str) -> None:
    ids = Counter(value for name, value in Page(text).attributes if name == "id")
    assert [name for name, count in ids.items() if count > 1] == []
    used = re.findall(r"url\(#([^)]+)\)", text)
    assert used
    assert set(used) <= set(ids)


def test_text_is_escaped_wherever_it_stands(text: str) -> None:
    page = Page(text)
    assert "script" not in page.tags
    assert "<script" not in text
    assert page.text.count(EVIL) >= 6


def test_nothing_outside_the_page_is_referred_to(text: str) -> None:
    page = Page(text)
    outside = [
        value for name, value in page.attributes if name in ("href", "xlink:href", "src") and value[:1] != "#"
    ]
    assert outside == ["report/index.html"]  # the site beside it
    assert "@import" not in text
    assert not page.tags["link"]


def test_figures_and_what_limits_them_are_on_the_page(text: str) -> None:
    page = Page(text)
    for words in ("50.00", "45.00 to 55.00", "10 (5.0%)", "12.50 to 62.50", "(-12.50, +12.50)", "123 rounds"):
        assert words in page.text
    assert f"Arena {EVIL}, judged by j" in page.text


def test_same_input_same_page(text: str) -> None:
    assert html(METRICS, [BOARD], DISPLAY, PLOTS) == text
    assert "dc:date" not in text


def test_parts_without_content_are_left_out() -> None:
    assert "Leaderboards" not in html(METRICS, [], DISPLAY, PLOTS)
    assert "pass@k" not in html([], [BOARD], DISPLAY, {})
    assert Page(html([], [], DISPLAY, {})).open == []


def test_a_plot_is_a_document_with_a_curve_and_a_name_for_each_model() -> None:
    svg = pass_at_k_svg(METRICS, "d", DISPLAY)
    root = ElementTree.fromstring(svg.encode())
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {EVIL, "n", f"D {EVIL}", "k", "pass@k, %"} <= set(texts)
    assert texts.count("4") == 1
    assert svg == pass_at_k_svg(METRICS, "d", DISPLAY)


def test_graders_tell_curves_apart_only_where_there_are_several() -> None:
    two = [*METRICS, metrics_of("n", "d", (0.1, 0.2), grader="judge")]
    svg = pass_at_k_svg(two, "d", Display({}, {}))
    assert ">n (math)<" in svg
    assert ">n (judge)<" in svg


@pytest.mark.parametrize("passes", [(0.5,), (0.0, 0.0), tuple(i / 1000 for i in range(1000))])
def test_any_number_of_samples_can_be_plotted(passes: tuple[float, ...]) -> None:
    svg = pass_at_k_svg([metrics_of(f"m{i}", "d", passes) for i in range(30)], "d", Display({}, {}))
    assert svg.count(">m29<") == 1


def test_a_benchmark_without_results_has_an_empty_plot() -> None:
    assert "<svg" in pass_at_k_svg([], "d", Display({}, {}))
