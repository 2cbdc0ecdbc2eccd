"""The talk with one authorization server: what is remembered, asked again, and never asked twice."""

import json
from collections.abc import Callable
from email.utils import formatdate
from typing import NoReturn

import anyio
import pytest
from tests.support.walk import START, session

from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.errors import AnswerRefused, ProviderError, TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.provider import Provider
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.states import Flag

ISSUER = "https://id.example"
PROVIDER = Provider(name="acme", title="Acme", issuer=ISSUER, client_id="native")
RECORD = AccountRecord(id="a", provider="acme", label="ada", issuer=ISSUER, token_endpoint=f"{ISSUER}/token")
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
    "revocation_endpoint": f"{ISSUER}/revoke",
}
Outcome = Response | ProviderError
OUTAGE = Response(status=503, headers={}, body=b"")
CUT = TransportFailed("No answer.", kind="reset", sent=True, case="request-timeout-ambiguous")


def said(body: object, status: int = 200) -> Response:
    """An answer in JSON."""
    return Response(status=status, headers={}, body=json.dumps(body).encode())


class Scripted:
    """An `Http` that answers by path, in order; the last answer stays."""

    def __init__(self, **answers: Outcome | list[Outcome]) -> None:
        self.answers = {path: each if isinstance(each, list) else [each] for path, each in answers.items()}
        self.asked: list[str] = []

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Answer."""
        path = request.url.rpartition("/")[2].replace("openid-configuration", "discovery")
        self.asked.append(path)
        outcomes = self.answers[path]
        outcome = outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome

    def client(self, *, base_url: str, auth: object) -> NoReturn:
        """Not used here."""
        raise NotImplementedError

    def sync_client(self, *, base_url: str, auth: object) -> NoReturn:
        """Not used here."""
        raise NotImplementedError

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """Not used here."""
        raise NotImplementedError


Make = Callable[..., tuple[AuthorizationServer, Scripted]]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Make:
    """A server that says what is scripted, and pauses that are none."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))
    monkeypatch.setattr("signedin.authorization_server.REVOCATION_PAUSES", (0.0, 0.0))

    def make(**answers: Outcome | list[Outcome]) -> tuple[AuthorizationServer, Scripted]:
        http = Scripted(**({"discovery": said(DOCUMENT)} | answers))
        return AuthorizationServer(PROVIDER, http=http, clock=lambda: START), http

    return make


async def test_metadata_is_asked_for_once(serving: Make) -> None:
    """And remembered."""
    server, http = serving()
    assert await server.metadata() == await server.metadata()
    assert http.asked == ["discovery"]


@pytest.mark.parametrize("trouble", [OUTAGE, CUT, said({}, 429)])
async def test_reading_is_tried_again(serving: Make, trouble: Outcome) -> None:
    """It spends nothing."""
    server, http = serving(discovery=[trouble, trouble, said(DOCUMENT)])
    assert (await server.metadata()).token_endpoint == f"{ISSUER}/token"
    assert http.asked == ["discovery"] * 3


async def test_an_outage_that_lasts_is_told(serving: Make) -> None:
    """After the last try, as it was."""
    server, http = serving(discovery=OUTAGE)
    with pytest.raises(AnswerRefused) as refused:
        await server.metadata()
    assert refused.value.case == "provider-outage"
    assert len(http.asked) == 3


async def test_a_no_is_not_asked_again(serving: Make) -> None:
    """Waiting would not change it."""
    server, http = serving(discovery=said({}, 404))
    with pytest.raises(AnswerRefused):
        await server.metadata()
    assert len(http.asked) == 1


@pytest.mark.parametrize("trouble", [OUTAGE, CUT, said({}, 429)])
async def test_a_refresh_is_never_sent_twice(serving: Make, trouble: Outcome) -> None:
    """The token may have been spent (RFC 9700 §4.14)."""
    server, http = serving(token=trouble)
    with pytest.raises(ProviderError):
        await server.refresh(RECORD, session())
    assert http.asked == ["token"]


async def test_a_refresh_needs_no_discovery(serving: Make) -> None:
    """It goes where the session was made."""
    server, http = serving(token=said({"access_token": "new", "token_type": "Bearer", "expires_in": 60}))
    held = session()
    fresh = await server.refresh(RECORD, held)
    assert fresh.expires_at == START + 60
    assert fresh.refresh_token == held.refresh_token
    assert http.asked == ["token"]


async def test_a_revocation_is_confirmed_by_a_200(serving: Make) -> None:
    """At the endpoint that the server names."""
    server, http = serving(revoke=said({}))
    assert await server.revoke(Secret("rt"), client_id="native")
    assert http.asked == ["discovery", "revoke"]


async def test_a_revocation_is_tried_a_few_times(serving: Make) -> None:
    """It does no harm to revoke twice (RFC 7009 §2.2)."""
    server, http = serving(revoke=[OUTAGE, CUT, said({})])
    assert await server.revoke(Secret("rt"), client_id="native")
    assert http.asked.count("revoke") == 3


@pytest.mark.parametrize(
    "answers",
    [
        {"revoke": OUTAGE},
        {"revoke": CUT},
        {"revoke": said({"error": "invalid_client"}, 401)},
        {"discovery": OUTAGE},
        {"discovery": CUT},
        {"discovery": said({name: value for name, value in DOCUMENT.items() if name != "revocation_endpoint"})},
    ],
)
async def test_what_is_not_confirmed_is_said_to_be_so(serving: Make, answers: dict[str, Outcome]) -> None:
    """Also where it is not known where to ask; never an error."""
    server, _ = serving(**answers)
    assert await server.revoke(Secret("rt"), client_id="native") is False


async def test_without_an_id_token_nobody_is_named(serving: Make) -> None:
    """And no key is asked for."""
    server, http = serving()
    assert await server.identify(session(), client_id="native", nonce=None) is None
    assert http.asked == []


async def test_a_revocation_that_hangs_counts_as_unconfirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tries together have one deadline."""

    class Silent(Scripted):
        async def send(self, request: Request, *, seconds: float) -> Response:
            await anyio.sleep_forever()
            raise AssertionError

    monkeypatch.setattr("signedin.authorization_server.REVOCATION_SECONDS", 0.02)
    server = AuthorizationServer(PROVIDER, http=Silent(), clock=lambda: START)
    assert not await server.revoke(Secret("spent"), client_id="native")


def dated(at: float) -> Response:
    """Tokens from a server whose clock says so."""
    answer = said({"access_token": "new", "token_type": "Bearer", "expires_in": 60})
    return Response(status=answer.status, headers={"date": formatdate(at, usegmt=True)}, body=answer.body)


@pytest.mark.parametrize("ahead", [-14400.0, -61.0, 61.0, 14400.0])
async def test_a_clock_that_is_wrong_is_told(serving: Make, ahead: float) -> None:
    """By how much the server is ahead, and the flag for it."""
    server, _ = serving(token=dated(START + ahead))
    await server.refresh(RECORD, session())
    assert server.skew == ahead
    assert server.clock_events(START) == (ev.FlagRaised(at=START, flag=Flag.CLOCK_SKEWED, case="clock-skew"),)


@pytest.mark.parametrize("ahead", [-60.0, 0.0, 60.0])
async def test_a_clock_that_is_right_clears_the_flag(serving: Make, ahead: float) -> None:
    """A minute is no skew."""
    server, _ = serving(token=dated(START + ahead))
    await server.refresh(RECORD, session())
    assert server.clock_events(START) == (ev.FlagCleared(at=START, flag=Flag.CLOCK_SKEWED),)


async def test_without_a_date_nothing_is_said_about_the_clock(serving: Make) -> None:
    """Neither that it is wrong nor that it is right; what was measured before stands."""
    server, http = serving(token=said({"access_token": "new", "token_type": "Bearer"}))
    await server.refresh(RECORD, session())
    assert (server.skew, server.clock_events(START)) == (None, ())
    http.answers["token"] = [dated(START + 900), said({"access_token": "new", "token_type": "Bearer"})]
    await server.refresh(RECORD, session())
    await server.refresh(RECORD, session())
    assert server.skew == 900


async def test_an_outage_measures_the_clock_too(serving: Make) -> None:
    """Every answer has a date."""
    server, _ = serving(token=Response(status=503, headers={"date": formatdate(START + 900, usegmt=True)}, body=b""))
    with pytest.raises(AnswerRefused):
        await server.refresh(RECORD, session())
    assert server.skew == 900
