"""How checks are run: at once, within their limits, causes first."""

import threading
from collections.abc import Callable, Generator

import pytest

from signedin.errors import StoreError
from signedin.facts import AppFacts
from signedin_adapters.config import Network
from signedin_adapters.doctor.check import Check, Finding, fail, ok
from signedin_adapters.doctor.examination import examine, with_causes, within
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.stores.home import AppPaths

PATIENT = Patient(
    app_name="Acme Notes",
    paths=AppPaths("/nowhere", "acme-notes"),
    facts=AppFacts(home="/nowhere", slug="acme-notes"),
    account=None,
    status=None,
    provider=None,
    network=Network(),
    at=0.0,
)


@pytest.fixture
def never() -> Generator[Callable[[Patient], Finding]]:
    """A look that hangs until the test is over."""
    over = threading.Event()

    def look(patient: Patient) -> Finding:
        over.wait(30)
        return ok("At last.")

    yield look
    over.set()


def well(patient: Patient) -> Finding:
    return ok("Well.")


def broken(patient: Patient) -> Finding:
    return fail("Broken.")


async def results(*checks: Check, seconds: float = 10.0) -> dict[str, str]:
    """What each check comes to."""
    return {each.id: each.finding.result for each in await examine(PATIENT, checks, seconds=seconds)}


async def test_checks_run_at_once_and_are_told_in_their_order() -> None:
    """Each of these ends only while the other one runs."""
    meeting = threading.Barrier(2)

    def meets(patient: Patient) -> Finding:
        meeting.wait(10)
        return ok("Met.")

    assert await results(Check(id="one", look=meets), Check(id="two", look=meets)) == {"one": "ok", "two": "ok"}


async def test_a_check_that_hangs_is_a_time_out(never: Callable[[Patient], Finding]) -> None:
    """It is left behind, and the others have their answers."""
    found = await results(Check(id="hangs", look=never, seconds=0.05), Check(id="well", look=well))
    assert found == {"hangs": "timeout", "well": "ok"}


async def test_all_of_them_together_have_a_limit(never: Callable[[Patient], Finding]) -> None:
    """However patient each one is."""
    assert await results(Check(id="hangs", look=never, seconds=60.0), seconds=0.05) == {"hangs": "timeout"}


async def test_a_time_out_names_the_case_of_its_check(never: Callable[[Patient], Finding]) -> None:
    """A name server that is silent is a trouble of names."""
    (found,) = await examine(PATIENT, (Check(id="hangs", look=never, seconds=0.05, silence="dns-failure"),))
    assert (found.finding.result, found.finding.case) == ("timeout", "dns-failure")


async def test_whoever_watches_is_told_what_is_still_awaited() -> None:
    """All of them at first, and none in the end."""
    told = list[set[str]]()
    second = Check(id="second", look=well, after=("first",))
    await examine(PATIENT, (Check(id="first", look=well), second), watch=lambda pending: told.append(set(pending)))
    assert told == [{"first", "second"}, {"second"}, set()]


async def test_reading_has_a_limit(never: Callable[[Patient], Finding]) -> None:
    """And gives what it reads where it keeps to that."""
    assert await within(10.0, lambda: "read") == "read"
    with pytest.raises(TimeoutError):
        await within(0.05, lambda: never(PATIENT))


async def test_what_builds_on_a_failure_is_skipped_and_names_the_first_cause() -> None:
    """Not its own neighbour, which was skipped too; what failed elsewhere keeps nobody from looking."""
    third = Check(id="third", look=well, after=("second",))
    second = Check(id="second", look=well, after=("first",))
    found = await examine(PATIENT, (third, second, Check(id="first", look=broken), Check(id="other", look=well)))
    findings = {each.id: each.finding for each in found}
    assert findings["second"].because == findings["third"].because == "first"
    assert findings["third"].text == "Not looked at: see first."
    assert findings["other"].result == "ok"


async def test_a_cause_that_is_not_run_keeps_nobody_waiting() -> None:
    """The network's checks stand before others, and are run on request alone."""
    assert await results(Check(id="clock", look=well, after=("net",))) == {"clock": "ok"}


async def test_an_error_of_ours_is_a_finding_with_its_case() -> None:
    """In its own words."""

    def raises(patient: Patient) -> Finding:
        raise StoreError("The keyring is locked", case="keyring-locked")

    (found,) = await examine(PATIENT, (Check(id="store", look=raises),))
    assert found.finding == fail("The keyring is locked.", case="keyring-locked")


async def test_a_check_that_fails_itself_says_where_and_never_what() -> None:
    """An exception's text may hold anything."""

    def raises(patient: Patient) -> Finding:
        raise ValueError("rt_secret")

    found = {each.id: each.finding for each in await examine(PATIENT, (Check(id="a", look=raises),))}
    assert (found["a"].result, found["a"].case) == ("fail", "bug")
    assert "ValueError" in found["a"].text
    assert "rt_secret" not in found["a"].text


def test_a_choice_of_checks_brings_what_they_build_on() -> None:
    """In the order of the whole."""
    all_of_them = tuple(
        Check(id=name, look=well, after=after) for name, after in (("c", ("b",)), ("x", ()), ("b", ("a",)), ("a", ()))
    )
    assert [check.id for check in with_causes(["c"], all_of_them)] == ["c", "b", "a"]
