"""The site by keyboard, on a phone, in the dark, on paper, and against texts that want to run."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from browser.visit import Visit
from site_files import SLUGS
from site_run import HOSTILE, problem

PLACES = {
    "overview": "",
    "model": "#/model/base",
    "benchmark": "#/benchmark/sums",
    "samples": "#/samples/sums/base",
    "sample": f"#/sample/sums/{SLUGS[2]}/p0/0",
    "compare": "#/compare/sums/math/tuned/base",
    "checkpoints": "#/checkpoints",
    "arena": "#/arena/0",
    "anomalies": "#/anomalies",
}
# Of all elements with text of their own: those whose contrast with what is behind them is below WCAG's 4.5.
PALE = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const c = parse(getComputedStyle(node).backgroundColor);
      if (c.length === 3 || c[3] > 0.5) return c;
    }
    return [255, 255, 255];
  };
  const pale = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    const style = getComputedStyle(node);
    if (!own || !node.checkVisibility() || node.closest(".katex, [aria-disabled]")) continue;
    const [a, b] = [light(parse(style.color)), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.push(`${node.className} ${style.color}: ${node.textContent}`);
  }
  return pale;
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_walk_by_keyboard(visit: Visit) -> None:
    page = visit.open()
    for key, view in (("2", "benchmark"), ("3", "samples"), ("5", "checkpoints"), ("7", "anomalies")):
        press(page, key)
        page.wait_for_selector(f".view.{view}")
    press(page, "3")
    page.wait_for_selector(".view.samples .row.at")
    press(page, "/", "p", "1")
    page.wait_for_function("() => /^4 of 144/.test(document.querySelector('[role=status]').textContent)")
    press(page, "Escape")
    page.focus(".list")
    press(page, "j", "ArrowDown", "k")
    assert page.locator(".row.at span").nth(1).inner_text() == "1"
    press(page, "Enter")
    page.wait_for_selector(".view.sample")
    assert page.text_content("h1") == "p1, sample 1"
    for key, title in (
        ("ArrowRight", "p1, sample 2"),
        ("j", "p1, sample 3"),
        ("k", "p1, sample 2"),
        ("ArrowLeft", "p1, sample 1"),
    ):
        press(page, key)
        page.wait_for_function("(title) => document.querySelector('h1').textContent === title", arg=title)
    press(page, "u")
    page.wait_for_selector("text=4 of 144 samples")  # what was searched for is still


def test_the_end_of_a_list_is_reached_by_one_key(visit: Visit) -> None:
    page = visit.open("#/samples/sums/base")
    page.wait_for_selector(".row.at")
    page.focus(".list")
    press(page, "End")
    page.wait_for_selector(".row.at[aria-rowindex='145']")
    press(page, "Home")
    page.wait_for_selector(".row.at[aria-rowindex='2']")


def test_keys_are_told_and_the_map_is_walked(visit: Visit) -> None:
    page = visit.open("#/benchmark/sums")
    press(page, "?")
    assert "previous and next sample" in page.inner_text("dialog[open]")
    press(page, "Escape")
    page.focus("canvas.heat")
    press(page, "ArrowDown", "ArrowRight")
    page.wait_for_function("() => document.querySelector('.said').textContent.startsWith('Tuned, ')")
    press(page, "Enter")
    page.wait_for_selector(".view.sample")


def test_everything_that_can_be_pressed_is_reached_by_tab(visit: Visit) -> None:
    page = visit.open()
    wanted = page.locator("a[href], button, select, input").count()
    seen = set()
    for _ in range(wanted + 20):
        press(page, "Tab")
        seen.add(
            page.evaluate(
                "[...document.querySelectorAll('a[href],button,select,input')].indexOf(document.activeElement)"
            )
        )
    assert set(range(page.locator("header a, header button").count())) <= seen
    assert len(seen - {-1}) >= wanted - page.locator("dialog button, details:not([open]) a").count()


@pytest.mark.parametrize("view", PLACES)
def test_a_phone_shows_it_without_scrolling_sideways(browser: Browser, site: Path, view: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    visit = Visit(context.new_page(), site)
    page = visit.open(PLACES[view])
    page.wait_for_timeout(100)
    wide = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert wide <= 360
    assert visit.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_light_and_dark(browser: Browser, site: Path, scheme: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    visit = Visit(context.new_page(), site)
    pale = {}
    for view, place in PLACES.items():
        page = visit.open(place)
        page.wait_for_timeout(150)
        pale[view] = page.evaluate(PALE)
    behind = page.evaluate("getComputedStyle(document.body).backgroundColor")
    press(page, "t")
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    assert {view: found for view, found in pale.items() if found} == {}
    assert (behind == "rgb(255, 255, 255)") == (scheme == "light")
    assert after != behind
    assert visit.faults == []


def test_it_can_be_printed(visit: Visit) -> None:
    for view in ("overview", "benchmark", "sample", "arena"):
        page = visit.open(PLACES[view])
        page.emulate_media(media="print")
        assert not page.locator("header").is_visible()
        assert page.locator("h1").is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert len(page.pdf()) > 5_000
        page.emulate_media(media="screen")


# Elements that no text may bring about, and attributes that would run something.
STRANGE = (
    *("script", "img", "iframe", "object", "embed", "style", "base", "link", "form"),
    *("[onerror]", "[onload]", "[onclick]", "a[href^='java' i]", "a[href^='http' i]"),
)


def _strange(page: Page) -> list[str]:
    found: list[str] = page.evaluate(
        "(wanted) => [...document.querySelectorAll(wanted)].map((node) => node.outerHTML)",
        ", ".join(f"main {each}" for each in STRANGE),
    )
    return found


def test_nothing_that_was_written_runs(visit: Visit) -> None:
    """Each hostile text as problem, reasoning, answer, verdict and judge's words, set and as it is."""
    page = visit.open(PLACES["sample"])
    for rendered in (True, False):
        page.set_checked("input[type=checkbox]", rendered)
        for i in range(len(HOSTILE)):
            name = problem("sums", i).problem_id
            page.evaluate("([id]) => SV.go(SV.link('sample', ['sums', 'base', id, 0]))", [name])
            page.wait_for_function(
                "([id]) => SV.place().parts[2] === id && document.querySelector('.view.sample')", arg=[name]
            )
            page.evaluate(
                "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"
            )
            assert _strange(page) == []
    assert page.evaluate("() => SV.visible('a\\u202eb\\u001b')") == "a⟨U+202E⟩b␛"


def test_no_view_takes_text_for_markup(visit: Visit) -> None:
    for place in PLACES.values():
        page = visit.open(place)
        page.wait_for_timeout(100)
        assert _strange(page) == []
        text = page.inner_text("body")
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_the_policy_forbids_what_the_page_never_does(visit: Visit) -> None:
    """Were a text taken for markup all the same, the policy would stop it: tried by hand."""
    page = visit.open()
    page.evaluate("document.body.insertAdjacentHTML('beforeend', `<img src=x onerror='window.hacked = 1'>`)")
    page.evaluate(
        "const made = document.createElement('script'); made.textContent = 'window.hacked = 1';"
        "document.body.append(made)"
    )
    refused = page.evaluate("fetch('http://127.0.0.1:9').then(() => 'sent', (error) => String(error))")
    page.wait_for_timeout(100)
    assert page.evaluate("window.hacked") is None
    assert "TypeError" in refused
    assert len([fault for fault in visit.faults if "Content Security Policy" in fault]) >= 3
    visit.faults.clear()
