"""The device flow: RFC 8628's, and the one that a server made for itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import AGENT, FIXED, ISSUER, METADATA, answer

from signedin.errors import AnswerRefused, ConfigurationError
from signedin.oauth import pkce
from signedin.oauth.device import (
    LONGEST_PAUSE_SECONDS,
    SLOW_DOWN_SECONDS,
    Flow,
    OwnFlow,
    Pace,
    StandardFlow,
    authorization_of,
    flow_of,
)
from signedin.oauth.device_answer import CodeGranted, DeviceCode, Refused, TokensGranted, Waiting
from signedin.oauth.messages import Response
from signedin.provider import DeviceFlow
from signedin.secret import Secret

VERIFIER = "v" * 43
ENDPOINTS = DeviceFlow(
    authorization_endpoint=f"{ISSUER}/deviceauth/usercode",
    token_endpoint=f"{ISSUER}/deviceauth/token",
    verification_uri=f"{ISSUER}/codex/device",
    redirect_uri=f"{ISSUER}/deviceauth/callback",
)
STANDARD = StandardFlow(
    device_authorization_endpoint=f"{ISSUER}/device",
    token_endpoint=f"{ISSUER}/token",
    client_id="native-app",
    scopes=("openid", "email"),
    resource="https://api.example/v1",
)
OWN = OwnFlow(endpoints=ENDPOINTS, client_id="native-app")
BOTH = pytest.mark.parametrize("flow", [STANDARD, OWN], ids=["standard", "own"])
OUTAGE = Response(status=503, headers={}, body=b"<html>")
CHALLENGE = Response(status=403, headers={"cf-mitigated": "challenge"}, body=b"<html>")


def started(**changes: object) -> dict[str, object]:
    """A good answer to a start, for either flow; a change to `...` leaves a member out."""
    good: dict[str, object] = {
        "device_code": "dc-1",
        "device_auth_id": "dc-1",
        "user_code": "WDJB-MJHT",
        "verification_uri": "https://go.example/device",
        "verification_uri_complete": "https://go.example/device?user_code=WDJB-MJHT",
        "expires_in": 1800,
        "interval": 7,
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def granted(**changes: object) -> dict[str, object]:
    """What the server's own flow gives in the end."""
    good: dict[str, object] = {
        "authorization_code": "ac-1",
        "code_challenge": pkce.challenge(Secret(VERIFIER)),
        "code_verifier": VERIFIER,
    }
    return {name: value for name, value in (good | changes).items() if value is not ...}


def code(flow: Flow = STANDARD, **changes: object) -> DeviceCode:
    """The code that a good start gives."""
    return flow.read_start(answer(started(**changes)))


def refused(flow: Flow, response: Response) -> str:
    """The case that a start is refused with."""
    with pytest.raises(AnswerRefused) as error:
        flow.read_start(response)
    return error.value.case


# Which one.


def test_a_server_that_names_an_endpoint_has_the_flow_of_rfc_8628() -> None:
    """With the profile's scopes and resource."""
    metadata = replace(METADATA, device_authorization_endpoint=f"{ISSUER}/device")
    assert flow_of(FIXED, metadata, client_id="native-app") == StandardFlow(
        device_authorization_endpoint=f"{ISSUER}/device",
        token_endpoint=f"{ISSUER}/token",
        client_id="native-app",
        scopes=FIXED.scopes,
        resource=None,
    )


def test_a_profile_may_have_a_flow_of_its_servers_own() -> None:
    """It comes before whatever the metadata says."""
    metadata = replace(METADATA, device_authorization_endpoint=f"{ISSUER}/device")
    assert flow_of(replace(FIXED, device=ENDPOINTS), metadata, client_id="native-app") == OWN


def test_not_every_provider_has_one() -> None:
    """Nor does one whose ids are issued to a browser alone, or that takes a key."""
    metadata = replace(METADATA, device_authorization_endpoint=f"{ISSUER}/device")
    assert flow_of(FIXED, METADATA, client_id="native-app") is None
    assert flow_of(AGENT, metadata, client_id="oaiapp_issued") is None
    assert flow_of(replace(FIXED, registration="api-key"), metadata, client_id="") is None


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "verification_uri"])
@pytest.mark.parametrize("url", ["https://elsewhere.example/x", "http://id.example/x", "x"])
def test_a_flow_of_its_own_stays_on_the_issuers_host(name: str, url: str) -> None:
    """Nothing is sent, and nobody is sent, to a place that the issuer's name does not vouch for."""
    endpoints = {each: getattr(ENDPOINTS, each) for each in ENDPOINTS.__slots__} | {name: url}
    with pytest.raises(ConfigurationError):
        flow_of(replace(FIXED, device=DeviceFlow(**endpoints)), METADATA, client_id="native-app")


def test_nothing_of_an_authorization_request_can_come_back() -> None:
    """There is no nonce to find in an ID token; what is redeemed names the redirect URI of the server's own flow."""
    standing_in = authorization_of(replace(FIXED, device=ENDPOINTS), client_id="native-app")
    assert (standing_in.nonce, standing_in.url) == (None, "")
    assert (standing_in.client_id, standing_in.redirect_uri) == ("native-app", ENDPOINTS.redirect_uri)
    assert authorization_of(FIXED, client_id="native-app").redirect_uri == ""


# Asking for a code.


def test_the_start_asks_with_scopes_and_resource() -> None:
    """A form, of a public client (RFC 8628 §3.1)."""
    request = STANDARD.start_request()
    assert (request.method, request.url, request.bearer) == ("POST", f"{ISSUER}/device", None)
    assert request.form == (
        ("client_id", "native-app"),
        ("scope", "openid email"),
        ("resource", "https://api.example/v1"),
    )
    bare = replace(STANDARD, scopes=(), resource=None)
    assert bare.start_request().form == (("client_id", "native-app"),)


def test_the_start_of_the_servers_own_flow_is_json() -> None:
    """And names the client alone."""
    request = OWN.start_request()
    assert (request.method, request.url, request.form) == ("POST", ENDPOINTS.authorization_endpoint, None)
    assert request.json == (("client_id", "native-app"),)


def test_a_good_start_is_a_code() -> None:
    """All that the server says of it."""
    assert code() == DeviceCode(
        device_code=Secret("dc-1"),
        user_code="WDJB-MJHT",
        verification_uri="https://go.example/device",
        verification_uri_complete="https://go.example/device?user_code=WDJB-MJHT",
        lasts=1800.0,
        interval=7.0,
    )


def test_the_servers_own_flow_has_one_page() -> None:
    """The profile's, whatever an answer says, and no address with the code in it that leads elsewhere."""
    found = code(OWN)
    assert found.verification_uri == ENDPOINTS.verification_uri
    assert found.verification_uri_complete is None


def test_the_servers_own_flow_has_two_names_for_the_code() -> None:
    """`user_code`, and `usercode` as it was called before."""
    assert code(OWN, user_code=..., usercode="ABCD-12345").user_code == "ABCD-12345"
    assert code(OWN, usercode="ABCD-12345").user_code == "WDJB-MJHT"


@BOTH
@pytest.mark.parametrize(
    ("interval", "seconds"),
    [(..., 5), (0, 5), ("0.0", 5), (-1, 5), (None, 5), ("soon", 5), (True, 5), ("7", 7), (1, 1), (1.25, 1.25)],
)
def test_the_interval_is_five_seconds_unless_it_is_said(flow: Flow, interval: object, seconds: float) -> None:
    """A number or the text of one (RFC 8628 §3.2)."""
    assert code(flow, interval=interval).interval == seconds


@BOTH
@pytest.mark.parametrize("interval", [0.25, 1e-9, "0.5"])
def test_no_server_is_asked_more_than_once_a_second(flow: Flow, interval: object) -> None:
    """Whatever it says; a mistake of its own shall not become an attack of ours."""
    assert code(flow, interval=interval).interval == 1


def test_a_server_on_this_machine_may_be_asked_more_often() -> None:
    """Nobody else is troubled by that."""
    here = replace(STANDARD, token_endpoint="http://127.0.0.1:8765/token")
    assert code(here, interval=0.25).interval == 0.25


@BOTH
@pytest.mark.parametrize(
    ("expires_in", "seconds"), [(..., 900), (0, 900), ("1800", 1800), (1e8, 3600), ({}, 900), ("soon", 900)]
)
def test_a_code_lasts_fifteen_minutes_unless_it_is_said(flow: Flow, expires_in: object, seconds: float) -> None:
    """RFC 8628 demands the member; and nobody types a code after an hour."""
    assert code(flow, expires_in=expires_in).lasts == seconds


@pytest.mark.parametrize(
    "complete",
    [
        "https://evil.example/device?user_code=WDJB-MJHT",
        "http://go.example/device?user_code=WDJB-MJHT",
        "https://go.example:8443/device",
        "javascript:alert(1)",
        "https://go.example/\x1b[2J",
        7,
        ...,
    ],
)
def test_an_address_with_the_code_in_it_goes_with_the_page(complete: object) -> None:
    """It stands behind a QR code that nobody reads: another origin is left out."""
    assert code(verification_uri_complete=complete).verification_uri_complete is None


@BOTH
@pytest.mark.parametrize("user_code", [..., "", " ABCD", "AB\x1b[2JCD", "AB\nCD", "ÄBCD", "A" * 41, 7, None])
def test_what_is_shown_is_short_plain_text(flow: Flow, user_code: object) -> None:
    """Nothing that a terminal would take for more than letters."""
    assert refused(flow, answer(started(user_code=user_code))) == "ok-status-error-body"


@pytest.mark.parametrize(
    "uri", [..., "", "http://go.example/device", "https://a@go.example/", "https://go.example/\x07"]
)
def test_people_are_only_sent_to_safe_places(uri: object) -> None:
    """https, or this very machine."""
    assert refused(STANDARD, answer(started(verification_uri=uri))) == "ok-status-error-body"
    here = "http://127.0.0.1:8765/native/device"
    assert code(verification_uri=here).verification_uri == here


@BOTH
@pytest.mark.parametrize("secret", [..., "", "dc\n1", 7, "x" * 4097])
def test_without_a_code_to_ask_with_there_is_none(flow: Flow, secret: object) -> None:
    """An answer that is no use is no success."""
    assert refused(flow, answer(started(device_code=secret, device_auth_id=secret))) == "ok-status-error-body"


@BOTH
@pytest.mark.parametrize(
    ("response", "case"),
    [
        (OUTAGE, "provider-outage"),
        (answer({"error": "slow_down"}, 429), "login-rate-limited"),
        (answer({"error": {"code": "unsupported_country_region_territory"}}, 403), "region-unsupported"),
        (answer({"error": "invalid_client"}, 401), "client-refused"),
        (answer({"error": "unauthorized_client"}, 400), "device-code-disabled"),
        (answer({"error": "invalid_scope"}, 400), "unclassified"),
        (CHALLENGE, "cloudflare-challenge"),
    ],
)
def test_a_start_that_is_refused_says_why(flow: Flow, response: Response, case: str) -> None:
    """By code before status."""
    assert refused(flow, response) == case


def test_the_servers_own_flow_is_switched_off_with_404() -> None:
    """Whatever stands in it; elsewhere that status has no such meaning."""
    for response in (answer({}, 404), Response(status=404, headers={}, body=b"<html>Not Found")):
        assert refused(OWN, response) == "device-code-disabled"
    assert refused(STANDARD, answer({}, 404)) == "unclassified"


# Asking what became of it.


def test_the_question_is_a_grant_of_its_own() -> None:
    """RFC 8628 §3.4, with the resource that was asked for (RFC 8707 §2.2)."""
    request = STANDARD.poll_request(code())
    assert request.url == f"{ISSUER}/token"
    assert request.form == (
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("device_code", Secret("dc-1")),
        ("client_id", "native-app"),
        ("resource", "https://api.example/v1"),
    )


def test_the_question_of_the_servers_own_flow_names_both_codes() -> None:
    """As JSON."""
    request = OWN.poll_request(code(OWN))
    assert (request.url, request.form) == (ENDPOINTS.token_endpoint, None)
    assert request.json == (("device_auth_id", Secret("dc-1")), ("user_code", "WDJB-MJHT"))


def test_tokens_are_granted_with_the_answer() -> None:
    """RFC 8628 §3.5: there is no code in between."""
    response = answer({"access_token": "at-1", "token_type": "Bearer"})
    assert STANDARD.read_poll(response) == TokensGranted(response=response)


def test_tokens_count_whatever_stands_beside_them() -> None:
    """They are issued; an empty one beside "not yet" is none."""
    both = {"access_token": "at-1", "error": "authorization_pending"}
    assert STANDARD.read_poll(answer(both)) == TokensGranted(response=answer(both))
    for empty in ("", None):
        assert STANDARD.read_poll(answer(both | {"access_token": empty})) == Waiting()


def test_the_servers_own_flow_grants_a_code_with_its_verifier() -> None:
    """Both made by the server; the challenge may be left out."""
    expected = CodeGranted(code=Secret("ac-1"), code_verifier=Secret(VERIFIER))
    assert OWN.read_poll(answer(granted())) == expected
    assert OWN.read_poll(answer(granted(code_challenge=...))) == expected


@pytest.mark.parametrize(
    "changes",
    [{"code_challenge": "x" * 43}, {"code_challenge": 7}, {"code_verifier": "short"}, {"code_verifier": ...}],
)
def test_a_pair_that_does_not_fit_is_worth_no_try(changes: dict[str, object]) -> None:
    """The code is spent by asking, so the attempt is over."""
    assert OWN.read_poll(answer(granted(**changes))) == Refused(case="unclassified")


@BOTH
@pytest.mark.parametrize(
    ("response", "waiting"),
    [
        (answer({"error": "authorization_pending"}, 400), Waiting()),
        (answer({"error": "authorization_pending"}, 200), Waiting()),
        (answer({"error": {"code": "deviceauth_authorization_pending"}}, 403), Waiting()),
        (answer({"error": "slow_down"}, 400), Waiting(slower=True)),
        (answer({"error": {"code": "slow_down"}}, 403), Waiting(slower=True)),
        (answer({"error": "slow_down"}, 429, retry_after="30"), Waiting(slower=True, retry_after=30.0)),
        (answer({}, 429, retry_after="30"), Waiting(case="login-rate-limited", retry_after=30.0)),
        (answer({}, 429), Waiting(case="login-rate-limited")),
        (OUTAGE, Waiting(case="provider-outage")),
        (CHALLENGE, Waiting(case="cloudflare-challenge")),
        (answer(b"<html>", 200), Waiting(case="cloudflare-challenge")),
        (answer(b"nonsense", 200), Waiting(case="ok-status-error-body")),
        (answer({}, 200), Waiting(case="ok-status-error-body")),
    ],
)
def test_what_decides_nothing_is_waited_out(flow: Flow, response: Response, waiting: Waiting) -> None:
    """Not yet, too fast, too many, or nobody there to ask."""
    assert flow.read_poll(response) == waiting


@BOTH
@pytest.mark.parametrize(
    ("named", "status", "case"),
    [
        ("access_denied", 400, "user-denied-consent"),
        ("deviceauth_access_denied", 403, "user-denied-consent"),
        ("expired_token", 400, "device-code-expired"),
        ("deviceauth_authorization_expired", 403, "device-code-expired"),
        ("invalid_grant", 400, "code-expired-or-used"),
        ("invalid_client", 401, "client-refused"),
        ("unsupported_country_region_territory", 403, "region-unsupported"),
        ("unsupported_grant_type", 400, "unclassified"),
    ],
)
def test_what_decides_ends_it(flow: Flow, named: str, status: int, case: str) -> None:
    """By code, in either of the shapes that errors come in."""
    assert flow.read_poll(answer({"error": named}, status)) == Refused(case=case)
    assert flow.read_poll(answer({"error": {"code": named}}, status)) == Refused(case=case)


def test_the_servers_own_flow_says_not_yet_by_status() -> None:
    """403 and 404, with a code that is not known or with none; elsewhere these are refusals."""
    for response in (answer({}, 403), answer(b"", 404), answer({"error": {"code": "deviceauth_new"}}, 403)):
        assert OWN.read_poll(response) == Waiting()
        assert STANDARD.read_poll(response) == Refused(case="unclassified")
    assert OWN.read_poll(answer({}, 401)) == Refused(case="unclassified")


# How often.


def test_the_pace_is_the_servers() -> None:
    """`slow_down` adds five seconds for good (RFC 8628 §3.5)."""
    pace = Pace(2.0)
    assert pace.after(Waiting()) == 2.0
    assert pace.after(Waiting(slower=True)) == 2.0 + SLOW_DOWN_SECONDS
    assert pace.after(Waiting(slower=True)) == 2.0 + 2 * SLOW_DOWN_SECONDS
    assert pace.after(Waiting()) == 2.0 + 2 * SLOW_DOWN_SECONDS


def test_unanswered_questions_are_asked_ever_more_rarely() -> None:
    """Doubled each time and bounded, and as before once one is answered (RFC 8628 §3.5)."""
    pace, lost = Pace(5.0), Waiting(case="offline")
    assert [pace.after(lost) for _ in range(5)] == [10.0, 20.0, 40.0, LONGEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS]
    assert pace.after(Waiting()) == 5.0
    assert pace.after(lost) == 10.0


def test_the_servers_wish_is_kept() -> None:
    """Where it is longer than our own pause; never where it is shorter."""
    pace = Pace(5.0)
    assert pace.after(Waiting(case="login-rate-limited", retry_after=90.0)) == 90.0
    assert pace.after(Waiting(retry_after=1.0)) == 5.0


# Whatever comes.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = [*started(), *granted(), "usercode", "error", "access_token"]
BODIES = st.binary(max_size=64) | st.dictionaries(st.sampled_from(NAMES), JSON)
STATUSES = st.sampled_from([200, 201, 400, 401, 403, 404, 408, 429, 500, 503])


@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON), body=BODIES, status=STATUSES, good=st.booleans())
def test_any_answer_to_a_start_is_a_code_or_a_refusal(
    changes: dict[str, object], body: bytes | dict[str, object], status: int, good: bool
) -> None:
    """And what is shown of a code is always plain, what is waited always bounded."""
    for flow in (STANDARD, OWN):
        try:
            found = flow.read_start(answer(started(**changes)) if good else answer(body, status))
        except AnswerRefused:
            continue
        assert found.user_code.isascii()
        assert found.user_code.isprintable()
        assert 0 < found.lasts <= 3600
        assert found.interval > 0


@given(changes=st.dictionaries(st.sampled_from(NAMES), JSON), body=BODIES, status=STATUSES, good=st.booleans())
def test_any_answer_to_a_question_is_one_of_four(
    changes: dict[str, object], body: bytes | dict[str, object], status: int, good: bool
) -> None:
    """Never an error, and never a pause without end."""
    for flow in (STANDARD, OWN):
        found = flow.read_poll(answer(granted(**changes)) if good else answer(body, status))
        assert isinstance(found, Waiting | Refused | TokensGranted | CodeGranted)
        if isinstance(found, Waiting):
            assert Pace(5.0).after(found) > 0


def test_nothing_of_it_shows_a_secret() -> None:
    """Neither what is asked with, nor what people type, nor what is granted."""
    shown = repr((code(), STANDARD.poll_request(code()), OWN.read_poll(answer(granted()))))
    shown += repr(STANDARD.read_poll(answer({"access_token": "at-1"})))
    for secret in ("dc-1", "WDJB", "ac-1", VERIFIER, "at-1"):
        assert secret not in shown
