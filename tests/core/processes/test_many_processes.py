"""Eight processes share one sign-in, at a server that ends it when a refresh token is spent twice.

Their clock and the server's is one, and moves when a test says so: what is asked within a step is asked at one time.
"""

import pytest
from starlette.responses import JSONResponse
from tests.support.app_process import Standing
from tests.support.crowd import crowd
from tests.support.world import World, connected

from signedin_adapters.sandbox.fault_answers import ANSWERS

SIZE = 8
LIFE = 2
MANDATORY = LIFE * 0.98
ADVISORY = LIFE * 0.95


@pytest.fixture
def world(world: World) -> World:
    """Tokens live two seconds."""
    world.sandbox.access_ttl = LIFE
    return world


def turned_away(case: str, *, retry_at: float, in_doubt: bool = False) -> Standing:
    """All callers of a process were told to wait."""
    return Standing(state="error", generation=1, case=case, error=case, in_doubt=in_doubt, retry_at=retry_at)


def assert_served(told: list[Standing]) -> None:
    """Every caller had a token that the API took, whatever else was under way."""
    assert [app.error for app in told] == [None] * SIZE


def test_an_expiry_that_all_meet_at_once_costs_one_redemption(signed_in: World) -> None:
    """One asks, and everybody has what it got."""
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(LIFE)
        assert apps.do("ask-thrice") == [connected(2)] * SIZE
    assert signed_in.redemptions == ["refreshed"]


def test_each_expiry_costs_one_redemption(signed_in: World) -> None:
    """Whether the token is about to run out or has; one that is good for longer costs nothing."""
    with crowd(signed_in, size=SIZE) as apps:
        for generation, passed in ((1, 1.0), (2, LIFE - 1.0), (3, MANDATORY), (4, LIFE), (5, MANDATORY), (6, LIFE)):
            signed_in.clock.advance(passed)
            assert apps.do("ask-thrice") == [connected(generation)] * SIZE
    assert signed_in.redemptions == ["refreshed"] * 5


def test_a_token_is_renewed_in_advance_by_one_and_served_to_all(signed_in: World) -> None:
    """Before its last two per cent nobody waits, and the next time all have the new one."""
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(ADVISORY)
        assert_served(apps.do("ask-thrice"))
        assert {app.generation for app in apps.do("stay 2")} == {2}
    assert signed_in.redemptions == ["refreshed"]


def test_while_time_runs_nobody_is_ever_without_a_token(signed_in: World) -> None:
    """Two seconds each, asked without a pause: as many redemptions as generations, and none refused."""
    signed_in.sandbox.access_ttl = 100
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(LIFE)
        assert apps.do("ask-thrice") == [connected(2)] * SIZE
        with signed_in.clock.running(rate=50):
            told = apps.do("stay 4")
    assert_served(told)
    assert {app.state for app in told} == {"connected"}
    assert (signed_in.grant.rotations, signed_in.grant.ended) == (max(app.generation for app in told) - 1, None)


def test_an_outage_is_met_by_one_for_all(signed_in: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else asks before the time that the server named; then one asks for all."""
    later = {"retry-after": "120"}
    monkeypatch.setitem(ANSWERS, "token-429", lambda: JSONResponse({}, status_code=429, headers=later))
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(LIFE)
        signed_in.sandbox.faults.inject("token-429")
        told = turned_away("login-rate-limited", retry_at=signed_in.clock() + 120)
        assert apps.do("ask-thrice") == [told] * SIZE
        signed_in.clock.advance(119)
        assert apps.do("ask-thrice") == [told] * SIZE
        assert signed_in.redemptions == ["token-429"]
        signed_in.clock.advance(1)
        assert apps.do("ask-thrice") == [connected(2)] * SIZE
    assert signed_in.redemptions == ["token-429", "refreshed"]


def test_an_outage_is_met_by_one_for_all_while_the_token_lives(signed_in: World) -> None:
    """Everybody is served the old token, and told of no trouble."""
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(MANDATORY)
        signed_in.sandbox.faults.inject("token-429")
        assert_served(apps.do("ask-thrice"))
        assert apps.do("ask-thrice")[0].generation == 1
        assert signed_in.redemptions == ["token-429"]
        signed_in.clock.advance(15)
        assert apps.do("ask-thrice") == [connected(2)] * SIZE
    assert signed_in.redemptions == ["token-429", "refreshed"]


def test_an_outage_that_lasts_is_asked_about_once_a_wait(signed_in: World) -> None:
    """The waits double, for all together: each ends with one request."""
    with crowd(signed_in, size=SIZE) as apps:
        signed_in.clock.advance(LIFE)
        signed_in.sandbox.faults.inject("token-503", None)
        for asked, wait in enumerate((15.0, 30.0, 60.0), start=1):
            told = turned_away("provider-outage", retry_at=signed_in.clock() + wait, in_doubt=True)
            assert apps.do("ask-thrice") == [told] * SIZE
            assert signed_in.redemptions == ["token-503"] * asked
            signed_in.clock.advance(wait)
        signed_in.sandbox.faults.clear()
        assert apps.do("ask-thrice") == [connected(2)] * SIZE
    assert signed_in.redemptions == [*["token-503"] * 3, "refreshed"]
