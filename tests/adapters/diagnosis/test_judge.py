"""What is said of a log: its runs, where they are broken, and the cases in them."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.judged import judged, named
from tests.support.logged import Logged, changed
from tests.support.walk import session

from signedin import events as ev
from signedin.states import Flag, State
from signedin_adapters.diagnosis import diagnose, find
from signedin_adapters.diagnosis.runs import RUNS


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    """A process that has loaded a session."""
    return Logged(tmp_path).connected()


def test_a_healthy_run_names_nothing(logged: Logged, tmp_path: Path) -> None:
    """However often it refreshes; it is told where it stands."""
    for _ in range(40):
        logged.refreshed()
    found = judged(tmp_path, logged.lines)

    assert (found.cases, found.skipped, found.accounts) == ((), 0, 1)
    assert found.records == len(logged.lines)
    (run,) = found.runs
    assert (run.final_state, run.illegal, run.cut) == (State.CONNECTED, (), ())
    assert (found.first_at, found.last_at) == (logged.records[0]["at"], logged.records[-1]["at"])


def test_a_trouble_is_counted_once_while_it_lasts(logged: Logged, tmp_path: Path) -> None:
    """Its case stands on many lines; the second time is a second time."""
    for _ in range(2):
        logged.failed().failed().refreshed()
    logged.failed()
    (case,) = judged(tmp_path, logged.lines).cases

    assert (case.id, case.count, case.active) == ("provider-outage", 3, True)
    assert case.first_at < case.last_at == logged.records[-1]["at"]


def test_a_success_clears_an_error(logged: Logged, tmp_path: Path) -> None:
    """The newest evidence wins."""
    assert named(judged(tmp_path, logged.failed().lines)) == {"provider-outage": True}
    assert named(judged(tmp_path, logged.refreshed().lines)) == {"provider-outage": False}


def test_signing_out_clears_what_there_was(logged: Logged, tmp_path: Path) -> None:
    """What is gone troubles nobody."""
    logged.failed().then(ev.SignOutRequested)
    assert named(judged(tmp_path, logged.lines)) == {"provider-outage": False}


def test_a_flag_is_active_until_it_is_cleared(logged: Logged, tmp_path: Path) -> None:
    """A refresh does not end it."""
    logged.then(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit").refreshed()
    assert named(judged(tmp_path, logged.lines)) == {"usage-limit-hit": True}
    logged.then(ev.FlagCleared, flag=Flag.USAGE_PAUSED)
    assert named(judged(tmp_path, logged.lines)) == {"usage-limit-hit": False}


def test_another_process_that_succeeds_clears_it_too(logged: Logged, tmp_path: Path) -> None:
    """The account is one."""
    logged.failed()
    other = Logged(tmp_path, "other", now=logged.now + 10).connected().refreshed()
    assert named(judged(tmp_path, [*logged.lines, *other.lines])) == {"provider-outage": False}


def test_another_account_says_nothing_about_it(logged: Logged, tmp_path: Path) -> None:
    """Each has its own troubles."""
    logged.failed()
    other = Logged(tmp_path, "other", account="grace", now=logged.now + 10).connected().refreshed()
    found = judged(tmp_path, [*logged.lines, *other.lines])
    assert (named(found), found.accounts) == ({"provider-outage": True}, 2)


def test_a_sign_in_that_failed_is_over_once_somebody_signed_in(tmp_path: Path) -> None:
    """Even to another account: the one that failed was nobody's yet."""
    failed = Logged(tmp_path, account="nobody").then(ev.AccountLoaded, session=None)
    failed.then(ev.SignInRequested, attempt_id="a" * 16, deadline=failed.now + 600)
    failed.then(ev.SignInFailed, attempt_id="a" * 16, case="user-denied-consent")
    assert named(judged(tmp_path, failed.lines)) == {"user-denied-consent": True}

    well = Logged(tmp_path, "well", now=failed.now + 10).then(ev.AccountLoaded, session=None)
    well.then(ev.SignInRequested, attempt_id="b" * 16, deadline=well.now + 600)
    well.then(ev.SessionCommitted, attempt_id="b" * 16, session=session(1, issued_at=well.now))
    assert named(judged(tmp_path, [*failed.lines, *well.lines])) == {"user-denied-consent": False}


def test_attempts_are_counted_one_by_one(tmp_path: Path) -> None:
    """Three that were cancelled are three."""
    logged = Logged(tmp_path)
    for attempt in "abc":
        logged.then(ev.SignInRequested, attempt_id=attempt * 16, deadline=logged.now + 600)
        logged.then(ev.SignInCancelled, attempt_id=attempt * 16)
    (case,) = judged(tmp_path, logged.lines).cases
    assert (case.id, case.count) == ("login-cancelled", 3)


def test_what_goes_wrong_beside_the_machine_is_a_case_too(logged: Logged, tmp_path: Path) -> None:
    """It is over with the next success."""
    logged.beside("save.failed", case="disk-full-or-readonly")
    assert named(judged(tmp_path, logged.lines)) == {"disk-full-or-readonly": True}
    assert named(judged(tmp_path, logged.beside("exchange.failed", kind="ValueError").refreshed().lines)) == {
        "disk-full-or-readonly": False
    }


def test_the_newest_case_comes_first(logged: Logged, tmp_path: Path) -> None:
    """Whichever was seen first."""
    logged.failed("offline").failed("provider-outage").failed("offline")
    assert [case.id for case in judged(tmp_path, logged.lines).cases] == ["offline", "provider-outage"]


def test_reasons_are_ordered_by_what_the_machine_is_marked_as(tmp_path: Path) -> None:
    """Over SSH no callback is the likeliest, in WSL something else."""

    def likeliest(*markers: str) -> str:
        logged = Logged(tmp_path, "-".join(("on", *markers)), markers=markers)
        logged.then(ev.SignInRequested, attempt_id="a" * 16, deadline=logged.now + 600)
        logged.then(ev.SignInTimedOut, attempt_id="a" * 16)
        return judged(tmp_path, logged.lines).cases[0].candidates[0].id

    assert likeliest("ssh") == "callback-never-arrives-ssh"
    assert likeliest("wsl") == "callback-wsl2"


def test_a_case_that_we_do_not_know_is_unclassified(logged: Logged, tmp_path: Path) -> None:
    """A newer version's, or anybody's word."""
    lines = logged.failed().lines
    assert named(judged(tmp_path, [*lines[:-1], changed(lines[-1], case="hunter")])) == {"unclassified": True}


def test_a_request_is_named_where_it_is_spelled_as_servers_do(logged: Logged, tmp_path: Path) -> None:
    """Anything else in its place is not passed on."""
    lines = logged.failed().lines
    told = [
        judged(tmp_path, [*lines[:-1], changed(lines[-1], request_id=request_id)]).cases[0].request_id
        for request_id in ("req_0123456789abcdef0123456789abcdef", "aVerySecretValueThatIsNoRequestId")
    ]
    assert told == ["req_0123456789abcdef0123456789abcdef", None]


def test_a_step_that_cannot_be_is_illegal(logged: Logged, tmp_path: Path) -> None:
    """It is told which, and why."""
    lines = logged.refreshed().lines
    (run,) = judged(tmp_path, [*lines[:-1], changed(lines[-1], to="expired")]).runs
    (illegal,) = run.illegal

    assert illegal.way == (State.REFRESHING, "TokenRefreshed", State.EXPIRED)
    assert (illegal.seq, illegal.reason) == (3, "no-such-step")
    assert run.final_state is State.EXPIRED


def test_a_step_that_does_not_follow_is_illegal(logged: Logged, tmp_path: Path) -> None:
    """Where no line is missing between."""
    first, second, *others = logged.refreshed().refreshed().lines
    (run,) = judged(tmp_path, [first, second, *(changed(line, seq=n) for n, line in enumerate(others[1:], 2))]).runs
    assert [illegal.reason for illegal in run.illegal] == ["does-not-follow"]


def test_a_step_that_the_machine_would_not_take_is_illegal(logged: Logged, tmp_path: Path) -> None:
    """Though the table has such a row: a failure leads to Error only once the token has run out."""
    lines = logged.failed().lines
    (run,) = judged(tmp_path, [*lines[:-1], changed(lines[-1], to="error")]).runs
    assert [illegal.reason for illegal in run.illegal] == ["not-by-the-machine"]


def test_a_gap_is_a_cut_and_no_more(logged: Logged, tmp_path: Path) -> None:
    """What follows need not follow on what was."""
    lines = logged.refreshed().refreshed().failed().lines
    found = judged(tmp_path, lines[:2] + lines[3:])
    (run,) = found.runs
    assert [(cut.after, cut.before) for cut in run.cut] == [(1, 3)]
    assert (run.illegal, named(found)) == ((), {"provider-outage": True})


def test_a_beginning_that_is_not_there_is_a_cut(logged: Logged, tmp_path: Path) -> None:
    """It was rotated away."""
    (run,) = judged(tmp_path, logged.refreshed().lines[2:]).runs
    assert [(cut.after, cut.before) for cut in run.cut] == [(None, 2)]
    assert run.illegal == ()


def test_a_log_of_cases_alone_is_cut_and_not_illegal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the level `warning` nothing else was kept."""
    logged = Logged(tmp_path).connected().refreshed().failed().refreshed().failed().refreshed()
    kept = [line for line in logged.lines if b'"case":"' in line]
    found = judged(tmp_path, [changed(line, seq=seq) for seq, line in enumerate(kept)])
    assert [run.illegal for run in found.runs] == [()]
    assert named(found) == {"provider-outage": True}


def test_the_same_log_twice_is_one_log(logged: Logged, tmp_path: Path) -> None:
    """Nothing counts twice, and nothing is out of order."""
    lines = logged.failed().refreshed().lines
    once, twice = judged(tmp_path, lines), judged(tmp_path, lines * 2)
    assert (twice.records, twice.cases, twice.runs) == (once.records, once.cases, once.runs)


def test_what_is_none_of_ours_is_counted(logged: Logged, tmp_path: Path) -> None:
    """No JSON, another program's, a newer schema, too long, too deep: skipped, and the rest is read."""
    strange = [
        b"not json",
        b'{"level":"info"}',
        changed(logged.lines[0], schema=2),
        changed(logged.lines[0], run="Not-A-Run"),
        b'{"schema":1,"run":"' + b"0" * 9000 + b'"}',
        b"[" * 4000,
        b"\xff\xfe{}",
        b"",
    ]
    found = judged(tmp_path, [*strange, *logged.failed().lines, *strange])
    assert (found.skipped, found.records) == (14, len(logged.lines))
    assert named(found) == {"provider-outage": True}


def test_lines_that_were_written_anew_mean_the_same(logged: Logged, tmp_path: Path) -> None:
    """With blanks, in another order, with other line ends."""
    lines = logged.failed().refreshed().lines
    again = [json.dumps(dict(sorted(json.loads(line).items()))).encode() + b"\r" for line in lines]
    as_it_was, anew = judged(tmp_path, lines), judged(tmp_path, again)
    assert (anew.cases, anew.runs, anew.skipped) == (as_it_was.cases, as_it_was.runs, 0)


def test_what_is_over_before_since_does_not_count(logged: Logged, tmp_path: Path) -> None:
    """Neither as a case, nor as one time of many."""
    logged.failed("offline").failed().refreshed()
    since = logged.records[-1]["at"]
    path = str(logged.failed().path)

    (case,) = diagnose(find([path]), since=since).cases
    assert (case.id, case.count) == ("provider-outage", 1)
    assert {case.id: case.count for case in diagnose(find([path])).cases} == {"offline": 1, "provider-outage": 2}


def test_the_timeline_tells_what_happened(logged: Logged, tmp_path: Path) -> None:
    """A refresh is told by what it came to."""
    found = diagnose(find([str(logged.refreshed().failed("offline").path)]), timeline=True)
    assert [(entry.trigger, entry.case) for entry in found.timeline] == [
        ("AccountLoaded", None),
        ("TokenRefreshed", None),
        ("RefreshFailed", "offline"),
    ]


def test_more_runs_than_are_kept_are_counted(logged: Logged, tmp_path: Path) -> None:
    """Those that were silent for longest; none of them is called cut."""
    lines = [
        line.replace(logged.records[0]["run"].encode(), b"%016x" % number)
        for number in range(RUNS + 10)
        for line in logged.lines
    ]
    found = judged(tmp_path, lines)
    assert found.folded + len(found.runs) == RUNS + 10
    assert [run for run in found.runs if run.cut or run.illegal] == []


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> list[list[bytes]]:
    """Processes that are well, of three accounts."""
    directory = tmp_path_factory.mktemp("lives")
    lives = list[list[bytes]]()
    for number in range(5):
        logged = Logged(directory, str(number), account=str(number % 3), now=1e6 + number).connected()
        for _ in range(number + 1):
            logged.refreshed()
        lives.append(logged.then(ev.FlagRaised, flag=Flag.IDENTITY_UNVERIFIED).lines)
    return lives


@given(seed=st.integers(min_value=0))
def test_processes_may_be_interleaved_in_any_way(
    seed: int, lives: list[list[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What each of them does is legal, and none names a case."""
    chance, left, lines = random.Random(seed), [list(life) for life in lives], list[bytes]()
    while left := [life for life in left if life]:
        lines.append(chance.choice(left).pop(0))
    found = judged(tmp_path_factory.getbasetemp(), lines)
    assert (found.cases, found.skipped, len(found.runs)) == ((), 0, 5)
    assert not any(run.illegal or run.cut for run in found.runs)


@given(data=st.data())
def test_a_log_may_be_cut_anywhere(
    data: st.DataObject, lives: list[list[bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """In the middle of a line as well, at both ends, with bytes exchanged: it is read as far as it goes."""
    whole = b"\n".join(line for life in lives for line in life)
    start = data.draw(st.integers(0, len(whole)))
    cut = bytearray(whole[start : data.draw(st.integers(start, len(whole)))])
    for place in data.draw(st.lists(st.integers(0, len(whole)), max_size=4)):
        if place < len(cut):
            cut[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "cut.log"
    path.write_bytes(cut)
    found = diagnose(find([str(path)]), timeline=True)
    assert found.records + found.skipped <= cut.count(b"\n") + 1
