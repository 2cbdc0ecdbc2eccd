"""The token endpoint."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import AGENT, FIXED, HOST_ID, NOW, answer, authorization, signed

from signedin.errors import AnswerRefused
from signedin.oauth.callback import CodeReceived
from signedin.oauth.messages import Response
from signedin.oauth.tokens import DEFAULT_LIFE_SECONDS, exchange_request, read_tokens, refresh_request
from signedin.provider import ClaimNames, Provider
from signedin.secret import Secret
from signedin.session import Session

TOKEN_ENDPOINT = "https://id.example/token"


def body(**changes: object) -> dict[str, object]:
    """A good token answer, with changes; `...` leaves a member out."""
    good: dict[str, object] = {
        "access_token": "access-1",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "refresh-1",
        "id_token": "id-1",
        "scope": "openid email plan.use",
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def tokens(response: Response | None = None, previous: Session | None = None, provider: Provider = AGENT) -> Session:
    """The session read from a token answer at `NOW`."""
    response = response or answer(body())
    return read_tokens(response, at=NOW, jitter=0.5, previous=previous, provider=provider, host_id=HOST_ID)


def changed(**changes: Any) -> Session:
    """The session read from a good answer with changes."""
    return tokens(answer(body(**changes)))


def test_the_exchange_sends_the_code_with_what_was_asked() -> None:
    """The settled id, the verifier, the very redirect URI and the resource."""
    attempt = authorization()
    request = exchange_request(
        attempt, CodeReceived(code=Secret("code-1"), client_id="oaiapp_issued"), token_endpoint=TOKEN_ENDPOINT
    )
    assert (request.method, request.url, request.bearer) == ("POST", TOKEN_ENDPOINT, None)
    assert request.form == (
        ("grant_type", "authorization_code"),
        ("client_id", "oaiapp_issued"),
        ("code", Secret("code-1")),
        ("code_verifier", attempt.code_verifier),
        ("redirect_uri", attempt.redirect_uri),
        ("resource", "https://api.example/v1"),
    )
    assert "code-1" not in repr(request)


def test_the_refresh_sends_no_scope() -> None:
    """The grant stays as it is; a resource only where there is one."""
    request = refresh_request(
        token_endpoint=TOKEN_ENDPOINT, client_id="native-app", refresh_token=Secret("refresh-1"), resource=None
    )
    assert request.form == (
        ("grant_type", "refresh_token"),
        ("client_id", "native-app"),
        ("refresh_token", Secret("refresh-1")),
    )


def test_a_good_answer_is_a_session() -> None:
    """Counted from the time of the answer, of no generation yet."""
    assert tokens() == Session(
        generation=0,
        access_token=Secret("access-1"),
        refresh_token=Secret("refresh-1"),
        id_token=Secret("id-1"),
        scopes=("openid", "email", "plan.use"),
        issued_at=NOW,
        expires_at=NOW + 3600,
        refresh_at=NOW + 3600 - 300 + 75,
        earliest_refresh_at=None,
        plan_enabled=True,
        host_id=HOST_ID,
    )


def test_what_a_refresh_leaves_out_is_kept() -> None:
    """Scopes, refresh token and ID token of the previous session; the rest is new."""
    renewed = tokens(
        answer(body(access_token="access-2", scope=..., refresh_token=..., id_token=...)), previous=tokens()
    )
    assert renewed.access_token == Secret("access-2")
    assert (renewed.scopes, renewed.plan_enabled) == (("openid", "email", "plan.use"), True)
    assert (renewed.refresh_token, renewed.id_token) == (Secret("refresh-1"), Secret("id-1"))


def test_what_an_exchange_leaves_out_is_absent_or_as_asked() -> None:
    """RFC 6749 §5.1: no scope means the scope that was asked for."""
    session = changed(scope=..., refresh_token=..., id_token=...)
    assert (session.refresh_token, session.id_token, session.scopes) == (None, None, AGENT.scopes)


def test_the_plan_is_enabled_by_its_scope_alone() -> None:
    """Denied where the scope is missing from the answer; unknown where the provider has no such thing."""
    assert changed(scope="openid email").plan_enabled is False
    assert changed(scope="plan.user").plan_enabled is False
    assert tokens(provider=FIXED).plan_enabled is None


@pytest.mark.parametrize("token_type", ["bearer", "BEARER", "Bearer"])
def test_bearer_is_written_in_any_case(token_type: str) -> None:
    """RFC 6749 §5.1."""
    assert changed(token_type=token_type).access_token == Secret("access-1")


@pytest.mark.parametrize("token_type", [..., None])
def test_a_type_that_is_not_named_is_bearer(token_type: object) -> None:
    """RFC 6749 §5.1 demands the name; but the token is spent, and servers leave it out."""
    assert changed(token_type=token_type).access_token == Secret("access-1")


@pytest.mark.parametrize(("expires_in", "seconds"), [(60, 60.0), (0.5, 0.5), ("7200", 7200.0), ("1.5", 1.5)])
def test_a_life_is_a_number_or_its_text(expires_in: object, seconds: float) -> None:
    """In seconds."""
    assert changed(expires_in=expires_in).expires_at == NOW + seconds


@pytest.mark.parametrize(
    "expires_in", [..., None, 0, -1, True, "", "-5", "1e3", "soon", [], {}, 10**12, 315_360_000, "9" * 40]
)
def test_a_senseless_life_is_an_hour(expires_in: object) -> None:
    """Refusing the answer would lose a token that is already spent."""
    assert changed(expires_in=expires_in).expires_at == NOW + DEFAULT_LIFE_SECONDS


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (NOW + 3240, NOW + 3240),
        (int(NOW) + 1, NOW + 1),
        (str(int(NOW)), NOW),
        ("2027-01-15T08:00:00Z", NOW),
        ("2027-01-15T09:00:00+01:00", NOW),
        ("2027-01-15T08:00:00", NOW),
        (..., None),
        (None, None),
        (0, None),
        (-5, None),
        (True, None),
        ("", None),
        ("tomorrow", None),
        ("0001-01-01T00:00:00+14:00", None),
        ([], None),
        (10**15, None),
    ],
)
def test_the_earliest_refresh_is_read_in_every_form(value: object, moment: float | None) -> None:
    """A number, ISO 8601 or nothing; what is broken is nothing."""
    assert changed(earliest_refresh_at=value).earliest_refresh_at == moment


@pytest.mark.parametrize(
    "unusable",
    [
        b"",
        b"<html>maintenance</html>",
        b"[]",
        b'{"access_token":"a","access_token":"b","token_type":"Bearer"}',
        {},
        {"error": "server_error"},
        body(access_token=...),
        body(access_token=""),
        body(access_token=7),
        body(access_token="a b"),
        body(access_token="a\r\nX: y"),
        body(access_token="ä"),
        body(access_token="a" * 70_000),
        body(token_type="DPoP"),
        body(token_type=""),
        body(token_type=7),
    ],
)
def test_a_200_without_a_usable_token_is_an_outage_not_a_sign_out(unusable: object) -> None:
    """It has no code, so nothing about the grant can be concluded."""
    with pytest.raises(AnswerRefused) as caught:
        tokens(answer(unusable, x_request_id="req-1"))
    assert (caught.value.case, caught.value.code, caught.value.status) == ("ok-status-error-body", None, 200)
    assert caught.value.request_id == "req-1"


def test_another_status_is_read_as_a_refusal() -> None:
    """The code comes with it."""
    with pytest.raises(AnswerRefused) as caught:
        tokens(answer({"error": "invalid_grant"}, 400))
    assert (caught.value.status, caught.value.code) == (400, "invalid_grant")


@given(st.integers(200, 201), st.binary())
def test_any_bytes_are_read_or_refused(status: int, raw: bytes) -> None:
    """Nothing but a session or AnswerRefused comes out."""
    with pytest.raises(AnswerRefused):
        tokens(answer(raw, status))


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.lists(st.integers())


@given(st.dictionaries(st.sampled_from([*body(), "earliest_refresh_at"]), VALUES), st.booleans())
def test_any_members_are_read_or_refused(changes: dict[str, object], again: bool) -> None:
    """A session always has sensible times."""
    try:
        session = tokens(answer(json.dumps(body() | changes).encode()), previous=tokens() if again else None)
    except AnswerRefused:
        return
    assert NOW <= session.refresh_at <= session.expires_at < NOW + 320_000_000


@pytest.mark.parametrize("ahead", [-14400.0, 14400.0])
def test_times_by_the_servers_clock_are_put_into_ours(ahead: float) -> None:
    """Only its lower bound is one: the life is counted from the answer."""
    response = answer(body(earliest_refresh_at=NOW + ahead + 3240))
    renewed = read_tokens(response, at=NOW, jitter=0.5, previous=None, provider=AGENT, host_id=HOST_ID, ahead=ahead)
    assert renewed.earliest_refresh_at == NOW + 3240
    assert renewed.expires_at == NOW + 3600


# An access token that may be read.

READABLE = replace(FIXED, claims=ClaimNames(in_access_token=True))


def readable(*, expires_in: object = ..., ahead: float = 0.0, provider: Provider = READABLE, **told: object) -> Session:
    """The session of an access token that says this of itself."""
    response = answer(body(access_token=signed(told), expires_in=expires_in))
    return read_tokens(response, at=NOW, jitter=0.5, previous=None, provider=provider, host_id=HOST_ID, ahead=ahead)


def test_an_access_token_knows_its_own_end_best() -> None:
    """Before `expires_in`, and without it; ten days are no more than any other life."""
    assert readable(exp=NOW + 864_000).expires_at == NOW + 864_000
    assert readable(exp=NOW + 60, expires_in=3600).expires_at == NOW + 60


@pytest.mark.parametrize("ahead", [-14400.0, 14400.0])
def test_its_end_is_by_the_servers_clock(ahead: float) -> None:
    """And put into ours."""
    assert readable(exp=NOW + ahead + 600, ahead=ahead).expires_at == NOW + 600


@pytest.mark.parametrize("exp", [..., None, NOW, NOW - 60, 0, -1, True, "soon", [], {}, 1e300])
def test_an_end_that_makes_no_sense_is_none(exp: object) -> None:
    """Then the answer is asked, and then it is an hour."""
    told: dict[str, Any] = {} if exp is ... else {"exp": exp}
    assert readable(**told, expires_in=60).expires_at == NOW + 60
    assert readable(**told).expires_at == NOW + DEFAULT_LIFE_SECONDS


def test_an_access_token_is_opaque_unless_the_profile_says_otherwise() -> None:
    """RFC 6749 §1.4: at any other server its form is none of our business."""
    assert readable(exp=NOW + 60, expires_in=3600, provider=FIXED).expires_at == NOW + 3600


@given(st.text(alphabet="eyJhbGciOiJub25lIn0.-_", min_size=1))
def test_any_access_token_is_taken(text: str) -> None:
    """Whether it can be read or not."""
    response = answer(body(access_token=text, expires_in=60))
    session = read_tokens(response, at=NOW, jitter=0.5, previous=None, provider=READABLE, host_id=HOST_ID)
    assert session.expires_at == NOW + 60
