"""A person at one tab of a page that is alive. Each thing they do or look for waits, by the browser's own events.

For tests that are no coroutines: the browser has a loop and a thread of its own.
"""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from re import Pattern
from typing import Any, Self

from anyio.from_thread import BlockingPortal
from playwright.async_api import ConsoleMessage, Locator, Page, expect

_FOCUSED = "() => document.activeElement.ariaLabel ?? document.activeElement.innerText ?? ''"
Text = str | Pattern[str] | Sequence[str]


class WebTab:
    """One tab. `errors` are the exceptions of its scripts, and what its policy forbade: there must be none.

    Things to press are named as people read them; places are CSS selectors.
    """

    def __init__(self, page: Page, portal: BlockingPortal) -> None:
        self.errors: list[str] = []
        self.requested: list[str] = []
        self._page, self._portal = page, portal
        portal.call(self._listen)

    def _listen(self) -> None:
        self._page.on("pageerror", lambda error: self.errors.append(str(error)))
        self._page.on("console", self._hear)
        self._page.on("request", lambda request: self.requested.append(request.url))

    def _hear(self, said: ConsoleMessage) -> None:
        if "Content Security Policy" in said.text:
            self.errors.append(said.text)

    def _do(self, work: Callable[..., Awaitable[Any]], *given: object, **options: object) -> Any:
        return self._portal.call(partial(work, *given, **options))

    # what is done -----------------------------------------------------------------------------------------------------

    def open(self, url: str) -> Self:
        """Type an address."""
        self._do(self._page.goto, url)
        return self

    def reload(self) -> None:
        """Load the page again."""
        self._do(self._page.reload)

    def close(self) -> None:
        """Close the tab."""
        self._do(self._page.close)

    def another(self) -> "WebTab":
        """A second tab of the same person."""
        return WebTab(self._do(self._page.context.new_page), self._portal)

    def press(self, name: str, *, within: str = "body") -> None:
        """Press the button of this name."""
        self._do(self._button(name, within).click)

    def choose(self, words: str) -> None:
        """Press the one button that has these words in it."""
        self._do(self._page.get_by_role("button", name=words).click)

    def press_for_window(self, name: str, *, within: str = "body") -> "WebTab":
        """Press a button that opens a window, and look at it."""
        return WebTab(self._do(self._opened_by, self._button(name, within).click), self._portal)

    def follow(self, link: str) -> "WebTab":
        """Open a link that leads to a tab of its own."""
        return WebTab(self._do(self._opened_by, self._page.get_by_role("link", name=link).click), self._portal)

    async def _opened_by(self, press: Callable[[], Awaitable[None]]) -> Page:
        async with self._page.context.expect_page() as opened:
            await press()
        page: Page = await opened.value
        return page

    def download(self, name: str) -> str:
        """Press a button that gives a file; where it lies."""
        return str(self._do(self._downloaded, name))

    async def _downloaded(self, name: str) -> Any:
        async with self._page.expect_download() as began:
            await self._button(name, "body").click()
        return await (await began.value).path()

    def click(self, place: str) -> None:
        """Click at a place that is no button."""
        self._do(self._page.locator(place).first.click)

    def pick(self, label: str) -> None:
        """Choose one of several."""
        self._do(self._page.get_by_label(label).check)

    def pick_value(self, value: str) -> None:
        """Choose the one of this value."""
        self._do(self._page.locator(f"input[value='{value}']").check)

    def tick(self, label: str, *, on: bool) -> None:
        """Tick a box, or take its tick away."""
        self._do(self._page.get_by_label(label).set_checked, on)

    def type(self, label: str, text: str) -> None:
        """Write into the field of this label."""
        self._do(self._page.get_by_label(label, exact=True).fill, text)

    def keys(self, *names: str) -> None:
        """Press keys, one after the other."""
        for name in names:
            self._do(self._page.keyboard.press, name)

    def tab_to(self, name: str) -> None:
        """Press Tab until something with these words has the focus."""
        for _ in range(60):
            self.keys("Tab")
            if name in self.ask(_FOCUSED):
                return
        raise AssertionError(f"the Tab key does not lead to {name!r}")

    def key_for_window(self, name: str) -> "WebTab":
        """Press a key that opens a window, and look at it."""
        return WebTab(self._do(self._opened_by, partial(self._page.keyboard.press, name)), self._portal)

    def _button(self, name: str, within: str) -> Locator:
        return self._page.locator(within).get_by_role("button", name=name, exact=True)

    # what is seen -----------------------------------------------------------------------------------------------------

    def sees(self, place: str, text: Text = "") -> None:
        """Wait until the place is there, with this text in it."""
        self._do(expect(self._page.locator(place).first).to_be_visible)
        if text:
            self._do(expect(self._page.locator(place).first).to_contain_text, text)

    def misses(self, place: str) -> None:
        """Wait until nothing is to be seen at the place."""
        self._do(expect(self._page.locator(place)).to_be_hidden)

    def focuses(self, place: str) -> None:
        """Wait until the place has the focus."""
        self._do(expect(self._page.locator(place)).to_be_focused)

    def counts(self, place: str, number: int) -> None:
        """Wait until there are so many."""
        self._do(expect(self._page.locator(place)).to_have_count, number)

    def arrives(self, pattern: str) -> None:
        """Wait until the tab is at an address like this one."""
        self._do(self._page.wait_for_url, pattern)

    def text(self, place: str) -> str:
        """What stands there now."""
        return str(self._do(self._page.locator(place).first.inner_text))

    def ask(self, script: str, given: object = None) -> Any:
        """What a function answers in the page."""
        return self._do(self._page.evaluate, script, given)

    def until(self, script: str) -> None:
        """Wait until a function of the page says yes."""
        self._do(self._page.wait_for_function, script)

    @property
    def url(self) -> str:
        """What the address bar says."""
        return self._page.url

    # how it is looked at ----------------------------------------------------------------------------------------------

    def resize(self, width: int, height: int = 900) -> None:
        """Make the window so large, in CSS pixels."""
        self._do(self._page.set_viewport_size, {"width": width, "height": height})

    def prefer(self, scheme: str) -> None:
        """Light or dark."""
        self._do(self._page.emulate_media, color_scheme=scheme, reduced_motion="reduce")

    def fix_time(self, seconds: float) -> None:
        """Stop the page's clock at this moment, Unix seconds; before the page is opened."""
        self._do(self._page.clock.set_fixed_time, seconds)

    def before_each_page(self, script: str) -> None:
        """Run this before the scripts of whatever is opened next."""
        self._do(self._page.add_init_script, script)

    def open_until_asked(self, url: str, path: str) -> None:
        """Type an address, and touch nothing until the page has asked for this path by itself.

        Whatever a test looks at in a page counts as its user's own doing; this does not.
        """
        self._do(self._open_until_asked, url, path)

    async def _open_until_asked(self, url: str, path: str) -> None:
        async with self._page.expect_response(f"**{path}"):
            await self._page.goto(url)

    def shoot(self, path: str) -> None:
        """Take a picture of what is seen."""
        self._do(self._page.screenshot, path=path, animations="disabled", caret="hide")
