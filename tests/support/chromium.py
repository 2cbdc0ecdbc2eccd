"""A person at a real browser: headless Chromium on an event loop and a thread of its own.

Tests on asyncio and on trio have the same one. A tab is driven by what a person sees: buttons, choices, headlines.
"""

import os
import shutil
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from tests.support.web_tab import WebTab

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 10.0
"""Seconds for each thing that a person does."""
_SIZE = {"width": 1024, "height": 900}
_QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--no-first-run",
]
_POPUPS_ALLOWED = "--disable-popup-blocking"
"""What Playwright asks for and people's browsers do not have: a page may open a window in a click alone."""


def executable() -> str | None:
    """The Chromium of this machine, if it has one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launched(path: str) -> Generator["Chromium"]:
    """The browser, for as long as the block lasts."""
    args = [*_QUIET, "--no-sandbox"] if os.geteuid() == 0 else _QUIET
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(async_playwright()) as playwright:
        launch = partial(playwright.chromium.launch, ignore_default_args=[_POPUPS_ALLOWED])
        browser = portal.call(partial(launch, executable_path=path, args=args))
        try:
            yield Chromium(portal, browser)
        finally:
            portal.call(browser.close)


class Chromium:
    """The running browser. A visitor is a profile of their own: no cookie, history or cache is shared."""

    def __init__(self, portal: BlockingPortal, browser: Browser) -> None:
        self._portal, self._browser = portal, browser
        self._context: BrowserContext | None = None
        self._others: list[BrowserContext] = []

    async def tab(self) -> "Tab":
        """A new tab of the test's own visitor."""
        tab: Tab = await self._on_its_loop(self._new_tab)
        return tab

    def web_tab(self, **settings: Any) -> WebTab:
        """A tab of somebody of their own, for tests that wait themselves; settings are those of the browser context."""
        context = self._portal.call(partial(self._browser.new_context, **{"viewport": _SIZE} | settings))
        context.set_default_timeout(PATIENCE * 1000)
        self._others.append(context)
        return WebTab(self._portal.call(context.new_page), self._portal)

    def forget(self) -> None:
        """Close the visitors' tabs; the next tab is somebody else's."""
        while self._others:
            self._portal.call(self._others.pop().close)
        if self._context is not None:
            self._portal.call(self._context.close)
            self._context = None

    async def _new_tab(self) -> "Tab":
        if self._context is None:
            self._context = await self._browser.new_context()
            self._context.set_default_timeout(PATIENCE * 1000)
        page = await self._context.new_page()
        tab = Tab(_page=page, _run=self._on_its_loop)
        page.on("request", lambda request: tab.requested.append(request.url))
        return tab

    async def _on_its_loop(self, work: Callable[..., Awaitable[Any]], *arguments: object) -> Any:
        with anyio.fail_after(2 * PATIENCE):
            return await anyio.to_thread.run_sync(self._portal.call, work, *arguments, abandon_on_cancel=True)


@dataclass(slots=True, kw_only=True)
class Tab:
    """One tab. `requested` are the URLs that it asked for, in order, with what the pages loaded."""

    requested: list[str] = field(default_factory=list[str])
    _page: Page
    _run: Callable[..., Awaitable[Any]]

    async def open(self, url: str) -> int:
        """Type an address; gives the status of the page that comes."""
        response = await self._run(self._page.goto, url)
        return response.status if response else 0

    async def load(self, html: str) -> None:
        """Show a page of the test's own."""
        await self._run(self._page.set_content, html)

    async def tick(self, label: str, *, on: bool) -> None:
        """Tick a box, or take its tick away."""
        await self._run(self._page.get_by_label(label).set_checked, on)

    async def pick(self, label: str) -> None:
        """Choose one of several."""
        await self._run(self._page.get_by_label(label).check)

    async def press(self, button: str, *, until: str = "**") -> None:
        """Press a button; returns as soon as the tab asked for the path that `until` names, answered or not."""
        await self._run(self._press, button, until)

    async def _press(self, button: str, until: str) -> None:
        async with self._page.expect_request(until):
            await self._page.get_by_role("button", name=button).click(no_wait_after=True)

    async def arrive(self, path: str) -> None:
        """Wait until a page of this path is shown whole."""
        await self._run(self._arrive, path)

    async def _arrive(self, path: str) -> None:
        await self._page.wait_for_url(f"**{path}")

    @property
    def url(self) -> str:
        """What the address bar says."""
        return self._page.url

    async def history(self) -> list[str]:
        """The addresses that "back" and "forward" lead to, and this one."""
        entries: list[str] = await self._run(self._history)
        return entries

    async def _history(self) -> list[str]:
        session = await self._page.context.new_cdp_session(self._page)
        answer = await session.send("Page.getNavigationHistory")
        return [entry["url"] for entry in answer["entries"]]

    async def headline(self) -> str:
        """The page's headline."""
        text: str = await self._run(self._page.get_by_role("heading", level=1).inner_text)
        return text

    async def text(self) -> str:
        """All of the page's text."""
        text: str = await self._run(self._page.inner_text, "main")
        return text
