"""Each fault does what its row says, so often as it was armed."""

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time
from typing import Any

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp, claims, events
from tests.adapters.sandbox.plain_client import PlainClient, codex_client, native_client
from tests.adapters.sandbox.plain_device import PlainDevice, codex_device, native_device

from signedin.cases import CASES
from signedin_adapters.sandbox import FAULTS, FaultSpec, Sandbox, VisitRefused
from signedin_adapters.sandbox.realm import API_KEY

Client = Callable[[Sandbox, httpx.Client], PlainClient]
Begin = Callable[[Sandbox, httpx.Client], PlainDevice]


def test_what_a_row_plays_is_in_the_catalogue() -> None:
    """And each case that is played can be asked for by its id."""
    cases = {fault.case for fault in FAULTS.values() if fault.case is not None}
    assert cases <= set(CASES)
    assert {FAULTS[FaultSpec.parse(case).name].case for case in cases} == cases


def test_every_row_is_kebab_case_and_described() -> None:
    """The table is what ``--list-faults`` prints."""
    for name, fault in FAULTS.items():
        assert name == fault.name
        assert name == name.lower()
        assert " " not in name
        assert 10 < len(fault.description) < 100


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("next-503", 503),
        ("token-503", 503),
        ("token-429", 429),
        ("token-html", 502),
        ("token-redirect-307", 307),
        ("token-invalid-client", 401),
        ("token-region", 403),
        ("token-unknown-code", 400),
        ("token-no-code", 400),
    ],
)
def test_a_refused_token_request_changes_nothing(signed_in: PlainApp, name: str, status: int) -> None:
    """The answer is the fault's; the next request finds the refresh token unspent."""
    signed_in.sandbox.faults.inject(name)
    assert signed_in.refresh().status_code == status
    assert signed_in.refresh().status_code == 200


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("token-invalid-grant", "invalid_grant"),
        ("token-reused", "refresh_token_reused"),
        ("token-expired-idle", "refresh_token_expired"),
        ("token-invalidated", "refresh_token_invalidated"),
    ],
)
def test_a_terminal_code_is_true(signed_in: PlainApp, name: str, code: str) -> None:
    """After it the grant is dead, whoever asks."""
    signed_in.sandbox.faults.inject(name)
    assert signed_in.refresh().json()["error"] == code
    assert signed_in.refresh().status_code == 400
    assert signed_in.models().status_code == 401


def test_the_details_of_refused_token_requests(signed_in: PlainApp) -> None:
    """What a client must look at: waiting time, place, page, code or none."""
    answers: dict[str, httpx.Response] = {}
    for name in (
        "token-429",
        "token-redirect-307",
        "token-html",
        "token-region",
        "token-unknown-code",
        "token-no-code",
    ):
        signed_in.sandbox.faults.inject(name)
        answers[name] = signed_in.refresh()
    assert answers["token-429"].headers["retry-after"] == "2"
    assert not answers["token-redirect-307"].headers["location"].startswith(signed_in.sandbox.issuer)
    assert answers["token-html"].headers["content-type"].startswith("text/html")
    assert answers["token-region"].json()["error"] == "unsupported_country_region_territory"
    assert answers["token-unknown-code"].json()["error"] == "sandbox_surprise"
    assert "error" not in answers["token-no-code"].json()


@pytest.mark.parametrize("name", ["token-reused", "token-expired-idle", "token-invalidated"])
def test_the_codex_endpoint_nests_a_terminal_code(sandbox: Sandbox, http: httpx.Client, name: str) -> None:
    """With 401, as it was seen."""
    tool = codex_client(sandbox, http).signed_in()
    sandbox.faults.inject(name)
    answer = tool.refresh()
    assert answer.status_code == 401
    assert answer.json()["error"]["code"].startswith("refresh_token_")


def test_a_page_in_place_of_tokens(signed_in: PlainApp) -> None:
    """A bot check says what it is in a header, a network's own page says nothing; the refresh token is unspent."""
    fields = signed_in.refresh_fields()
    found: list[tuple[int, str | None]] = []
    for name in ("token-challenge", "token-portal"):
        signed_in.sandbox.faults.inject(name)
        answer = signed_in.token(fields)
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.text.startswith("<!doctype html>")
        found.append((answer.status_code, answer.headers.get("cf-mitigated")))
    assert found == [(403, "challenge"), (200, None)]
    assert signed_in.token(fields).status_code == 200


def test_a_200_that_says_no(signed_in: PlainApp) -> None:
    """Its body is an error, without a token; the refresh token is unspent."""
    fields = signed_in.refresh_fields()
    signed_in.sandbox.faults.inject("token-200-error")
    answer = signed_in.token(fields)
    assert (answer.status_code, sorted(answer.json())) == (200, ["error", "error_description"])
    assert signed_in.token(fields).status_code == 200


@pytest.mark.parametrize(
    ("name", "code"),
    [("code-expired", "invalid_grant"), ("code-redirect-uri", "redirect_uri_mismatch")],
)
def test_a_refused_code_is_used_up(app: PlainApp, name: str, code: str) -> None:
    """Sent again it is refused as well, without a fault; another one is taken."""
    app.sandbox.faults.inject(name)
    spent = app.approve()["code"]
    assert [app.exchange(spent).json()["error"] for _ in range(2)] == [code, "invalid_grant"]
    assert app.exchange(app.approve()["code"]).status_code == 200


@pytest.mark.parametrize("name", ["code-expired", "code-redirect-uri", "code-client-gone", "code-no-refresh-token"])
def test_a_fault_of_codes_leaves_a_refresh_alone(signed_in: PlainApp, name: str) -> None:
    """It waits for an exchange."""
    signed_in.sandbox.faults.inject(name)
    assert "refresh_token" in signed_in.refresh().json()


def test_a_client_that_is_gone(signed_in: PlainApp) -> None:
    """The issued id is forgotten: nothing is done with it any more, and only a new registration helps."""
    signed_in.sandbox.faults.inject("code-client-gone")
    code = signed_in.approve()["code"]
    assert [signed_in.exchange(code).json()["error"] for _ in range(2)] == ["invalid_client"] * 2
    assert signed_in.refresh().json()["error"] == "invalid_client"
    with pytest.raises(VisitRefused):
        signed_in.approve()
    signed_in.client_id = ""
    assert signed_in.exchange(signed_in.approve()["code"]).status_code == 200


def test_a_session_that_cannot_be_renewed(app: PlainApp) -> None:
    """All is there but the refresh token."""
    app.sandbox.faults.inject("code-no-refresh-token")
    app.signed_in()
    assert "refresh_token" not in app.tokens
    assert app.models().status_code == 200


def test_a_huge_answer(signed_in: PlainApp) -> None:
    """Four mebibytes of JSON, and the refresh token is unspent."""
    signed_in.sandbox.faults.inject("token-huge")
    fields = signed_in.refresh_fields()
    assert len(signed_in.token(fields).content) > 4 * 1024 * 1024
    assert signed_in.token(fields).status_code == 200


def test_no_answer_at_all(signed_in: PlainApp) -> None:
    """The connection stays open and silent, and the refresh token is unspent."""
    signed_in.sandbox.faults.inject("token-hang")
    with pytest.raises(httpx.ReadTimeout):
        signed_in.http.post(
            f"{signed_in.sandbox.issuer}/api/accounts/oauth/token", data=signed_in.refresh_fields(), timeout=0.1
        )
    assert signed_in.refresh().status_code == 200


def test_a_connection_that_closes_without_an_answer(signed_in: PlainApp) -> None:
    """Not a byte comes back, and the refresh token is unspent."""
    signed_in.sandbox.faults.inject("token-close")
    with pytest.raises(httpx.RemoteProtocolError):
        signed_in.refresh()
    assert signed_in.refresh().status_code == 200


def test_a_slow_drip(signed_in: PlainApp) -> None:
    """Blank after blank: a time-out for each read never strikes."""
    signed_in.sandbox.faults.inject("token-slow-drip")
    url = f"{signed_in.sandbox.issuer}/api/accounts/oauth/token"
    with signed_in.http.stream("POST", url, data=signed_in.refresh_fields()) as answer:
        chunks = answer.iter_raw()
        assert [next(chunks) for _ in range(3)] == [b" "] * 3
    assert signed_in.refresh().status_code == 200


def test_an_error_after_the_rotation(signed_in: PlainApp) -> None:
    """The answer is 500, and the old refresh token is spent."""
    signed_in.sandbox.faults.inject("token-500-after-commit")
    assert signed_in.refresh().status_code == 500
    assert signed_in.refresh().json()["error"] == "refresh_token_reused"


def test_a_connection_dropped_after_the_rotation(signed_in: PlainApp) -> None:
    """Not a byte comes back, and the old refresh token is spent."""
    signed_in.sandbox.faults.inject("token-drop")
    with pytest.raises(httpx.RemoteProtocolError):
        signed_in.refresh()
    assert signed_in.refresh().json()["error"] == "refresh_token_reused"


def test_refresh_faults_leave_an_exchange_alone(app: PlainApp) -> None:
    """A fault of refreshing waits for a refresh."""
    app.sandbox.faults.inject("token-reused")
    app.signed_in()
    assert app.refresh().status_code == 400


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("callback-denied", {"code": False, "client_id": False, "state": True, "error": True}),
        ("callback-server-error", {"code": False, "client_id": False, "state": True, "error": True}),
        ("callback-no-client-id", {"code": True, "client_id": False, "state": True, "error": False}),
        ("callback-foreign-client", {"code": True, "client_id": True, "state": True, "error": False}),
        ("callback-wrong-state", {"code": True, "client_id": True, "state": False, "error": False}),
    ],
)
def test_a_spoiled_callback(app: PlainApp, name: str, expected: dict[str, bool]) -> None:
    """Each spoils one parameter and no other."""
    app.sandbox.faults.inject(name)
    callback = app.approve()
    right_state = callback["state"] == app.state
    found = {key: key in callback for key in ("code", "client_id", "error")} | {"state": right_state}
    assert found == expected


@pytest.mark.parametrize(
    ("name", "error"), [("callback-denied", "access_denied"), ("callback-server-error", "server_error")]
)
def test_a_callback_without_a_code_says_why(app: PlainApp, name: str, error: str) -> None:
    """RFC 6749 §4.1.2.1."""
    app.sandbox.faults.inject(name)
    assert app.approve()["error"] == error


def test_a_foreign_client_in_the_callback_was_never_issued(signed_in: PlainApp) -> None:
    """It cannot redeem the code."""
    client_id = signed_in.client_id
    signed_in.sandbox.faults.inject("callback-foreign-client")
    callback = signed_in.approve()
    assert callback["client_id"] != client_id
    assert signed_in.exchange(callback["code"]).json()["error"] == "invalid_client"


def test_plan_use_declined_behind_the_apps_back(app: PlainApp) -> None:
    """identity-only: the token response lacks the plan scope."""
    app.sandbox.faults.inject("identity-only")
    assert "chatgpt.tokens.use.direct" not in app.signed_in().tokens["scope"]


def test_an_id_token_about_somebody_else(signed_in: PlainApp) -> None:
    """On a refresh, say."""
    subject = claims(signed_in.tokens["id_token"])["sub"]
    signed_in.sandbox.faults.inject("id-token-wrong-sub")
    signed_in.refresh()
    assert claims(signed_in.tokens["id_token"])["sub"] != subject


def test_an_id_token_with_a_foreign_nonce(app: PlainApp) -> None:
    """Only an exchange has a nonce."""
    app.sandbox.faults.inject("id-token-bad-nonce")
    assert claims(app.signed_in().tokens["id_token"])["nonce"] != app.nonce


def test_a_rotated_key(signed_in: PlainApp) -> None:
    """The next ID token needs the key set again; older tokens stay good."""
    url = f"{signed_in.sandbox.issuer}/.well-known/jwks.json"
    before = signed_in.http.get(url).json()["keys"]
    signed_in.sandbox.faults.inject("jwks-rotated")
    old = signed_in.bearer
    signed_in.refresh()
    assert len(signed_in.http.get(url).json()["keys"]) == len(before) + 1
    assert signed_in.http.get(f"{signed_in.sandbox.api_base}/models", headers=old).status_code == 200


@pytest.mark.parametrize(("name", "status", "keys"), [("jwks-503", 503, None), ("jwks-empty", 200, [])])
def test_a_spoiled_key_set(sandbox: Sandbox, http: httpx.Client, name: str, status: int, keys: Any) -> None:
    """Out of reach, or empty."""
    sandbox.faults.inject(name)
    answer = http.get(f"{sandbox.issuer}/.well-known/jwks.json")
    assert (answer.status_code, answer.json().get("keys")) == (status, keys)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("discovery-wrong-issuer", "issuer"),
        ("discovery-foreign-origin", "token_endpoint"),
        ("discovery-no-revocation", "revocation_endpoint"),
    ],
)
def test_a_spoiled_discovery_document(sandbox: Sandbox, http: httpx.Client, name: str, field: str) -> None:
    """One field is wrong or missing, the rest is as ever."""
    url = f"{sandbox.issuer}/.well-known/openid-configuration"
    good = http.get(url).json()
    sandbox.faults.inject(name)
    bad = http.get(url).json()
    assert {key for key in good if bad.get(key) != good[key]} == {field}


def test_discovery_out_of_reach(sandbox: Sandbox, http: httpx.Client) -> None:
    """503, once."""
    sandbox.faults.inject("discovery-503")
    url = f"{sandbox.issuer}/.well-known/openid-configuration"
    assert [http.get(url).status_code for _ in range(2)] == [503, 200]


def test_a_revocation_that_fails(signed_in: PlainApp) -> None:
    """503, and nothing is revoked."""
    signed_in.sandbox.faults.inject("revoke-503")
    assert signed_in.revoke().status_code == 503
    assert signed_in.models().status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("api-401", 401, "invalid_token"),
        ("api-403-detail", 403, "detail"),
        ("api-429-limit", 429, "subscription_sharing_usage_limit_exceeded"),
        ("api-503", 503, "detail"),
        ("api-html", 502, "<!doctype html>"),
        ("api-challenge", 403, "<!doctype html>"),
        ("api-portal", 200, "<!doctype html>"),
        ("api-scopes-missing", 401, "Missing scopes: api.responses.write"),
        ("api-deactivated", 401, "account_deactivated"),
        ("api-no-consent", 403, "chatpass_v2_scope_not_authorized"),
        ("api-not-eligible", 403, "subscription_sharing_user_not_eligible"),
        ("api-usage-unavailable", 503, "subscription_sharing_usage_unavailable"),
    ],
)
def test_a_failing_api(signed_in: PlainApp, name: str, status: int, body: str) -> None:
    """On either route, as often as armed."""
    signed_in.sandbox.faults.inject(name, 2)
    answers = [signed_in.models(), signed_in.respond()]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all(body in answer.text for answer in answers)
    assert signed_in.models().status_code == 200


def test_a_bot_check_at_the_api_says_so(signed_in: PlainApp) -> None:
    """In the header that tells it from every other page."""
    signed_in.sandbox.faults.inject("api-challenge")
    assert signed_in.models().headers["cf-mitigated"] == "challenge"


def test_missing_scopes_come_without_a_code(signed_in: PlainApp) -> None:
    """In words alone."""
    signed_in.sandbox.faults.inject("api-scopes-missing")
    assert signed_in.models().json()["error"]["code"] is None


@pytest.mark.parametrize(
    ("name", "status", "code", "param"),
    [
        ("model-not-found", 404, "model_not_found", "model"),
        ("capability-unsupported", 400, "subscription_sharing_unsupported_capability", "reasoning.effort"),
    ],
)
def test_a_refused_question(signed_in: PlainApp, name: str, status: int, code: str, param: str) -> None:
    """The body names the field at fault; the list of models is given as ever."""
    signed_in.sandbox.faults.inject(name)
    assert signed_in.models().status_code == 200
    answer = signed_in.respond()
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (status, code, param)


def test_an_api_key_that_is_refused(signed_in: PlainApp) -> None:
    """A fault for keys leaves access tokens alone."""
    signed_in.sandbox.faults.inject("api-key-rejected")
    assert signed_in.models().status_code == 200
    signed_in.tokens["access_token"] = API_KEY
    answers = [signed_in.models() for _ in range(2)]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert answers[0].json()["error"]["code"] == "invalid_api_key"


def test_an_empty_catalogue(signed_in: PlainApp) -> None:
    """No models at all."""
    signed_in.sandbox.faults.inject("models-empty")
    assert signed_in.models().json() == {"models": []}


def test_a_catalogue_behind_a_broken_gateway(signed_in: PlainApp) -> None:
    """520 with a page, for the catalogue alone."""
    signed_in.sandbox.faults.inject("models-520")
    assert signed_in.respond().status_code == 200
    assert signed_in.models().status_code == 520


def test_a_stream_that_is_cut(signed_in: PlainApp) -> None:
    """The connection closes after some deltas, without an end."""
    signed_in.sandbox.faults.inject("stream-cut")
    with pytest.raises(httpx.RemoteProtocolError):
        signed_in.respond()


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("stream-failed-limit", "response.failed"),
        ("stream-incomplete", "response.incomplete"),
        ("stream-error-event", "error"),
    ],
)
def test_a_stream_that_ends_badly(signed_in: PlainApp, name: str, last: str) -> None:
    """Some deltas, then the bad news instead of response.completed."""
    signed_in.sandbox.faults.inject(name)
    kinds = [event["type"] for event in events(signed_in.respond().text)]
    assert kinds[-1] == last
    assert "response.output_text.delta" in kinds
    assert "response.completed" not in kinds


def test_a_limit_in_mid_stream_is_named(signed_in: PlainApp) -> None:
    """The code is the same as in a 429."""
    signed_in.sandbox.faults.inject("stream-failed-limit")
    error = events(signed_in.respond().text)[-1]["response"]["error"]
    assert error["code"] == "subscription_sharing_usage_limit_exceeded"


def test_a_completed_response_without_output(signed_in: PlainApp) -> None:
    """Seen live: the text is in the items and deltas alone."""
    signed_in.sandbox.faults.inject("stream-empty-output")
    found = events(signed_in.respond().text)
    assert found[-1]["response"]["output"] == []
    assert found[-2]["item"]["content"][0]["text"]


def test_a_stream_without_a_content_type(signed_in: PlainApp) -> None:
    """Seen live too."""
    signed_in.sandbox.faults.inject("stream-no-content-type")
    answer = signed_in.respond()
    assert "content-type" not in answer.headers
    assert events(answer.text)[-1]["type"] == "response.completed"


@pytest.mark.parametrize("client", [codex_client, native_client])
@pytest.mark.parametrize("name", ["token-503", "token-html", "token-no-code", "next-503"])
def test_the_other_parts_fail_alike(sandbox: Sandbox, http: httpx.Client, client: Client, name: str) -> None:
    """A fault strikes at whichever token endpoint is asked next."""
    tool = client(sandbox, http).signed_in()
    sandbox.faults.inject(name)
    assert tool.refresh().status_code >= 400
    assert tool.refresh().status_code == 200


@pytest.mark.parametrize("begun", [codex_device, native_device])
@pytest.mark.parametrize(
    ("name", "status", "waits"),
    [("device-disabled", 404, None), ("device-start-429", 429, "2")],
)
def test_a_device_that_cannot_begin(
    sandbox: Sandbox, http: httpx.Client, begun: Begin, name: str, status: int, waits: str | None
) -> None:
    """Switched off, or too many at once; the next one begins."""
    device = begun(sandbox, http)
    sandbox.faults.inject(name)
    answer = device.begin()
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, waits)
    assert device.begin().status_code == 200


@pytest.mark.parametrize("begun", [codex_device, native_device])
@pytest.mark.parametrize(
    ("name", "status"), [("device-429", 429), ("device-503", 503), ("device-html", 502), ("next-503", 503)]
)
def test_a_poll_that_fails_changes_nothing(
    sandbox: Sandbox, http: httpx.Client, begun: Begin, name: str, status: int
) -> None:
    """The next poll has what this one would have had."""
    device = begun(sandbox, http)
    device.approve()
    sandbox.faults.inject(name)
    assert device.poll().status_code == status
    assert device.poll().status_code == 200


@pytest.mark.parametrize("begun", [codex_device, native_device])
@pytest.mark.parametrize(("name", "code"), [("device-denied", "access_denied"), ("device-expired", "expired_token")])
def test_a_poll_that_ends_it(
    sandbox: Sandbox, http: httpx.Client, begun: Begin, name: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is told is true, whatever the user does."""
    monkeypatch.setattr(sandbox, "device_interval", 0)
    device = begun(sandbox, http)
    device.approve()
    sandbox.faults.inject(name)
    assert [device.error() for _ in range(2)] == [code] * 2


@pytest.mark.parametrize("begun", [codex_device, native_device])
def test_a_poll_that_is_told_to_slow_down(
    sandbox: Sandbox, http: httpx.Client, begun: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five seconds more from then on, even for one that never hurried."""
    monkeypatch.setattr(sandbox, "device_interval", 0)
    device = begun(sandbox, http)
    sandbox.faults.inject("device-slow-down")
    assert device.error() == "slow_down"
    device.poll()
    assert device.error() == "slow_down"


def test_an_agents_token_endpoint_is_never_polled(signed_in: PlainApp) -> None:
    """A fault for polls waits for one."""
    signed_in.sandbox.faults.inject("device-denied")
    assert signed_in.refresh().status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("workspace-deactivated", 402, {"detail": {"code": "deactivated_workspace"}}),
        ("usage-limit", 429, "usage_limit_reached"),
        ("usage-not-included", 403, "usage_not_included"),
        ("api-503", 503, {"detail": "Direct routing is unavailable."}),
        ("workspace-invalid", 403, {"detail": {"code": "invalid_workspace_selected"}}),
        ("originator-refused", 403, {"detail": "Forbidden"}),
        (
            "model-refused",
            400,
            {"detail": "The 'sandbox-codex' model is not supported when using Codex with a ChatGPT account."},
        ),
    ],
)
def test_a_refused_codex_request(sandbox: Sandbox, http: httpx.Client, name: str, status: int, told: object) -> None:
    """The body says it in one of its shapes."""
    tool = codex_client(sandbox, http).signed_in("emmy")
    sandbox.faults.inject(name)
    url = tool.at("/backend-api/codex/responses")
    answer = http.post(url, headers=tool.bearer | {"originator": "acme"}, json={})
    assert answer.status_code == status
    body = answer.json()
    assert told in (body, body.get("error", {}).get("type"))


def test_usage_may_not_be_told(sandbox: Sandbox, http: httpx.Client) -> None:
    """Anything in the document may be null."""
    tool = codex_client(sandbox, http).signed_in("emmy")
    sandbox.faults.inject("usage-unknown")
    answer = http.get(tool.at("/backend-api/wham/usage"), headers=tool.bearer | {"originator": "acme"})
    assert answer.json()["rate_limit"] is None


def test_a_workspace_without_the_entitlement(sandbox: Sandbox, http: httpx.Client) -> None:
    """access_denied, and a description that says it by a word."""
    sandbox.faults.inject("entitlement-missing")
    told = codex_client(sandbox, http).approve()
    assert told["error"] == "access_denied"
    assert "missing_codex_entitlement" in told["error_description"]


def test_a_date_that_is_ahead(sandbox: Sandbox, http: httpx.Client) -> None:
    """Ten minutes, at whatever is asked, as long as it is armed."""
    sandbox.faults.inject("date-ahead", 2)
    answers = [http.get(f"{sandbox.issuer}/{path}") for path in ("", ".well-known/jwks.json", "v1/models")]
    dates = [parsedate_to_datetime(answer.headers["date"]).timestamp() for answer in answers]
    assert [round((date - time()) / 60) for date in dates] == [10, 10, 0]


def test_no_fault_is_without_a_test() -> None:
    """A row that is added gets a test here."""
    specification = Path(__file__).read_text(encoding="utf-8")
    assert not [name for name in FAULTS if f'"{name}"' not in specification]
