"""Owns the course of the prompt: say what will be asked, open the browser or show a code, then wait beside the sign-in.

It decides nothing about the sign-in: a paste goes to the attempt, and whoever awaits the attempt ends the prompt by
cancelling it.
"""

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TextIO

import anyio

from signedin import wiring
from signedin.oauth.callback import CallbackRejected
from signedin.ports import Clock, OpenBrowser
from signedin.waiting import apart, wait
from signedin_adapters.console import device_code, ways, wording
from signedin_adapters.console.attempt import Attempt
from signedin_adapters.console.keyboard import Keyboard
from signedin_adapters.console.screen import Screen
from signedin_adapters.console.typed import Key, Typed
from signedin_adapters.console.ways import Commands
from signedin_adapters.place import Place, where

UNOPENED = "no-browser-headless"
"""What a sign-in dies of that nobody came to, where no opener took its address. By SSH none is expected to."""
_NO_COMMANDS: Commands = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePrompt:
    """Shows an attempt on a terminal, or in plain lines. Await it beside the attempt, and cancel it with it."""

    open_browser: OpenBrowser | None
    stream: TextIO | None
    stdin: TextIO | None
    plain: bool
    environ: Mapping[str, str]
    place: Place
    commands: Commands
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
        told = ways.told(attempt, self.place, self.environ, self.commands)
        pastes = keyboard.is_ours and told is None
        asking = wording.asking(attempt.app_name, attempt.asks)
        code = attempt.user_code is not None
        until = None if screen.is_live else wording.waiting_until(attempt.app_name, attempt.deadline, code=code)
        if code:
            _say(screen, asking)
            device_code.show(attempt, screen)
            _say(screen, until)
        else:
            opening = self.open_browser is not None and self.place is not Place.SSH
            where_to = wording.address(attempt.url, attempt.short_url, opening=opening)
            _say(screen, told, asking, where_to, wording.PASTE if pastes else None, until)

    async def _open(self, attempt: Attempt, screen: Screen) -> None:
        if (open_browser := self.open_browser) is None or "browser" not in attempt.ways:
            return
        opened = await wait(apart(lambda: open_browser(attempt.url)))
        if not opened and self.place is not Place.SSH:
            attempt.timeout_case = UNOPENED
            instead = ways.device(attempt, self.commands) if self.place is Place.HERE else None
            _say(screen, wording.NO_BROWSER, instead)

    async def _count_down(self, attempt: Attempt, screen: Screen, keyboard: Keyboard) -> None:
        code = attempt.user_code is not None
        copies = ("the code" if code else "the address") if keyboard.is_ours else None
        while screen.is_live:
            left = attempt.deadline - self.clock()
            told = (wording.waiting(attempt.app_name, left, code=code, copies=hint) for hint in (copies, None))
            screen.live(*told, wording.time_left(left))
            await anyio.sleep(1)


async def _take_pastes(attempt: Attempt, screen: Screen, keyboard: Keyboard) -> None:
    """Submit line after line until one is accepted. The end of the input is not the end of the waiting."""
    typed = Typed(keys=keyboard.is_ours)
    while data := await keyboard.read():
        for entry in typed.feed(data):
            if entry is Key.COPY:
                _copy(attempt, screen)
            elif await _is_accepted(entry, attempt, screen):
                return
    if not await _is_accepted(typed.rest(), attempt, screen):
        await anyio.sleep_forever()


async def _is_accepted(pasted: str, attempt: Attempt, screen: Screen) -> bool:
    if not pasted.strip():
        return False
    if "paste" not in attempt.ways:
        screen.say(wording.NOT_HERE)
        return False
    try:
        await attempt.submit(pasted)
    except CallbackRejected as error:
        screen.say(wording.rejected(error, attempt.short_url or attempt.url))
        return False
    screen.say(wording.ACCEPTED)
    return True


def _copy(attempt: Attempt, screen: Screen) -> None:
    wanted = attempt.user_code or attempt.url
    copied = wording.COPIED_CODE if attempt.user_code else wording.COPIED
    screen.say(copied if screen.copy(wanted) else wanted)


def _say(screen: Screen, *paragraphs: str | None) -> None:
    """Those that there are, an empty line after each."""
    for paragraph in paragraphs:
        if paragraph is not None:
            screen.say(f"{paragraph}\n")


def _system_browser(url: str) -> bool:
    """The opener of whoever names none."""
    return bool(wiring.default("browser")(url))


def console_prompt(
    *,
    open_browser: OpenBrowser | None = _system_browser,
    stream: TextIO | None = None,
    stdin: TextIO | None = None,
    plain: bool = False,
    environ: Mapping[str, str] = os.environ,
    place: Place | None = None,
    commands: Commands = _NO_COMMANDS,
    clock: Clock = time.time,
) -> ConsolePrompt:
    """A prompt for `Connection.sign_in` on this process's terminal; `stream` is stderr unless given.

    `open_browser` is the system's unless given; None opens nothing and only tells the address. `plain` is for screen
    readers: no line is rewritten. `place` is where the terminal is, by its markers unless given. `commands` says what
    to type for another way: "device" for signing in with a code. A device attempt is shown by itself, and opens no
    browser.
    """
    return ConsolePrompt(
        open_browser=open_browser,
        stream=sys.stderr if stream is None else stream,
        stdin=sys.stdin if stdin is None else stdin,
        plain=plain,
        environ=environ,
        place=where(environ) if place is None else place,
        commands=commands,
        clock=clock,
    )
