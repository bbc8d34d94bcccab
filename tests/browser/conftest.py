"""One site and one headless Chromium for all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from browser.visit import Visit
from site_run import Run

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "These tests drive a headless Chromium, and none is on the PATH ({names}) or among Playwright's own. "
    "Install one: `apt-get install chromium`, or `.venv/bin/playwright install --with-deps chromium`."
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first page of a site with every view filled, and hostile text wherever a text can stand."""
    run = Run(tmp_path_factory.mktemp("site"))
    return run.site(run.write())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = next((path for name in NAMES if (path := shutil.which(name))), None)
        try:
            started = playwright.chromium.launch(executable_path=found)
        except Error as error:
            if found is None:
                pytest.fail(MISSING.format(names=", ".join(NAMES)))
            raise error
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser, site: Path) -> Iterator[Visit]:
    """A visit that must end without a message on the console, an error, a dialog or a request to anywhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    visited = Visit(context.new_page(), site)
    yield visited
    hacked = visited.page.evaluate("window.hacked")
    context.close()
    assert visited.faults == []
    assert hacked is None
