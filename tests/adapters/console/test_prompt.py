"""The prompt on a real terminal and on pipes: what is said, what is taken, and what is left behind."""

import base64
import io
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import TaskGroup
from tests.support.terminal import OURS, SHORT_URL, URL, FakeAttempt, Terminal, terminal

from signedin.ports import OpenBrowser
from signedin.waiting import wait
from signedin_adapters import browser
from signedin_adapters.console import console_prompt
from signedin_adapters.place import Place, where

ROOT = Path(__file__).parents[3]


def no_browser(url: str) -> bool:
    return not url


@asynccontextmanager
async def prompting(
    *,
    stream: TextIO,
    stdin: TextIO | None,
    attempt: FakeAttempt,
    open_browser: OpenBrowser | None = None,
    plain: bool = False,
    environ: Mapping[str, str] = MappingProxyType({}),
    place: Place = Place.HERE,
    commands: Mapping[str, str] = MappingProxyType({}),
) -> AsyncGenerator[TaskGroup]:
    """The prompt runs for as long as the block, beside it."""
    prompt = console_prompt(
        open_browser=open_browser,
        stream=stream,
        stdin=stdin,
        plain=plain,
        environ=environ,
        place=place,
        commands=commands,
        clock=lambda: 0.0,
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(prompt, attempt)
        yield tasks
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def on_terminal(
    attempt: FakeAttempt | None = None, *, plain: bool = False, environ: Mapping[str, str] = MappingProxyType({})
) -> AsyncGenerator[Terminal]:
    """A person sits at the terminal; the prompt is ready for them."""
    attempt = attempt or FakeAttempt()
    with terminal() as at:
        async with prompting(stream=at.stream, stdin=at.stream, attempt=attempt, plain=plain, environ=environ):
            await at.shows("Waiting")
            yield at


def pipe_with(text: str) -> TextIO:
    """A pipe that holds `text`, and whose other end is closed."""
    reading, writing = os.pipe()
    os.write(writing, text.encode())
    os.close(writing)
    return open(reading, encoding="utf-8")


async def test_says_what_will_be_asked_before_the_browser_opens() -> None:
    """By the time the opener is called, the user could read what they will be asked to allow."""
    with terminal() as at:

        def opener(url: str) -> bool:
            return os.write(at.stream.fileno(), f"<opened {url}>".encode()) == 0

        async with prompting(stream=at.stream, stdin=at.stream, attempt=FakeAttempt(), open_browser=opener):
            await at.shows(f"<opened {URL}>")
    before = at.screen.partition("<opened")[0]
    assert "Acme Notes will ask you to let it:" in before
    assert "- stay signed in" in before


async def test_the_address_is_one_unbroken_line() -> None:
    """On a stream that is no terminal everything is plain lines, the address whole."""
    out = io.StringIO()
    async with prompting(stream=out, stdin=None, attempt=FakeAttempt()):
        await anyio.wait_all_tasks_blocked()
    assert URL in out.getvalue().split("\n")
    assert SHORT_URL in out.getvalue()
    assert "\x1b" not in out.getvalue()
    assert "\r" not in out.getvalue()


async def test_over_ssh_it_says_so_first() -> None:
    """The forwarding command comes before anything else, with the listener's port."""
    out = io.StringIO()
    environ = {"SSH_CONNECTION": "198.51.100.4 52114 203.0.113.7 22", "USER": "ada"}
    async with prompting(stream=out, stdin=None, attempt=FakeAttempt(), environ=environ, place=where(environ)):
        await anyio.wait_all_tasks_blocked()
    assert "SSH" in out.getvalue().split("\n")[0]
    assert "  ssh -L 41245:127.0.0.1:41245 ada@203.0.113.7\n" in out.getvalue()
    assert out.getvalue().index("ssh -L") < out.getvalue().index(URL)


async def test_the_browser_is_the_systems_unless_another_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """So an app writes `console_prompt()`, and nothing more."""
    opened: Future[str] = Future()
    monkeypatch.setattr(browser, "open_browser", opened.set_result)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(console_prompt(stream=io.StringIO(), stdin=None, environ={}), FakeAttempt())
            assert await wait(opened) == URL
            tasks.cancel_scope.cancel()


async def test_a_browser_that_cannot_be_opened_is_told() -> None:
    """The wait goes on; the address is there already. If nobody comes, that is why."""
    attempt = FakeAttempt()
    with terminal() as at:
        async with prompting(stream=at.stream, stdin=at.stream, attempt=attempt, open_browser=no_browser):
            await at.shows("No browser could be opened")
    assert attempt.timeout_case == "no-browser-headless"


async def test_where_no_browser_opens_a_code_is_named() -> None:
    """With the command that the caller calls it by, alone on its line; only where the provider has that way."""
    commands = {"device": "acme login --device"}
    for ways in (("browser", "paste", "device"), ("browser", "paste")):
        attempt = FakeAttempt(ways=ways)
        with terminal() as at:
            async with prompting(
                stream=at.stream, stdin=at.stream, attempt=attempt, open_browser=no_browser, commands=commands
            ):
                await at.shows("No browser could be opened")
                await at.shows("Waiting", times=2)
        assert ("\n  acme login --device\r\n" in at.screen) is ("device" in ways)


@pytest.mark.parametrize("place", Place)
async def test_a_marker_switches_nothing_off(place: Place) -> None:
    """In whatever place, the browser is tried all the same."""
    with terminal() as at:

        def opener(url: str) -> bool:
            return os.write(at.stream.fileno(), f"<opened {url}>".encode()) > 0

        async with prompting(
            stream=at.stream, stdin=at.stream, attempt=FakeAttempt(), open_browser=opener, place=place
        ):
            await at.shows(f"<opened {URL}>")


async def test_a_slow_opener_holds_nothing() -> None:
    """It runs on a daemon thread: the prompt can be cancelled meanwhile."""
    holding, release = os.pipe()

    def opener(url: str) -> bool:
        return bool(url and os.read(holding, 1))

    with anyio.fail_after(3):
        async with prompting(stream=io.StringIO(), stdin=None, attempt=FakeAttempt(), open_browser=opener):
            await anyio.lowlevel.checkpoint()
    os.write(release, b"x")
    os.close(release)
    os.close(holding)


async def test_a_pasted_address_is_submitted() -> None:
    """A line with Enter goes to the attempt; the prompt returns once it is accepted."""
    attempt = FakeAttempt()
    with terminal() as at, anyio.fail_after(5):
        prompt = console_prompt(open_browser=None, stream=at.stream, stdin=at.stream, environ={})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(prompt, attempt)
            await at.shows("left")
            at.type(OURS + "\r")
        assert attempt.submitted == [OURS]
        await at.shows("Finishing the sign-in")


async def test_a_bracketed_paste_needs_no_enter() -> None:
    """The terminal is asked to bracket pastes, and a whole one is taken as it ends."""
    attempt = FakeAttempt()
    async with on_terminal(attempt) as at:
        assert "\x1b[?2004h" in at.screen
        at.type(f"\x1b[200~{OURS[:40]}\r\n{OURS[40:]}\x1b[201~")
        await at.shows("Finishing")
    assert attempt.submitted == [OURS]


async def test_what_is_typed_is_never_shown() -> None:
    """Neither the terminal nor the prompt shows the address that holds the code."""
    async with on_terminal() as at:
        assert at.is_quiet()
        at.type("http://127.0.0.1:41245/auth/callback?code=the-code&state=bad\r")
        await at.shows("another sign-in attempt")
        await at.shows("Waiting", times=2)
    assert "the-code" not in at.screen


async def test_a_rejected_paste_is_explained_and_the_wait_goes_on() -> None:
    """Each gets one line, and the right one is still taken."""
    attempt = FakeAttempt()
    async with on_terminal(attempt) as at:
        at.type("nonsense\r")
        await at.shows("another sign-in attempt. Still waiting.")
        at.type("cut" + "x" * 4096 + "\r")
        await at.shows("4096")
        at.type(OURS + "\r")
        await at.shows("Finishing")
    assert [len(pasted) for pasted in attempt.submitted] == [8, 4099, len(OURS)]


async def test_a_long_address_arrives_whole() -> None:
    """Beyond the 4 096 bytes that a terminal's own line takes."""
    attempt = FakeAttempt()
    long = OURS + "x" * 9000
    async with on_terminal(attempt) as at:
        for start in range(0, len(long), 1000):
            at.type(long[start : start + 1000])
            await anyio.sleep(0.01)
        at.type("\r")
        await at.shows("another sign-in attempt")
    assert attempt.submitted == [long]


async def test_c_copies_the_address() -> None:
    """The terminal is handed the long address for its clipboard."""
    async with on_terminal() as at:
        at.type("c")
        await at.shows("clipboard")
    assert f"\x1b]52;c;{base64.b64encode(URL.encode()).decode()}\x07" in at.screen


async def test_the_live_line_counts_down() -> None:
    """What for, how long yet, and what `c` does, on one line that is rewritten each second."""
    seconds = iter(range(1000))
    with terminal() as at:
        prompt = console_prompt(
            open_browser=None, stream=at.stream, stdin=at.stream, environ={}, clock=lambda: float(next(seconds))
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(prompt, FakeAttempt())
            await at.shows("9:59 left, c copies the address")
            tasks.cancel_scope.cancel()
        await at.shows("\x1b[?2004l")
    live = at.screen[at.screen.index("Waiting for your browser (Acme Notes)") :]
    assert "\n" not in live
    assert live.split("\x1b[?2004l")[0].endswith("\r\x1b[K")


async def test_no_color_leaves_the_line_undressed() -> None:
    """NO_COLOR means no colour and no dimming; the line itself stays."""
    async with on_terminal() as at:
        assert "\x1b[2m" in at.screen
    async with on_terminal(environ={"NO_COLOR": "1"}) as at:
        assert "\x1b[2m" not in at.screen
        assert "left" in at.screen


async def test_plain_rewrites_nothing() -> None:
    """For screen readers: whole lines, each once; pasting works all the same."""
    attempt = FakeAttempt()
    async with on_terminal(attempt, plain=True) as at:
        assert "Waiting for your browser (Acme Notes) until " in at.screen
        at.type(OURS + "\r")
        await at.shows("Finishing")
    assert "\x1b[K" not in at.screen
    assert "left" not in at.screen


async def test_names_cannot_steer_the_terminal() -> None:
    """Control characters in what is shown are left out."""
    out = io.StringIO()
    attempt = FakeAttempt(app_name="A\x1b]0;evil\x07cme", asks=("see\x9b31m \u202ethings",))
    async with prompting(stream=out, stdin=None, attempt=attempt):
        await anyio.wait_all_tasks_blocked()
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(out.getvalue())


@pytest.mark.parametrize("ending", ["cancel", "error", "accepted"])
async def test_the_terminal_is_left_as_it_was(ending: str) -> None:
    """However the prompt ends: modes restored, brackets off, and nothing unread for the shell."""

    class Broken(FakeAttempt):
        async def submit(self, pasted: str, /) -> None:
            raise ZeroDivisionError

    attempt = Broken() if ending == "error" else FakeAttempt()
    with terminal() as at:
        before = at.modes()
        prompt = console_prompt(open_browser=None, stream=at.stream, stdin=at.stream, environ={})
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(prompt, attempt)
                await at.shows("Waiting")
                assert at.modes() != before
                at.type("half an addre" if ending == "cancel" else OURS + "\r")
                if ending == "cancel":
                    tasks.cancel_scope.cancel()
        except* ZeroDivisionError:
            assert ending == "error"
        assert at.modes() == before
        await at.shows("\x1b[?2004l")


async def test_texts_keep_to_the_width_of_the_terminal() -> None:
    """But for the address, which is one line however long."""
    with terminal() as at:
        at.resize(columns=60, rows=24)
        async with prompting(stream=at.stream, stdin=at.stream, attempt=FakeAttempt(), place=Place.SSH):
            await at.shows("left")
    lines = at.screen.replace("\r", "").replace("\x1b[?2004h", "").split("\n")
    assert URL in lines
    assert [line for line in lines[:-1] if len(line) > 60 and line != URL] == []


def devnull() -> TextIO:
    return open(os.devnull, encoding="utf-8")


def file_of(tmp_path: Path, text: str) -> TextIO:
    path = tmp_path / "stdin"
    path.write_text(text)
    return path.open()


async def test_the_end_of_stdin_is_not_the_end(tmp_path: Path) -> None:
    """Nothing there, a closed pipe, an empty file, a closed stream: the prompt waits on, and says nothing of it."""
    gone = pipe_with("")
    gone.close()
    with pipe_with("") as pipe, devnull() as null, file_of(tmp_path, "") as file:
        for stdin in (None, pipe, null, file, gone, io.StringIO("x")):
            attempt = FakeAttempt()
            prompt = console_prompt(open_browser=None, stream=io.StringIO(), stdin=stdin, environ={})
            with anyio.move_on_after(0.05) as waited:
                await prompt(attempt)
            assert waited.cancelled_caught, stdin
            assert attempt.submitted == []


async def test_an_address_may_come_by_pipe_or_file(tmp_path: Path) -> None:
    """Another program may hand it over, with or without a line break at the end."""
    with pipe_with(f"{OURS}\n") as pipe, file_of(tmp_path, f"first\n{OURS}") as file:
        for stdin in (pipe, file):
            attempt = FakeAttempt()
            with anyio.fail_after(5):
                await console_prompt(open_browser=None, stream=io.StringIO(), stdin=stdin, environ={})(attempt)
            assert attempt.submitted[-1] == OURS


async def test_a_stream_that_is_gone_stops_nothing() -> None:
    """With stderr closed the browser still opens and a paste still counts."""
    stream = io.StringIO()
    stream.close()
    attempt = FakeAttempt()
    with pipe_with(f"{OURS}\n") as pipe, anyio.fail_after(5):
        await console_prompt(open_browser=None, stream=stream, stdin=pipe, environ={})(attempt)
    assert attempt.submitted == [OURS]


PROGRAM = """
import sys, anyio
sys.path[:0] = [{root!r}, {core!r}, {adapters!r}]
from signedin.ports import OpenBrowser
from signedin_adapters.console import console_prompt
from tests.support.terminal import FakeAttempt
async def main():
    with anyio.move_on_after(0.1):
        await console_prompt(open_browser=None)(FakeAttempt())
anyio.run(main, backend=sys.argv[1])
print("ended")
""".format(root=str(ROOT), core=str(ROOT / "core"), adapters=str(ROOT / "adapters"))


def program(anyio_backend_name: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, anyio_backend_name]


async def test_an_open_stdin_does_not_hold_the_process(anyio_backend_name: str) -> None:
    """A pipe that nobody writes to or closes: the process ends when the sign-in does."""
    reading, writing = os.pipe()
    with anyio.fail_after(10):
        finished = await anyio.run_process(program(anyio_backend_name), stdin=reading, stderr=subprocess.DEVNULL)
    os.close(reading)
    os.close(writing)
    assert finished.stdout == b"ended\n"


BACKGROUND = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.execv(sys.executable, sys.argv[1:])
_, status = os.waitpid(child, os.WUNTRACED)
if os.WIFSTOPPED(status):
    os.kill(child, signal.SIGKILL)
sys.exit(9 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))
"""


@pytest.mark.linux
async def test_in_the_background_the_terminal_is_left_alone(anyio_backend_name: str) -> None:
    """`signedin login &` is not stopped by its shell: it neither reads nor changes a terminal that is another's."""
    with terminal() as at:
        before = at.modes()
        at.type("for the shell\r")
        command = [sys.executable, "-c", BACKGROUND, *program(anyio_backend_name)]
        with anyio.fail_after(10):
            finished = await anyio.run_process(
                command, stdin=at.stream.fileno(), stderr=at.stream.fileno(), start_new_session=True
            )
        assert finished.stdout == b"ended\n"
        assert at.modes() == before
