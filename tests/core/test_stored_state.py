"""What a store holds, as the machine hears it, and what the machine leaves for the store."""

from dataclasses import replace

import pytest
from tests.support.walk import START, session

from signedin.context import Context
from signedin.provider import Provider
from signedin.record import AccountRecord, Health, Stored
from signedin.session import Session
from signedin.states import Flag, State
from signedin.stored_state import health_of, is_noteworthy, is_rebound, loaded, newer_session, noted

PROVIDER = Provider(
    name="acme",
    title="Acme",
    issuer="https://id.example",
    client_id="native",
    token_endpoint="https://id.example/token",
    api_base="https://api.example/v1",
)
RECORD = AccountRecord(
    id="a1",
    provider="acme",
    label="ada",
    issuer="https://id.example",
    token_endpoint="https://id.example/token",
    api_base="https://api.example/v1",
)


def stored(held: Session | None = None, health: Health | None = None) -> Stored:
    """What lies in the store."""
    return Stored(record=RECORD, session=held, health=health)


def test_health_counts_for_its_own_generation_alone() -> None:
    """A newer session makes it history."""
    health = Health(generation=2, state="error", case="unclassified")
    assert loaded(stored(session(2), health), PROVIDER, at=START).health == health
    assert loaded(stored(session(3), health), PROVIDER, at=START).health is None
    assert loaded(stored(None, health), PROVIDER, at=START).health is None


def test_the_last_attempt_is_told_with_the_load() -> None:
    """For an account that nobody is signed in to."""
    assert loaded(stored(), PROVIDER, at=START, case="login-cancelled").case == "login-cancelled"


@pytest.mark.parametrize(
    "moved",
    [
        {"issuer": "https://other.example"},
        {"token_endpoint": "https://id.example/other"},
        {"api_base": "https://api.example/v2"},
        {"api_base": None},
    ],
)
def test_other_places_than_at_sign_in_are_noticed(moved: dict[str, str | None]) -> None:
    """Issuer, token endpoint or API: nothing may be sent to them."""
    assert not is_rebound(RECORD, PROVIDER)
    assert is_rebound(RECORD, replace(PROVIDER, **moved))  # type: ignore[arg-type]
    assert loaded(stored(session()), replace(PROVIDER, **moved), at=START).rebound  # type: ignore[arg-type]


def test_an_endpoint_that_discovery_names_is_not_compared() -> None:
    """The profile does not say it."""
    assert not is_rebound(RECORD, replace(PROVIDER, token_endpoint=None))


def test_without_a_session_nothing_was_made_elsewhere() -> None:
    """A new configuration is no trouble before the first sign-in."""
    assert not loaded(stored(), replace(PROVIDER, issuer="https://other.example"), at=START).rebound


def test_health_says_how_the_account_fares() -> None:
    """Flags in a steady order."""
    flags = frozenset({Flag.USAGE_PAUSED, Flag.CLOCK_SKEWED})
    context = Context(generation=4, case="offline", flags=flags, retry_at=9.0)
    assert health_of(State.ERROR, context) == Health(
        generation=4, state="error", case="offline", flags=("clock_skewed", "usage_paused"), retry_at=9.0
    )


@pytest.mark.parametrize(
    ("health", "noteworthy"),
    [
        (Health(generation=1, state="connected"), False),
        (Health(generation=1, state="connected", flags=("plan_enabled",)), False),
        (Health(generation=1, state="connected", flags=("usage_paused",)), True),
        (Health(generation=1, state="connected", case="offline"), True),
        (Health(generation=1, state="expired"), True),
        (Health(generation=1, state="error"), True),
    ],
)
def test_what_the_session_says_itself_is_not_noted(health: Health, noteworthy: bool) -> None:
    """A healthy account has one file less."""
    assert is_noteworthy(health) is noteworthy


def test_a_wait_in_force_is_ended_by_a_later_yes_of_the_api_alone() -> None:
    """What another process waits for is kept against every other note, and against an older yes."""
    waiting = Health(generation=1, state="error", case="api-key-rejected", backed_off_at=START, retry_at=START + 60)
    yes = Health(generation=1, state="connected", last_verified_at=START + 5)
    assert noted(yes, waiting, at=START + 5) == yes
    assert noted(replace(yes, last_verified_at=START - 5), waiting, at=START + 5) == waiting
    assert noted(replace(yes, last_verified_at=None), waiting, at=START + 5) == waiting


def test_a_newer_session_is_one_of_a_later_generation() -> None:
    """Neither the same nor an older one."""
    assert newer_session(stored(session(3)), than=2) == session(3)
    assert newer_session(stored(session(3)), than=3) is None
    assert newer_session(stored(None), than=0) is None


def test_another_users_session_is_not_taken_up() -> None:
    """Where that is known of this very generation."""
    known = Health(generation=3, state="error", case="refresh-token-other-user")
    assert newer_session(stored(session(3), known), than=2) is None
    assert newer_session(stored(session(4), known), than=2) == session(4)
    assert newer_session(stored(session(3), replace(known, case="unclassified")), than=2) == session(3)
