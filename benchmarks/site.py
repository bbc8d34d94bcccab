"""What the report's site costs: to build, to open, to go from sample to sample, to search.

    python benchmarks/site.py [--samples 200000] [--length 4] [--steps 60] [--folder DIR]

Makes a run of two models whose samples are together as many as asked for, builds its site, and drives a
headless Chromium from file:// (tests/browser says which). Times are the browser's own, in milliseconds: the
first paint and the first view of a page that is opened anew, and from a key that is pressed until the next
sample, the list or what was searched for is shown; on a busy machine the CPU time of the page's thread says
more. `--length` repeats each text, which is half a kilobyte.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import CDPSession, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from site_files import SLUGS
from site_run import Run

SAMPLES_A_PROBLEM = 8
# Press a key and wait until what it leads to is shown and painted.
STEP = """(key) => new Promise((resolve) => {
  const begin = performance.now();
  document.addEventListener("shown", () => requestAnimationFrame(() => setTimeout(
    () => resolve(performance.now() - begin), 0)), { once: true });
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
})"""
SEARCH = """(words) => new Promise((resolve) => {
  const begin = performance.now(), said = document.querySelector(".bar [role=status]");
  new MutationObserver(() => resolve([performance.now() - begin, said.textContent]))
    .observe(said, { childList: true, characterData: true, subtree: true });
  const search = document.querySelector("input[type=search]");
  search.value = words;
  search.dispatchEvent(new Event("input"));
})"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def opened(page: Page, address: str) -> tuple[float, float]:
    """(First paint, first view) of a page that is opened anew, in milliseconds."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector("main .view h1")
    shown: float = page.evaluate("() => performance.now()")
    return page.evaluate(PAINT), shown


def busy(seen: CDPSession) -> float:
    """CPU milliseconds that the page's thread has used."""
    metrics = seen.send("Performance.getMetrics")["metrics"]
    return 1000 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def measure(index: Path, steps: int) -> dict[str, float | str]:
    """The figures of one site, by what they are of."""
    found: dict[str, float | str] = {}
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=path)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        opened(page, index.as_uri())
        for name, place in (
            ("overview", ""),
            ("benchmark", "#/benchmark/sums"),
            ("samples", "#/samples/sums/base"),
            ("sample", "#/sample/sums/base/p3/1"),
            ("compare", "#/compare/sums/math/tuned/base"),
        ):
            times = [opened(page, f"{index.as_uri()}{place}") for _ in range(3)]
            found[f"{name}: first paint"] = statistics.median(paint for paint, _ in times)
            found[f"{name}: first view"] = statistics.median(view for _, view in times)
        opened(page, f"{index.as_uri()}#/sample/sums/base/p3/1")
        page.wait_for_timeout(500)
        seen = page.context.new_cdp_session(page)
        seen.send("Performance.enable", {"timeDomain": "threadTicks"})
        before = busy(seen)
        took = [page.evaluate(STEP, "j") for _ in range(steps)]
        found["next sample: median"], found["next sample: longest"] = statistics.median(took), max(took)
        found["next sample: CPU of the page"] = (busy(seen) - before) / steps
        found["to the list"] = page.evaluate(STEP, "u")
        page.wait_for_selector(".row.at")
        for words in ("4711", "script"):
            milliseconds, said = page.evaluate(SEARCH, words)
            found[f"search '{words}' ({said})"] = milliseconds
        browser.close()
    return found


def main() -> None:
    """Make a run, build its site, measure it, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--length", type=int, default=4)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        run = Run(
            folder, chosen.samples // SAMPLES_A_PROBLEM // 2, SAMPLES_A_PROBLEM, chosen.length, SLUGS[:2]
        )
        config = run.write()
        begin, cpu = time.monotonic(), time.process_time()
        index = run.site(config)
        built = {"build: s": time.monotonic() - begin, "build: CPU s": time.process_time() - cpu}
        files = [path for path in index.parent.rglob("*") if path.is_file()]
        built["MB"] = sum(path.stat().st_size for path in files) / 1e6
        built["files"] = len(files)
        for name, value in {**built, **measure(index, chosen.steps)}.items():
            print(f"{name:50} {value:10.1f}" if isinstance(value, float) else f"{name:50} {value:>10}")


if __name__ == "__main__":
    main()
