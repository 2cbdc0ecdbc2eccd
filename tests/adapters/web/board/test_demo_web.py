"""`signedin demo --web`: the board in the foreground, until Ctrl-C."""

import io
import json
import os
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from tests.support.command import SIGNEDIN
from tests.support.page import Browser


@contextmanager
def started(home: Path, scratch: Path) -> Generator[tuple["subprocess.Popen[bytes]", str]]:
    """The command, and the address that it prints once it listens."""
    environment = {**os.environ, "SIGNEDIN_HOME": str(home), "TMPDIR": str(scratch)}
    command = [SIGNEDIN, "demo", "--web", "--json", "--no-browser"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())["url"]


def test_it_says_where_it_is_and_ends_at_once(tmp_path: Path) -> None:
    """Nothing is left of it, and the user's own home is not touched."""
    home, scratch = tmp_path / "home", tmp_path / "scratch"
    scratch.mkdir()
    with started(home, scratch) as (process, url):
        assert httpx.get(url, trust_env=False, timeout=20).status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert b"The board is closed." in (process.stderr or io.BytesIO()).read()
    assert not home.exists()
    assert list(scratch.iterdir()) == []


def test_it_ends_in_the_middle_of_a_play(tmp_path: Path) -> None:
    """The reader's answer breaks off, and what was made for the play is removed."""
    with started(tmp_path / "home", tmp_path) as (process, url), Browser(url.partition("/#")[0]) as browser:
        browser.trade(url)
        with suppress(httpx.TransportError), browser.lines("/play", case="identity-unverified") as lines:
            next(lines)
            assert list(tmp_path.glob("signedin-board-*")) != []
            process.send_signal(signal.SIGINT)
            list(lines)
        assert process.wait(timeout=20) == 0
    assert list(tmp_path.glob("signedin-board-*")) == []


def test_what_belongs_to_the_terminal_is_refused(tmp_path: Path) -> None:
    """There are no acts to wait between."""
    environment = {**os.environ, "SIGNEDIN_HOME": str(tmp_path)}
    ran = subprocess.run(
        [SIGNEDIN, "demo", "--web", "--step"], env=environment, capture_output=True, timeout=20, check=False
    )
    assert ran.returncode == 2
