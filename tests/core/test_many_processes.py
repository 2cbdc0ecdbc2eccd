"""Eight processes share one sign-in, at a server that ends it when a refresh token is spent twice.

Their clock and the server's is one, and moves when a test says so: what is asked within a step is asked at one time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
from starlette.responses import JSONResponse
from tests.support.connected import announce
from tests.support.crowd import Crowd, Member
from tests.support.stage import APP, TOKEN, Visitor
from tests.support.world_clock import WorldClock

from signedin import Connection
from signedin_adapters.http import HttpxClient
from signedin_adapters.sandbox import RequestRecord, Sandbox
from signedin_adapters.sandbox.fault_answers import ANSWERS

SIZE = 8
LIFE = 2
MANDATORY = LIFE * 0.98
ADVISORY = LIFE * 0.95


@dataclass(kw_only=True)
class World:
    """A home that Ada has signed in to, its server, and what the token endpoint answered since."""

    home: Path
    clock: WorldClock
    sandbox: Sandbox
    redemptions: list[RequestRecord] = field(default_factory=list[RequestRecord])

    def crowd(self) -> Crowd:
        """The processes, each of which has opened the account."""
        return Crowd(self.home, self.home / "clock", size=SIZE)

    def note(self, record: RequestRecord) -> None:
        """The sandbox is about to answer."""
        if record.path == TOKEN:
            self.redemptions.append(record)

    @property
    def refused(self) -> list[RequestRecord]:
        """Redemptions that were not answered with tokens."""
        return [record for record in self.redemptions if record.status != 200]


@pytest.fixture
def world(tmp_path: Path, http: HttpxClient) -> Iterator[World]:
    """Nobody else has opened the account, and time stands still."""
    clock = WorldClock(tmp_path / "clock")
    with Sandbox(access_ttl=LIFE, auto_approve=True, clock=clock).running() as sandbox:
        announce(sandbox, str(tmp_path))
        anyio.run(_sign_in, str(tmp_path), sandbox, clock, http)
        world = World(home=tmp_path, clock=clock, sandbox=sandbox)
        sandbox.on_request = world.note
        yield world


async def _sign_in(home: str, sandbox: Sandbox, clock: WorldClock, http: HttpxClient) -> None:
    async with Connection.open(app_name=APP, provider="sandbox", home=home, clock=clock, http=http) as connection:
        await connection.sign_in(prompt=Visitor(sandbox=sandbox))


def connected(generation: int) -> Member:
    """All callers of a process had a token that the API took."""
    return Member(statuses=(200,), errors=(), state="connected", generation=generation, in_doubt=False, retry_at=None)


def turned_away(case: str, *, retry_at: float, in_doubt: bool = False) -> Member:
    """All callers of a process were told to wait."""
    return Member(statuses=(), errors=(case,), state="error", generation=1, in_doubt=in_doubt, retry_at=retry_at)


def test_an_expiry_that_all_meet_at_once_costs_one_redemption(world: World) -> None:
    """One asks, and everybody has what it got."""
    with world.crowd() as crowd:
        world.clock.advance(LIFE)
        assert crowd.do("ask") == [connected(2)] * SIZE
    assert len(world.redemptions) == 1


def test_each_expiry_costs_one_redemption(world: World) -> None:
    """Whether the token is about to run out or has; one that is good for longer costs nothing."""
    with world.crowd() as crowd:
        for generation, passed in ((1, 1.0), (2, LIFE - 1.0), (3, MANDATORY), (4, LIFE), (5, MANDATORY), (6, LIFE)):
            world.clock.advance(passed)
            assert crowd.do("ask") == [connected(generation)] * SIZE
    assert len(world.redemptions) == 5
    assert not world.refused


def test_a_token_is_renewed_in_advance_by_one_and_served_to_all(world: World) -> None:
    """Before its last two per cent nobody waits, and the next time all have the new one."""
    with world.crowd() as crowd:
        world.clock.advance(ADVISORY)
        for member in crowd.do("ask"):
            assert (member.statuses, member.errors) == ((200,), ())
        assert {member.generation for member in crowd.do("stay 2")} == {2}
    assert len(world.redemptions) == 1


def test_while_time_runs_nobody_is_ever_without_a_token(world: World) -> None:
    """Two seconds each, asked without a pause: as many redemptions as generations, and none refused."""
    world.sandbox.access_ttl = 100
    with world.crowd() as crowd:
        world.clock.advance(LIFE)
        assert crowd.do("ask") == [connected(2)] * SIZE
        with world.clock.running(rate=50):
            members = crowd.do("stay 5")
    assert [(member.statuses, member.errors, member.state) for member in members] == [((200,), (), "connected")] * SIZE
    assert len(world.redemptions) == max(member.generation for member in members) - 1
    assert not world.refused


def test_an_outage_is_met_by_one_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else asks before the time that the server named; then one asks for all."""
    later = {"retry-after": "120"}
    monkeypatch.setitem(ANSWERS, "token-429", lambda: JSONResponse({}, status_code=429, headers=later))
    with world.crowd() as crowd:
        world.clock.advance(LIFE)
        world.sandbox.faults.inject("token-429")
        told = turned_away("login-rate-limited", retry_at=world.clock() + 120)
        assert crowd.do("ask") == [told] * SIZE
        world.clock.advance(119)
        assert crowd.do("ask") == [told] * SIZE
        assert len(world.redemptions) == 1
        world.clock.advance(1)
        assert crowd.do("ask") == [connected(2)] * SIZE
    assert [record.note for record in world.redemptions] == ["token-429", "refreshed"]


def test_an_outage_is_met_by_one_for_all_while_the_token_lives(world: World) -> None:
    """Everybody is served the old token, and told of no trouble."""
    with world.crowd() as crowd:
        world.clock.advance(MANDATORY)
        world.sandbox.faults.inject("token-429")
        for member in crowd.do("ask"):
            assert (member.statuses, member.errors, member.state) == ((200,), (), "connected")
        assert crowd.do("ask")[0].generation == 1
        assert len(world.redemptions) == 1
        world.clock.advance(15)
        assert crowd.do("ask") == [connected(2)] * SIZE
    assert len(world.redemptions) == 2


def test_an_outage_that_lasts_is_asked_about_once_a_wait(world: World) -> None:
    """The waits double, for all together: each ends with one request."""
    with world.crowd() as crowd:
        world.clock.advance(LIFE)
        world.sandbox.faults.inject("token-503", None)
        for asked, wait in enumerate((15.0, 30.0, 60.0), start=1):
            told = turned_away("provider-outage", retry_at=world.clock() + wait, in_doubt=True)
            assert crowd.do("ask") == [told] * SIZE
            assert len(world.redemptions) == asked
            world.clock.advance(wait)
        world.sandbox.faults.clear()
        assert crowd.do("ask") == [connected(2)] * SIZE
    assert len(world.redemptions) == 4
