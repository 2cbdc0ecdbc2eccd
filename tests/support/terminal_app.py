"""A Textual app as somebody at its terminal has it: what is shown, and what is pressed and typed."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from tests.support.stage import PATIENCE, browse, first_answer
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, Link, Markdown, Static

from signedin_adapters.sandbox import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalApp:
    """A running app."""

    app: App[Any]
    pilot: Pilot[Any]

    async def shows(self, *words: str) -> None:
        """Wait until all of it is on the screen."""
        await self.until(lambda: all(word in self.text for word in words), lambda: self.text)

    async def until(self, holds: Callable[[], bool], told: Callable[[], object] = lambda: None) -> None:
        """Wait for something that the app's loop brings about."""
        with anyio.move_on_after(PATIENCE):
            while not holds():
                await self.pilot.pause(0.01)
        assert holds(), told()

    @property
    def text(self) -> str:
        """What is on the screen, from the top, without what the layout hides."""
        parts = [self.app.sub_title]
        for widget in self.app.screen.query("*").results():
            if all(above.display for above in widget.ancestors_with_self if hasattr(above, "display")):
                parts += [str(widget.border_title or ""), _text_of(widget)]
        return "\n".join(filter(None, parts))

    @property
    def told(self) -> list[object]:
        """What was said in passing, and is on the screen still."""
        return [toast.render() for toast in self.app.screen.query("Toast").results()]

    async def presses(self, button: str) -> None:
        """Press the button of this name."""
        (found,) = [each for each in self.app.screen.query(Button) if str(each.label) == button]
        await self.pilot.pause()  # laid out
        assert await self.pilot.click(found)

    async def enters(self, line: str) -> None:
        """Put a line into the only field that there is, and press Enter."""
        field = self.app.screen.query_one(Input)
        field.focus()
        field.value = line
        await self.pilot.pause()
        await self.pilot.press("enter")

    @property
    def address(self) -> str:
        """The address that the screen shows."""
        return self.app.screen.query_one(Link).url

    async def comes_back(self, sandbox: Sandbox, **choices: Any) -> None:
        """The person opens that address in a browser, signs in, and is sent back to the app."""
        address = self.address
        await anyio.to_thread.run_sync(lambda: browse(callback_url(sandbox, address, **choices)))


@asynccontextmanager
async def running(app: App[Any]) -> AsyncGenerator[TerminalApp]:
    """The app at a terminal of 90 × 26, until it is closed at the end of the block."""
    async with app.run_test(size=(90, 26), notifications=True) as pilot:
        yield TerminalApp(app=app, pilot=pilot)


def callback_url(sandbox: Sandbox, address: str, **choices: Any) -> str:
    """Where the browser would go next, once the person at the short address has decided."""
    return sandbox.sign_in(first_answer(address).headers["location"], **choices)


def _text_of(widget: object) -> str:
    match widget:
        case Markdown():
            return widget.source
        case Static():
            return str(widget.content)
        case Button():
            return str(widget.label)
        case _:
            return ""
