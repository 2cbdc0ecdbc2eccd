"""Arming: how a fault or a case is asked for, and in which order what is armed strikes."""

import pytest

from signedin_adapters.sandbox import FaultSpec
from signedin_adapters.sandbox.armed import Faults


@pytest.mark.parametrize(
    ("text", "times"),
    [("token-503", 1), ("token-503@once", 1), ("token-503@3", 3), ("token-503@always", None)],
)
def test_a_specification_names_a_fault_and_how_often(text: str, times: int | None) -> None:
    """``NAME[@once|always|N]``."""
    assert FaultSpec.parse(text) == FaultSpec(name="token-503", times=times)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("token-504", "unknown fault 'token-504'; did you mean 'token-503'?"),
        ("", "unknown fault ''"),
        ("token-503@sometimes", "'sometimes' is none of once, always or a number"),
        ("token-503@-1", "'-1' is none of"),
        ("token-503@", "'' is none of"),
        ("token-503@0", "must strike at least once"),
        ("refresh-token-reuse", "did you mean 'refresh-token-reused'?"),
        ("keyring-locked", "unknown fault 'keyring-locked'"),
    ],
)
def test_a_wrong_specification_says_what_is_wrong(text: str, message: str) -> None:
    """ValueError, for people to read."""
    with pytest.raises(ValueError) as error:
        FaultSpec.parse(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "name", "times"),
    [
        ("refresh-token-revoked", "token-invalidated", 1),
        ("refresh-token-revoked@2", "token-invalidated", 2),
        ("provider-outage@always", "token-503", None),
        ("stream-incomplete", "stream-incomplete", 1),
    ],
)
def test_a_case_is_played_by_its_first_fault(text: str, name: str, times: int | None) -> None:
    """Where a fault has the name itself, the fault is meant."""
    assert FaultSpec.parse(text) == FaultSpec(name=name, times=times)


def test_a_case_that_one_answer_does_not_make_is_played_for_as_long_as_it_takes() -> None:
    """The first refusal is met with a refresh, for instance; by the fault's own name it strikes once all the same."""
    assert FaultSpec.parse("api-401-loop") == FaultSpec(name="api-401", times=None)
    assert FaultSpec.parse("api-401-loop@once") == FaultSpec.parse("api-401") == FaultSpec(name="api-401")


def test_faults_strike_in_the_order_armed_at_their_own_endpoint() -> None:
    """Oldest first, counted down, and only where they belong."""
    faults = Faults()
    faults.inject("token-503", 2)
    faults.inject("token-html")
    faults.inject("api-401", None)
    assert faults.take("discovery") is None
    assert [faults.take("any", "token") for _ in range(4)] == ["token-503", "token-503", "token-html", None]
    assert [faults.take("any", "api") for _ in range(3)] == ["api-401"] * 3
    assert faults.armed == (FaultSpec(name="api-401", times=None),)


def test_one_is_disarmed_and_the_others_are_not() -> None:
    """However often it has struck, and though another says the same; it is harmless where it is spent."""
    faults = Faults()
    lasting, twice, once, other = (faults.add(FaultSpec.parse(f"token-503@{n}")) for n in ("always", "2", "1", "1"))
    faults.disarm(lasting)
    assert faults.take("token") == "token-503"
    assert [spec.times for spec in faults.armed] == [1, 1, 1]
    faults.disarm(twice)
    assert faults.take("token") == "token-503"
    faults.disarm(once)
    assert [spec.times for spec in faults.armed] == [1]
    faults.disarm(other)
    assert faults.armed == ()
