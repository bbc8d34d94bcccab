"""A page of the site in a browser, and what went wrong while it was looked at."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Request

PATIENCE = 15_000  # milliseconds; only what hangs takes longer


class Visit:
    """A page of the site, and what went wrong while it was looked at."""

    def __init__(self, page: Page, site: Path) -> None:
        self.page, self.site = page, site
        self.faults: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: self.faults.append(f"console: {said.type} {said.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.on("request", self._request)

    def _request(self, request: Request) -> None:
        address = request.url
        inside = address.startswith((self.site.parent.as_uri(), "data:", "blob:"))
        if not inside:
            self.faults.append(f"request: {address}")

    def open(self, place: str = "", title: str | None = None) -> Page:
        """Go to a place of the site and wait until it is shown; `title` is its heading."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.site.as_uri()}{place}")
        self.page.wait_for_selector("main .view h1")
        if title is not None:
            assert self.page.text_content("h1") == title
        return self.page
