"""The log as its callers meet it: lines that can be replayed, hold no secret, and never stand in anyone's way."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE
from threading import Thread
from typing import Any

import pytest

from signedin.errors import ConfigurationError
from signedin.ports import Log
from signedin.secret import Secret
from signedin_adapters.log import open_log

posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX system")

CANARY = "canary-Zm9vYmFy_0123456789-Sk9LRVI"


def open_at(tmp_path: Path, setting: str = "info") -> Log:
    return open_log(directory=str(tmp_path / "log"), app="acme-notes", store="file", markers=["ssh"], setting=setting)


def records(tmp_path: Path, name: str = "log/signedin.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def run_program(program: str) -> None:
    subprocess.run([sys.executable, "-c", program], env=environment(), check=True, timeout=30)


def test_a_run_opens_with_what_it_runs_on(tmp_path: Path) -> None:
    """Version, Python, system, app, store and markers: what every diagnosis asks first."""
    open_at(tmp_path)
    (started,) = records(tmp_path)
    assert started["event"] == "run.started"
    assert started["schema"] == 1
    assert started["seq"] == 0
    assert started["python"].startswith(f"{sys.version_info.major}.")
    assert (started["app"], started["store"], started["markers"]) == ("acme-notes", "file", ["ssh"])
    assert {"run", "at", "version", "os", "pid"} <= started.keys()


def test_a_transition_is_one_line(tmp_path: Path) -> None:
    """In the fields and the order of the contract."""
    log = open_at(tmp_path)
    log.write(
        "connection.transition",
        account="k3v9",
        **{"from": "connected"},
        trigger="RefreshFailed",
        to="connected",
        case="offline",
        flags=["in_doubt"],
        episode="00ff00ff",
        attempt=None,
        generation=7,
        request_id=None,
        in_doubt=True,
        at=1_790_000_000.25,
    )
    line = records(tmp_path)[1]
    names = "schema run seq at event account from trigger to case flags episode attempt generation request_id in_doubt"
    assert list(line) == names.split()
    assert line["at"] == "2026-09-21T14:13:20.250000Z"
    assert line["flags"] == ["in_doubt"]


def test_the_lines_of_a_run_can_be_put_in_order(tmp_path: Path) -> None:
    """Numbered without a gap from 0, whichever threads wrote them; two runs are told apart."""
    logs = [open_at(tmp_path), open_at(tmp_path)]
    threads = [Thread(target=lambda log=log: [log.write("effect.load") for _ in range(50)]) for log in logs * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers: dict[str, list[int]] = {}
    for record in records(tmp_path):
        numbers.setdefault(record["run"], []).append(record["seq"])
    assert len(numbers) == 2
    assert all(seqs == list(range(201)) for seqs in numbers.values())


def test_no_secret_gets_into_a_line(tmp_path: Path) -> None:
    """In whatever field it comes, as itself or as a Secret, known field or not."""
    from signedin_adapters.log.lines import FIELDS

    log = open_at(tmp_path, "debug")
    for field in {*FIELDS, "token", "body", "email"} - {"event"}:
        for value in (
            CANARY,
            Secret(CANARY),
            [CANARY],
            {CANARY: CANARY},
            Exception(CANARY),
            f"https://x/?code={CANARY}",
        ):
            if field != "request_id":
                log.write("effect.load", **{field: value})
    log.write(CANARY)
    written = (tmp_path / "log" / "signedin.jsonl").read_bytes()
    assert b"withheld" in written
    assert b"canary" not in written.lower()


def test_an_account_has_one_pseudonym_in_every_run(tmp_path: Path) -> None:
    """So that runs can be joined; without `log/key` it means nothing."""
    for _ in range(2):
        open_at(tmp_path).write("effect.load", account="k3v9")
    names = {record["account"] for record in records(tmp_path) if "account" in record}
    assert len(names) == 1
    assert "k3v9" not in names.pop()
    assert len((tmp_path / "log" / "key").read_bytes()) == 32


def test_another_home_has_other_pseudonyms(tmp_path: Path) -> None:
    """Two logs cannot be matched with each other."""
    for home in ("a", "b"):
        open_at(tmp_path / home).write("effect.load", account="k3v9")
    assert records(tmp_path / "a")[1]["account"] != records(tmp_path / "b")[1]["account"]


@posix
def test_key_and_log_are_the_owners_alone(tmp_path: Path) -> None:
    """0600, and nothing is left of how the key was made."""
    open_at(tmp_path)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "log").iterdir()}
    assert modes == {"key": 0o600, "signedin.jsonl": 0o600}


def test_off_leaves_no_trace(tmp_path: Path) -> None:
    """No file, no directory."""
    open_at(tmp_path, "off").write("effect.load")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("level", "events"),
    [
        ("debug", ["run.started", "effect.load", "http.answered", "effect.refresh"]),
        ("info", ["run.started", "effect.load", "effect.refresh"]),
        ("warning", ["effect.refresh"]),
    ],
)
def test_a_level_leaves_out_what_is_below_it(tmp_path: Path, level: str, events: list[str]) -> None:
    """`warning` keeps the cases alone; what was left out leaves no gap."""
    log = open_at(tmp_path, level)
    log.write("effect.load")
    log.write("http.answered", status=200)
    log.write("effect.refresh", case="offline")
    assert [record["event"] for record in records(tmp_path)] == events
    assert [record["seq"] for record in records(tmp_path)] == list(range(len(events)))


def test_a_path_moves_the_lines_and_leaves_the_key(tmp_path: Path) -> None:
    """Pseudonyms stay the same wherever the lines go."""
    open_at(tmp_path, str(tmp_path / "elsewhere" / "mine.jsonl"))
    assert records(tmp_path, "elsewhere/mine.jsonl")[0]["event"] == "run.started"
    assert [file.name for file in (tmp_path / "log").iterdir()] == ["key"]


def test_the_environment_decides_where_the_caller_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`SIGNEDIN_LOG` is the library's too."""
    monkeypatch.setenv("SIGNEDIN_LOG", str(tmp_path / "mine.jsonl"))
    open_log(directory=str(tmp_path / "log"), app="acme", store="memory")
    assert (tmp_path / "mine.jsonl").exists()


@pytest.mark.parametrize("setting", ["OFF", "Off", " off "])
def test_off_is_off_however_it_is_written(tmp_path: Path, setting: str) -> None:
    """No file of that name appears."""
    open_at(tmp_path, setting).write("effect.load")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("setting", ["DEBUG", "Debug"])
def test_a_level_is_one_however_it_is_written(tmp_path: Path, setting: str) -> None:
    """Single HTTP exchanges are kept, and where they always are."""
    open_at(tmp_path, setting).write("http.answered", status=200)
    assert [record["event"] for record in records(tmp_path)] == ["run.started", "http.answered"]


@pytest.mark.parametrize("setting", ["verbose", "debug2", "1", ".."])
def test_what_is_neither_a_word_nor_a_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    """A misspelt level makes no file of that name, and is not taken for another level."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="SIGNEDIN_LOG"):
        open_at(tmp_path, setting)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_log_is_refused(tmp_path: Path) -> None:
    """It would be appended to, and rotated away."""
    notes = tmp_path / "notes.txt"
    notes.write_text("dear diary\n")
    with pytest.raises(ConfigurationError, match=r"notes\.txt"):
        open_at(tmp_path, str(notes))
    assert notes.read_text() == "dear diary\n"


def test_a_log_that_is_there_is_gone_on_with(tmp_path: Path) -> None:
    """Two runs, one file."""
    for _ in range(2):
        open_at(tmp_path, str(tmp_path / "mine.jsonl"))
    assert [record["seq"] for record in records(tmp_path, "mine.jsonl")] == [0, 0]


def break_by_file(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"")


def break_by_link(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "signedin.jsonl").symlink_to(tmp_path / "victim")
    (tmp_path / "log" / "key").symlink_to(tmp_path / "victim")


def break_by_short_key(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "key").write_bytes(b"short")


@posix
@pytest.mark.parametrize("spoil", [break_by_file, break_by_link, break_by_short_key])
def test_a_log_that_cannot_be_written_harms_nobody(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], spoil: Any
) -> None:
    """Opening and writing go through in silence, and nothing is written where a link leads."""
    spoil(tmp_path)
    open_at(tmp_path).write("effect.load", account="k3v9")
    assert capfd.readouterr() == ("", "")
    assert not (tmp_path / "victim").exists()


@posix
def test_a_full_disk_leaves_a_gap_that_shows(tmp_path: Path) -> None:
    """The numbers go on, so that whoever reads the log sees that something is missing."""
    run_program(f"""
import resource
from signedin_adapters.log import open_log
log = open_log(directory={str(tmp_path / "log")!r}, app="acme", store="file", setting="info")
resource.setrlimit(resource.RLIMIT_FSIZE, (1, -1))
log.write("effect.load")
resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
log.write("effect.refresh")
""")
    assert [record["seq"] for record in records(tmp_path)] == [0, 2]


@posix
def test_a_forked_child_begins_a_run_of_its_own(tmp_path: Path) -> None:
    """Two processes never count in the same run."""
    run_program(f"""
import os
from signedin_adapters.log import open_log
log = open_log(directory={str(tmp_path / "log")!r}, app="acme", store="file", setting="info")
child = os.fork()
log.write("effect.load" if child == 0 else "effect.refresh")
child and os.waitpid(child, 0)
""")
    by_run: dict[str, list[tuple[int, str]]] = {}
    for record in records(tmp_path):
        by_run.setdefault(record["run"], []).append((record["seq"], record["event"]))
    parent, child = ([(0, "run.started"), (1, f"effect.{effect}")] for effect in ("refresh", "load"))
    assert sorted(by_run.values()) == sorted([parent, child])


def test_processes_that_begin_at_once_agree_on_the_key(tmp_path: Path) -> None:
    """The first one's key is everybody's."""
    program = f"""
import sys
from signedin_adapters.log.pseudonym import Pseudonyms
print(flush=True); sys.stdin.readline()
print(Pseudonyms({str(tmp_path)!r}).name("k3v9"))
"""
    starting = [
        subprocess.Popen([sys.executable, "-c", program], stdin=PIPE, stdout=PIPE, env=environment()) for _ in range(4)
    ]
    for process in starting:
        assert process.stdout is not None
        process.stdout.readline()
    names = {process.communicate(b"go\n", timeout=30)[0] for process in starting}
    assert len(names) == 1


def test_structlog_and_logging_stay_as_the_host_made_them(tmp_path: Path) -> None:
    """The library configures neither."""
    import logging

    import structlog

    handlers = list(logging.getLogger().handlers)
    open_at(tmp_path)
    assert not structlog.is_configured()
    assert logging.getLogger().handlers == handlers
