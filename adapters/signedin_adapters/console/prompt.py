"""Owns the course of the prompt: say what will be asked, open the browser, then wait beside the sign-in.

It decides nothing about the sign-in: a paste goes to the attempt, and whoever awaits the attempt ends the prompt by
cancelling it.
"""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

import anyio

from signedin.oauth.callback import CallbackRejected
from signedin.ports import Clock, OpenBrowser
from signedin.waiting import apart, wait
from signedin_adapters.console import wording
from signedin_adapters.console.keyboard import Keyboard
from signedin_adapters.console.screen import Screen
from signedin_adapters.console.typed import Key, Typed


class Attempt(Protocol):
    """What the prompt needs of a sign-in attempt. `deadline` is Unix seconds."""

    @property
    def url(self) -> str:
        """The authorization URL."""
        ...

    @property
    def short_url(self) -> str:
        """Redirects to `url`, on this machine."""
        ...

    @property
    def deadline(self) -> float:
        """When the attempt gives up."""
        ...

    @property
    def app_name(self) -> str:
        """Who asks."""
        ...

    @property
    def asks(self) -> Sequence[str]:
        """What the user will be asked to allow."""
        ...

    async def submit(self, pasted: str, /) -> None:
        """Take a pasted callback URL. Raises CallbackRejected, which ends nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePrompt:
    """Shows an attempt on a terminal, or in plain lines. Await it beside the attempt, and cancel it with it."""

    open_browser: OpenBrowser | None
    stream: TextIO | None
    stdin: TextIO | None
    plain: bool
    environ: Mapping[str, str]
    clock: Clock

    async def __call__(self, attempt: Attempt) -> None:
        """Return once a paste was accepted; otherwise wait to be cancelled. The terminal is left as it was."""
        screen = Screen(self.stream, plain=self.plain, environ=self.environ)
        keyboard = Keyboard(self.stdin)
        with keyboard.taken(), screen.shown(pastes=keyboard.is_ours):
            self._introduce(attempt, screen, keyboard)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._open, attempt, screen)
                tasks.start_soon(self._count_down, attempt, screen, keyboard)
                await _take_pastes(attempt, screen, keyboard)
                tasks.cancel_scope.cancel()

    def _introduce(self, attempt: Attempt, screen: Screen, keyboard: Keyboard) -> None:
        opening = self.open_browser is not None and not wording.is_remote(self.environ)
        paragraphs = [
            wording.forwarding(attempt.short_url, self.environ),
            wording.asking(attempt.app_name, attempt.asks),
            wording.address(attempt.url, attempt.short_url, opening=opening),
            wording.PASTE if keyboard.is_ours and not wording.is_remote(self.environ) else None,
            None if screen.is_live else wording.waiting_until(attempt.app_name, attempt.deadline),
        ]
        screen.say("\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n")

    async def _open(self, attempt: Attempt, screen: Screen) -> None:
        if (open_browser := self.open_browser) is None:
            return
        opened = await wait(apart(lambda: open_browser(attempt.url)))
        if not opened and not wording.is_remote(self.environ):
            screen.say(wording.NO_BROWSER)

    async def _count_down(self, attempt: Attempt, screen: Screen, keyboard: Keyboard) -> None:
        while screen.is_live:
            left = attempt.deadline - self.clock()
            screen.live(wording.waiting(attempt.app_name, left, keys=keyboard.is_ours))
            await anyio.sleep(1)


async def _take_pastes(attempt: Attempt, screen: Screen, keyboard: Keyboard) -> None:
    """Submit line after line until one is accepted. The end of the input is not the end of the waiting."""
    typed = Typed(keys=keyboard.is_ours)
    while data := await keyboard.read():
        for entry in typed.feed(data):
            if entry is Key.COPY:
                screen.say(wording.COPIED if screen.copy(attempt.url) else attempt.url)
            elif await _is_accepted(entry, attempt, screen):
                return
    if not await _is_accepted(typed.rest(), attempt, screen):
        await anyio.sleep_forever()


async def _is_accepted(pasted: str, attempt: Attempt, screen: Screen) -> bool:
    if not pasted.strip():
        return False
    try:
        await attempt.submit(pasted)
    except CallbackRejected as error:
        screen.say(wording.rejected(error, attempt.short_url))
        return False
    screen.say(wording.ACCEPTED)
    return True


def console_prompt(
    *,
    open_browser: OpenBrowser | None,
    stream: TextIO | None = None,
    stdin: TextIO | None = None,
    plain: bool = False,
    environ: Mapping[str, str] = os.environ,
    clock: Clock = time.time,
) -> ConsolePrompt:
    """A prompt for `Connection.sign_in` on this process's terminal; `stream` is stderr unless given.

    `open_browser` None opens nothing and only tells the address. `plain` is for screen readers: no line is rewritten.
    """
    return ConsolePrompt(
        open_browser=open_browser,
        stream=sys.stderr if stream is None else stream,
        stdin=sys.stdin if stdin is None else stdin,
        plain=plain,
        environ=environ,
        clock=clock,
    )
