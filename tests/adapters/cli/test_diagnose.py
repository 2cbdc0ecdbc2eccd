"""`signedin diagnose`, on logs that the library wrote while a sandbox went wrong on purpose."""

import gzip
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.support.command import SIGNEDIN, Run
from tests.support.logged import Logged, changed, written

from signedin_adapters.diagnosis import timeline
from signedin_adapters.sandbox import Sandbox

LATER = 2_000_000_000.0


@pytest.fixture
def logged(home: Path, tmp_path: Path) -> Logged:
    """A log that names one case, in years to come."""
    return Logged(tmp_path, now=LATER).connected().refreshed().failed("offline")


def log_of(home: Path) -> Path:
    """Where the command's log lies."""
    return home / "apps" / "signedin" / "log" / "signedin.jsonl"


def cases(run: Run, *arguments: str) -> dict[str, str]:
    """The cases that are named, with their status."""
    ran = run("diagnose", "--json", *arguments)
    assert ran.code == 0
    assert not any(each["illegal"] or each["cut"] for each in ran.json()["runs"])
    return {case["id"]: case["status"] for case in ran.json()["cases"]}


def test_a_healthy_log_names_nothing(eager: Sandbox, run: Run) -> None:
    """One line says so, with how much was read."""
    for _ in range(2):
        assert run("refresh").code == 0
    assert cases(run) == {}
    ran = run("diagnose")
    assert ran.code == 0
    (line,) = ran.out.splitlines()
    assert re.match(r"No trouble in [123] runs? of 1 account, from ", line)


@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("token-503", "provider-outage"),
        ("token-html", "provider-outage"),
        ("token-reused", "refresh-token-reused"),
        ("token-invalid-grant", "session-ended"),
        ("token-unknown-code", "unclassified"),
        ("token-drop", "request-timeout-ambiguous"),
        ("token-region", "region-unsupported"),
    ],
)
def test_a_refresh_that_fails_is_named(eager: Sandbox, run: Run, fault: str, case: str) -> None:
    """Exactly that case, as long as nothing better is known; and no step of it is illegal."""
    eager.faults.inject(fault)
    said = run("refresh", "--json").json()["error"]["case"]
    assert cases(run) == {said: "active"}
    assert said == case


@pytest.mark.parametrize(
    ("fault", "case"), [("callback-denied", "user-denied-consent"), ("token-503", "provider-outage")]
)
def test_a_sign_in_that_fails_is_named(sandbox: Sandbox, run: Run, fault: str, case: str) -> None:
    """And over once somebody signed in, though each try was an account of its own."""
    sandbox.faults.inject(fault)
    assert run("login", "--provider", "sandbox").code != 0
    assert cases(run) == {case: "active"}
    assert run("login", "--provider", "sandbox").code == 0
    assert cases(run) == {case: "cleared"}


def test_a_trouble_that_passed_is_over(eager: Sandbox, run: Run) -> None:
    """A success after an error clears the error."""
    eager.faults.inject("token-region")
    assert run("refresh").code != 0
    assert run("refresh").code == 0
    assert cases(run) == {"region-unsupported": "cleared"}


def test_a_token_that_is_refused_and_not_renewed_is_one_trouble(eager: Sandbox, run: Run) -> None:
    """What ended the session; the 401 was only how it showed."""
    eager.faults.inject("token-reused")
    eager.expire_access_tokens()
    assert run("models").code == 4
    assert cases(run) == {"refresh-token-reused": "active"}


def test_a_limit_is_named(eager: Sandbox, run: Run) -> None:
    """A flag's case, which moves no state."""
    eager.faults.inject("api-429-limit")
    assert run("ask", "Hello").code == 9
    assert set(cases(run).values()) == {"active"}


def test_what_to_do_is_said(eager: Sandbox, run: Run) -> None:
    """The title, what it means, the next step, and where there is more."""
    eager.faults.inject("token-reused")
    run("refresh")
    ran = run("diagnose")

    assert ran.out.startswith("1 trouble in ")
    assert "refresh-token-reused" in ran.out
    assert "not over" in ran.out
    assert "signedin login" in ran.out
    assert "signedin explain refresh-token-reused" in ran.out


def test_its_object_has_fixed_keys(eager: Sandbox, run: Run) -> None:
    """One object; times as RFC 3339 in UTC."""
    eager.faults.inject("token-503")
    run("refresh")
    said = run("diagnose", "--json").json()

    assert said.keys() == {"schema", "records", "skipped", "runs", "runs_folded", "cases"}
    assert said["runs"][0].keys() == {"account", "run", "final_state", "illegal", "cut"}
    (case,) = said["cases"]
    assert case.keys() == {
        "id",
        "title",
        "remedy",
        "account",
        "status",
        "first_at",
        "last_at",
        "count",
        "candidates",
        "request_id",
    }
    assert case["first_at"].endswith("Z")


@pytest.mark.parametrize("packing", ["plain", "gzip", "zip"])
def test_stdin_may_be_packed_as_well(logged: Logged, run: Run, packing: str, tmp_path: Path) -> None:
    """What comes through a pipe is known by its first bytes."""
    data = logged.path.read_bytes()
    if packing == "gzip":
        data = gzip.compress(data)
    if packing == "zip":
        with zipfile.ZipFile(tmp_path / "log.zip", "w") as file:
            file.writestr("log.jsonl", data)
        data = (tmp_path / "log.zip").read_bytes()
    ended = subprocess.run([SIGNEDIN, "diagnose", "--json", "-"], input=data, capture_output=True, check=True)
    assert [case["id"] for case in json.loads(ended.stdout)["cases"]] == ["offline"]


def test_rotated_files_of_the_own_log_are_read(home: Path, run: Run, logged: Logged) -> None:
    """Without being named."""
    path = log_of(home)
    path.parent.mkdir(parents=True)
    written(path, logged.lines[3:])
    written(path.with_name("signedin.jsonl.1"), logged.lines[:3])
    assert cases(run) == {"offline": "active"}


def test_so_are_those_of_a_log_that_was_named(
    home: Path, run: Run, logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is called, packed or not."""
    path = tmp_path / "named"
    monkeypatch.setenv("SIGNEDIN_LOG", str(path))
    written(path, logged.lines[3:])
    path.with_name("named.1.gz").write_bytes(gzip.compress(b"\n".join(logged.lines[:3]) + b"\n"))
    assert cases(run) == {"offline": "active"}


def test_there_may_be_no_log_yet(home: Path, run: Run) -> None:
    """That is no error."""
    ran = run("diagnose")
    assert (ran.code, ran.out) == (0, "There is no log yet.\n")


def test_a_log_that_is_off_is_not_there(home: Path, run: Run, monkeypatch: pytest.MonkeyPatch, logged: Logged) -> None:
    """Exit 7; any other can be named."""
    monkeypatch.setenv("SIGNEDIN_LOG", "off")
    assert run("diagnose").code == 7
    assert run("diagnose", str(logged.path)).code == 0


def test_a_file_that_there_is_not_is_a_mistake(home: Path, run: Run) -> None:
    """Exit 2."""
    ran = run("diagnose", "nope.jsonl")
    assert ran.code == 2
    assert "nope.jsonl cannot be read" in ran.err


def test_what_is_no_log_is_said_to_be_none(home: Path, run: Run, tmp_path: Path) -> None:
    """It could be read, so it is no failure."""
    ran = run("diagnose", str(written(tmp_path / "other.log", [b"one", b"two"])))
    assert ran.code == 0
    assert "There is nothing of this log in it." in ran.out
    assert "2 lines were skipped" in ran.out


def test_a_step_that_cannot_be_is_told(run: Run, logged: Logged, tmp_path: Path) -> None:
    """Which run, which line, and what is wrong with it."""
    lines = logged.lines
    path = written(tmp_path / "wrong.log", [*lines[:-1], changed(lines[-1], to="expired")])
    ran = run("diagnose", str(path))
    assert "Cannot be: run " in ran.out
    assert "refreshing → expired by RefreshFailed, there is no such step." in ran.out
    assert "Cut: run " in run("diagnose", str(written(path, lines[2:]))).out


def test_the_timeline_is_one_line_a_step(run: Run, logged: Logged) -> None:
    """With local times, or in UTC."""
    ran = run("diagnose", "--timeline", "--utc", str(logged.path))
    steps = [line for line in ran.out.splitlines() if "→" in line]
    assert [line.split()[-1] for line in steps] == ["AccountLoaded", "TokenRefreshed", "offline"]
    assert all(" UTC  " in line for line in steps)
    said = run("diagnose", "--timeline", "--json", str(logged.path)).json()["timeline"]
    assert [entry["to"] for entry in said] == ["connected"] * 3


def test_a_timeline_that_is_too_long_says_so(run: Run, logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest steps are told, and how many there were before."""
    monkeypatch.setattr(timeline, "ENTRIES", 1)
    ran = run("diagnose", "--timeline", str(logged.path))
    assert sum("→" in line for line in ran.out.splitlines()) == 1
    assert ran.err == "Earlier steps that the timeline leaves off: 2.\n"


@pytest.mark.parametrize("since", ["2033-06-01", "2033-06-01T10:00:00+02:00"])
def test_what_ended_before_is_left_off(run: Run, logged: Logged, since: str) -> None:
    """So long ago, or since a moment."""
    assert cases(run, "--since", since, str(logged.path)) == {}
    assert cases(run, "--since", "2h", str(logged.path)) == {"offline": "active"}


def test_a_moment_that_cannot_be_read_is_a_mistake(run: Run, logged: Logged) -> None:
    """Exit 2."""
    assert run("diagnose", "--since", "yesterday", str(logged.path)).code == 2


def test_a_fixture_is_made_of_the_newest_case(eager: Sandbox, run: Run, tmp_path: Path) -> None:
    """To a file that was not there, or to stdout; diagnosed, it names the same case."""
    eager.faults.inject("token-reused")
    run("refresh")
    path = tmp_path / "fixture.jsonl"
    assert run("diagnose", "--fixture", str(path)).code == 0
    assert cases(run, str(path)) == {"refresh-token-reused": "active"}
    assert run("diagnose", "--fixture", "-").out == path.read_text()
    assert run("diagnose", "--fixture", str(path)).code == 2


def test_there_is_no_fixture_without_a_case(eager: Sandbox, run: Run) -> None:
    """Exit 2; nor two answers on one stdout."""
    assert run("diagnose", "--fixture", "-").code == 2
    assert run("diagnose", "--fixture", "-", "--json").code == 2


def test_nothing_secret_passes(run: Run, logged: Logged, tmp_path: Path) -> None:
    """Not even where a stranger's log holds it in a field that has a place for words."""
    canary = "canary-word"
    poison: dict[str, Any] = {
        **dict.fromkeys(("code", "reason", "kind", "endpoint", "outcome", "email", "url", "store", "provider"), canary),
        "request_id": "canaryCanaryCanaryCanary",
        "access_token": canary,
    }
    lines = [changed(line, **poison) for line in logged.lines]
    lines += [
        changed(lines[-1], seq=len(lines), case=canary),
        changed(lines[-1], seq=len(lines) + 1, to=canary),
        changed(lines[-1], seq=len(lines) + 2, trigger="Canary"),
        changed(lines[-1], seq=len(lines) + 3, account="canary@example.com"),
        changed(lines[-1], seq=len(lines) + 4, flags=[canary]),
        changed(lines[-1], seq=len(lines) + 5, event="canary.happened"),
        b"canary in plain text",
    ]
    path = str(written(tmp_path / "strange.log", lines))
    for arguments in (("--timeline",), ("--json", "--timeline"), ("--fixture", "-")):
        ran = run("diagnose", *arguments, path)
        assert ran.code == 0
        assert "anary" not in ran.out + ran.err


def test_it_changes_nothing(eager: Sandbox, run: Run, home: Path) -> None:
    """No file, and no request."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    eager.requests.clear()
    run("diagnose", "--timeline")
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    assert not list(eager.requests)
