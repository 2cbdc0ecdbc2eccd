"""The prompt of a device code, on a real terminal and on pipes."""

import base64
import io
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import TextIO

import anyio
import pytest
from tests.support.terminal import DEVICE_URL, USER_CODE, FakeAttempt, Terminal, device_attempt, terminal

from signedin_adapters.console import console_prompt, qr

INK = "\x1b[38;5;16;48;5;231m"


@asynccontextmanager
async def showing(
    stream: TextIO,
    attempt: FakeAttempt,
    *,
    stdin: TextIO | None = None,
    plain: bool = False,
    environ: Mapping[str, str] = MappingProxyType({}),
) -> AsyncGenerator[None]:
    """The prompt runs for as long as the block; an opener would be a mistake."""

    def opener(url: str) -> bool:
        raise AssertionError(url)

    prompt = console_prompt(
        open_browser=opener, stream=stream, stdin=stdin, plain=plain, environ=environ, clock=lambda: 0.0
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(prompt, attempt)
        yield
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def on_terminal(
    attempt: FakeAttempt,
    *,
    columns: int = 80,
    rows: int = 24,
    plain: bool = False,
    environ: Mapping[str, str] = MappingProxyType({}),
    until: str = "Waiting",
) -> AsyncGenerator[Terminal]:
    """A person sits at a terminal of this size; the prompt is ready for them."""
    with terminal() as at:
        at.resize(columns=columns, rows=rows)
        async with showing(at.stream, attempt, stdin=at.stream, plain=plain, environ=environ):
            await at.shows(until)
            yield at


async def on_pipe(attempt: FakeAttempt) -> str:
    """What a pipe gets."""
    out = io.StringIO()
    async with showing(out, attempt):
        await anyio.wait_all_tasks_blocked()
    return out.getvalue()


async def test_address_code_and_warning_are_told() -> None:
    """In plain lines: the address and the code each alone on its line, as the server wrote them."""
    said = await on_pipe(device_attempt())
    lines = said.split("\n")
    assert DEVICE_URL in lines
    assert f"  {USER_CODE}" in lines
    assert "any browser, here or on another device" in said
    assert "Only type this code if you began this sign-in yourself, and never give it to anybody." in said
    assert "Waiting for the code to be typed (Acme Notes) until " in said
    assert not {"\x1b", "\r", "█"} & set(said)


async def test_what_will_be_asked_comes_first() -> None:
    """Before there is anything to type."""
    said = await on_pipe(device_attempt())
    assert said.startswith("Acme Notes will ask you to let it:\n  - see your e-mail address\n")


async def test_the_address_with_the_code_in_it_is_told_too() -> None:
    """Where the server gave one and no picture has it."""
    said = await on_pipe(device_attempt(complete=True))
    assert f"{DEVICE_URL}?user_code={USER_CODE}" in said.split("\n")


async def test_a_terminal_gets_a_picture() -> None:
    """Dark on light in fixed colours, each row with the text beside it, the whole within an ordinary window."""
    attempt = device_attempt(complete=True)
    async with on_terminal(attempt) as at:
        await at.shows("left")
        picture = qr.rows(attempt.complete_url or "")
        assert all(f"{INK}{row}\x1b[0m" in at.screen for row in picture)
        assert f"│    {USER_CODE}    │" in at.screen
        assert "Or scan the picture: the code is in it" in at.screen
        seen = at.screen[at.screen.index("Open this address") :].split("\n")
        assert len(seen) <= 24
        assert max(len(line.replace(INK, "").replace("\x1b[0m", "").rstrip("\r")) for line in seen[:-1]) <= 80


async def test_without_such_an_address_the_picture_only_opens_the_page() -> None:
    """The code has still to be typed."""
    async with on_terminal(device_attempt()) as at:
        assert all(row in at.screen for row in qr.rows(DEVICE_URL))
        assert "The picture opens the address on a phone." in at.screen


async def test_a_long_address_with_the_code_gives_way_to_a_short_one() -> None:
    """A picture that fits and only opens the page is better than none."""
    attempt = device_attempt()
    attempt.complete_url = f"{DEVICE_URL}?user_code={USER_CODE}&" + "x" * 60
    async with on_terminal(attempt) as at:
        assert all(row in at.screen for row in qr.rows(DEVICE_URL))
        assert "The picture opens the address on a phone." in at.screen


async def test_a_long_code_needs_the_room_of_a_picture() -> None:
    """Its box is never broken."""
    attempt = device_attempt()
    attempt.user_code = "-".join(["WDJB"] * 8)
    async with on_terminal(attempt) as at:
        assert INK not in at.screen
        assert f"│    {attempt.user_code}    │" in at.screen


@pytest.mark.parametrize(("columns", "rows"), [(60, 24), (80, 18)])
async def test_a_small_window_gets_no_picture(columns: int, rows: int) -> None:
    """Half a QR code is none; the code itself stays large."""
    async with on_terminal(device_attempt(), columns=columns, rows=rows) as at:
        assert INK not in at.screen
        assert f"│    {USER_CODE}    │" in at.screen


async def test_a_box_that_does_not_fit_is_none() -> None:
    """Nor is the code ever broken; of the live line stays what counts."""
    async with on_terminal(device_attempt(), columns=20, until="\x1b[2m10:00 left\x1b[0m") as at:
        assert f"\n  {USER_CODE}\r\n" in at.screen
        assert "│" not in at.screen


async def test_the_hint_gives_way_first() -> None:
    """What is waited for, and how long yet, are told as long as there is room for them."""
    waiting = "\x1b[2mWaiting for the code to be typed (Acme Notes), 10:00 left\x1b[0m"
    async with on_terminal(device_attempt(), columns=60, until=waiting):
        pass


async def test_beside_a_picture_no_line_is_long() -> None:
    """However wide the terminal is."""
    async with on_terminal(device_attempt(), columns=240) as at:
        seen = at.screen.replace(INK, "").replace("\x1b[0m", "").split("\r\n")
        assert max(map(len, seen[:-1])) <= 100


@pytest.mark.parametrize(("plain", "environ"), [(True, {}), (False, {"NO_COLOR": "1"}), (False, {"TERM": "dumb"})])
async def test_where_colours_are_unwelcome_nothing_is_drawn(plain: bool, environ: dict[str, str]) -> None:
    """Without colours of its own a picture could be light on dark; the code is a line by itself."""
    async with on_terminal(device_attempt(), plain=plain, environ=environ) as at:
        assert not {"█", "│"} & set(at.screen)
        assert f"\n  {USER_CODE}\r\n" in at.screen


async def test_a_terminal_without_the_characters_is_not_drawn_on() -> None:
    """Nor is it silenced by them."""
    with terminal() as at:
        at.stream.reconfigure(encoding="ascii")  # type: ignore[attr-defined]
        async with showing(at.stream, device_attempt(), stdin=at.stream):
            await at.shows("left")
        assert f"\n  {USER_CODE}\r\n" in at.screen


async def test_c_copies_the_code() -> None:
    """Not the address, which is short."""
    async with on_terminal(device_attempt()) as at:
        await at.shows("left, c copies the code")
        at.type("c")
        await at.shows("The code was sent to the clipboard")
    assert f"\x1b]52;c;{base64.b64encode(USER_CODE.encode()).decode()}\x07" in at.screen


async def test_a_dumb_terminal_is_sent_no_sequences() -> None:
    """It would show them: what would be copied is said."""
    async with on_terminal(device_attempt(), environ={"TERM": "dumb"}) as at:
        at.type("c")
        await at.shows(f"\n{USER_CODE}\r\n")
    assert "\x1b" not in at.screen


async def test_what_is_typed_here_is_not_taken() -> None:
    """The code belongs into the browser; the wait goes on."""
    attempt = device_attempt()
    async with on_terminal(attempt) as at:
        at.type(f"{USER_CODE}\r")
        await at.shows("typed in the browser, not here. Still waiting.")
    assert attempt.submitted == []


async def test_the_time_left_counts_down() -> None:
    """As with a browser."""
    async with on_terminal(device_attempt()) as at:
        await at.shows("Waiting for the code to be typed (Acme Notes), 10:00 left")


async def test_a_code_cannot_steer_the_terminal() -> None:
    """Control characters of the server's are left out, and the box fits what is left."""
    attempt = device_attempt()
    attempt.user_code = "AB\x1b[31mCD\u202e"
    async with on_terminal(attempt) as at:
        assert "│    AB[31mCD    │" in at.screen
        assert "\u202e" not in at.screen
