"""`signedin demo`: the whole job, on this machine."""

import os
import re
import tempfile
from pathlib import Path

import pytest
from tests.support.command import Run

from signedin_adapters.cli.demo.acts import ACTS
from signedin_adapters.cli.demo.performance import OPENING


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary directories are made."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return directory


def test_the_whole_job_is_shown_in_order(start: Run, home: Path, scratch: Path) -> None:
    """By the installed command, with every promise it makes about itself kept."""
    ran = start("demo")
    assert (ran.code, ran.err) == (0, "")
    first, *rest = ran.out.splitlines()
    assert first == OPENING
    assert first == "All of this runs on this machine, against a stand-in for OpenAI's servers. No account, no network."
    titles = [line for line in rest if re.match(r"\d  ", line)]
    assert titles == [f"{number}  {act.title}" for number, act in enumerate(ACTS, start=1)]
    assert list(home.iterdir()) == []
    assert list(scratch.iterdir()) == []


def test_each_act_brings_about_what_it_tells_of(run: Run, scratch: Path) -> None:
    """The requests and the states, as one object."""
    acts = run("demo", "--json").json()["acts"]
    moves = [[move["state"] for move in act["moves"]] for act in acts]
    refreshed, again = ["refreshing", "connected"], ["authorizing", "connected"]
    assert moves == [again, [], [], refreshed, refreshed * 2, ["refreshing", "expired"], again, ["disconnected"]]
    assert [move["case"] for act in acts for move in act["moves"] if move["case"]] == [
        "provider-outage",
        "refresh-token-reused",
    ]
    statuses = [[request["status"] for request in act["requests"]] for act in acts]
    assert statuses[3] == [401, 200, 200]
    assert statuses[4] == [503, 304, 401, 200, 304]
    assert statuses[5] == [200, 400]
    assert [request["path"] for request in acts[7]["requests"]] == ["/api/accounts/oauth/revoke", "/v1/models"]
    assert statuses[7] == [200, 401]


def test_no_token_code_or_state_is_shown(run: Run, scratch: Path) -> None:
    """Not even the stand-in's."""
    said = run("demo").out
    assert not re.search(r"eyJ|rt_|ac_|state=|code=|\?", said.replace("?” (", ""))


def test_it_looks_the_same_each_time(run: Run, scratch: Path) -> None:
    """No time, id or port stands in it, so that its picture can be checked."""
    assert run("demo").out == run("demo").out


@pytest.mark.parametrize("columns", ["50", "80", "200"])
def test_it_keeps_to_the_width_that_there_is(
    run: Run, scratch: Path, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """Beside each other where there is room, else below; the requests themselves are not cut."""
    monkeypatch.setenv("COLUMNS", columns)
    lines = run("demo").out.splitlines()[1:-3]
    assert max(map(len, lines)) <= min(int(columns), 96)
    beside = [line for line in lines if re.search(r"\d{3} \w+ +/.* → ", line)]
    assert bool(beside) == (columns != "50")


def test_for_screen_readers_nothing_stands_beside_anything(run: Run, scratch: Path) -> None:
    """A state has a line of its own."""
    assert not re.search(r"\d{3} \w+ +/.* → ", run("demo", "--plain").out)


def test_what_it_made_can_be_kept(run: Run, scratch: Path) -> None:
    """And is named: a home without a token, and the log of it all."""
    said = run("demo", "--keep").out.splitlines()
    kept, log = said[-2].split()[-1], said[-1].split()[-1]
    assert os.path.commonpath([kept, os.path.realpath(scratch)]) == os.path.realpath(scratch)
    assert Path(log).read_text().count("connection.transition") > 10
    assert not list(Path(kept).rglob("session"))


def test_without_a_terminal_nothing_waits(start: Run, scratch: Path) -> None:
    """`--step` needs somebody who presses Enter."""
    assert start("demo", "--step").code == 0


def test_neither_proxy_nor_store_of_the_environment_matters(
    start: Run, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes nowhere, and never asks a keyring."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("SIGNEDIN_STORE", "keyring")
    monkeypatch.setenv("SIGNEDIN_PROVIDER", "nobody")
    ran = start("demo")
    assert (ran.code, ran.err) == (0, "")
