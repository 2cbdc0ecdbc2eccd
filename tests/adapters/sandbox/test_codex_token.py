"""The codex token and revocation endpoints: what the tokens say, how they rotate, and how they are given up."""

from typing import Any

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp, claims
from tests.adapters.sandbox.plain_client import PlainClient, codex_client, native_client

from signedin_adapters.sandbox import Sandbox

AUTH, PROFILE = "https://api.openai.com/auth", "https://api.openai.com/profile"


@pytest.fixture
def tool(sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """A tool that Ada has signed in with."""
    return codex_client(sandbox, http).signed_in()


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_a_token_response_names_no_type(tool: PlainClient) -> None:
    """Only sometimes does one say it, so the sandbox leaves it out unless told otherwise."""
    assert set(tool.tokens) == {"access_token", "refresh_token", "id_token", "expires_in"}


def test_a_token_response_may_name_its_type(tool: PlainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The realm chooses."""
    monkeypatch.setattr(tool.sandbox, "codex_token_type", True)
    assert tool.refresh().json()["token_type"] == "Bearer"


def test_the_id_token_names_workspace_and_plan(tool: PlainClient) -> None:
    """The audience is the client, the workspace an id, and an organization is something else."""
    found = claims(tool.tokens["id_token"])
    assert (found["aud"], found["iss"]) == ([tool.client_id], tool.sandbox.issuer)
    assert found["email"] == "ada@example.com"
    auth = found[AUTH]
    assert auth["chatgpt_plan_type"] == "plus"
    assert auth["chatgpt_account_id"] not in {each["id"] for each in auth["organizations"]}
    assert auth["chatgpt_user_id"] == auth["user_id"] == found["sub"]


def test_the_access_token_says_the_same(tool: PlainClient) -> None:
    """It is a JWT that its holder may read, and it has its own end."""
    access, identity = claims(tool.tokens["access_token"]), claims(tool.tokens["id_token"])
    assert access["exp"] - access["iat"] == tool.tokens["expires_in"] == 3600
    assert access[PROFILE]["email"] == "ada@example.com"
    assert access[AUTH]["chatgpt_account_id"] == identity[AUTH]["chatgpt_account_id"]


def test_a_nonce_is_echoed_where_one_was_sent(sandbox: Sandbox, http: httpx.Client) -> None:
    """And no other is made up."""
    with_nonce, without = codex_client(sandbox, http).signed_in(), codex_client(sandbox, http).signed_in(nonce=None)
    assert claims(with_nonce.tokens["id_token"])["nonce"] == with_nonce.nonce
    assert "nonce" not in claims(without.tokens["id_token"])


def test_two_workspaces_of_one_person_differ_in_nothing_else(sandbox: Sandbox, http: httpx.Client) -> None:
    """The same subject, another workspace."""
    both = [
        claims(codex_client(sandbox, http).signed_in(workspace=name).tokens["id_token"])
        for name in ("Personal", "Analytical Engines")
    ]
    assert both[0]["sub"] == both[1]["sub"]
    assert both[0][AUTH]["chatgpt_account_id"] != both[1][AUTH]["chatgpt_account_id"]


def test_a_free_plan_signs_in_as_well(sandbox: Sandbox, http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a label here."""
    monkeypatch.setattr(sandbox, "plan", "free")
    token = codex_client(sandbox, http).signed_in().tokens["id_token"]
    assert claims(token)[AUTH]["chatgpt_plan_type"] == "free"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"state": "x"}, (400, "invalid_request")),
        ({"code_verifier": "x" * 43}, (400, "invalid_grant")),
        ({"redirect_uri": "http://localhost:1457/auth/callback"}, (400, "invalid_grant")),
        ({"client_id": "sandbox-native"}, (401, "invalid_client")),
        ({"client_secret": "x"}, (401, "invalid_client")),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:device_code"}, (400, "unsupported_grant_type")),
    ],
)
def test_a_bad_exchange_is_refused(tool: PlainClient, changes: dict[str, str], expected: tuple[int, str]) -> None:
    """Also one that repeats the state, which belongs to the browser's part."""
    fields = tool.exchange_fields(tool.approve()["code"])
    assert error_of(tool.token(fields | changes)) == expected


def test_a_code_is_redeemed_with_a_form_alone(tool: PlainClient) -> None:
    """JSON is for a refresh."""
    fields = tool.exchange_fields(tool.approve()["code"])
    answer = tool.http.post(tool.at("/oauth/token"), json=fields)
    assert error_of(answer) == (400, "invalid_request")


def test_a_code_of_an_agent_is_refused(tool: PlainClient, app: PlainApp) -> None:
    """The parts share an issuer and nothing else."""
    fields = tool.exchange_fields(app.approve()["code"]) | {"code_verifier": app.code_verifier}
    assert error_of(tool.token(fields | {"redirect_uri": app.redirect_uri})) == (400, "invalid_grant")


@pytest.mark.parametrize("encoding", ["data", "json"])
def test_a_refresh_is_a_form_or_json(tool: PlainClient, encoding: str) -> None:
    """Both are sent by tools; the token rotates."""
    before = tool.tokens["refresh_token"]
    sent: dict[str, Any] = {encoding: tool.refresh_fields()}
    answer = tool.http.post(tool.at("/oauth/token"), **sent)
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != before


@pytest.mark.parametrize(
    "content", ["", "[]", "7", '"x"', "{", '{"grant_type": 7}', '{"client_id": "a", "client_id": "b"}', "[" * 9000]
)
def test_json_is_one_object_of_strings(tool: PlainClient, content: str) -> None:
    """Whatever else it is, it is refused."""
    answer = tool.http.post(tool.at("/oauth/token"), content=content, headers={"content-type": "application/json"})
    assert error_of(answer) == (400, "invalid_request")


def test_reuse_is_told_in_the_nested_shape(tool: PlainClient) -> None:
    """401 with a code of its own, and the whole family is dead."""
    spent = tool.refresh_fields()
    tool.refresh()
    answer = tool.token(spent)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "refresh_token_reused"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    again = tool.refresh()
    assert (again.status_code, again.json()["error"]["code"]) == (401, "refresh_token_invalidated")


def test_other_refusals_have_the_shape_chosen(tool: PlainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have been seen."""
    unknown = tool.refresh_fields() | {"refresh_token": "rt_unknown"}
    assert error_of(tool.token(unknown)) == (400, "invalid_grant")
    monkeypatch.setattr(tool.sandbox, "error_shape", "object")
    answer = tool.token(unknown)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_grant")


def test_a_refresh_may_leave_out_all_but_the_access_token(tool: PlainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left out stays as it was: the same refresh token is good again."""
    monkeypatch.setattr(tool.sandbox, "refresh_returns_id_token", False)
    monkeypatch.setattr(tool.sandbox, "refresh_rotates", False)
    fields = tool.refresh_fields()
    for _ in range(2):
        assert set(tool.token(fields).json()) == {"access_token", "expires_in"}


def revoke(tool: PlainClient, **fields: str) -> httpx.Response:
    return tool.http.post(tool.at("/oauth/revoke"), json=fields)


def test_a_refresh_token_is_revoked_with_its_client(tool: PlainClient) -> None:
    """As JSON; the next refresh says so by a code that only this server has."""
    token = tool.tokens["refresh_token"]
    assert revoke(tool, token=token, token_type_hint="refresh_token", client_id=tool.client_id).status_code == 200
    answer = tool.refresh()
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "refresh_token_revoked")


def test_an_access_token_is_revoked_without_a_client(tool: PlainClient) -> None:
    """Its whole grant ends."""
    assert revoke(tool, token=tool.tokens["access_token"], token_type_hint="access_token").status_code == 200
    assert tool.refresh().status_code == 401


@pytest.mark.parametrize("hint", ["refresh_token", "access_token"])
def test_an_unknown_token_is_nobodys_business(tool: PlainClient, hint: str) -> None:
    """200 all the same (RFC 7009 §2.2)."""
    fields = {"client_id": tool.client_id} if hint == "refresh_token" else {}
    assert revoke(tool, token="unknown", token_type_hint=hint, **fields).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"token": ""},
        {"token_type_hint": ""},
        {"token_type_hint": "id_token"},
        {"client_id": ""},
        {"client_id": "sandbox-native"},
        {"token_type_hint": "access_token"},
    ],
)
def test_a_bad_revocation_is_refused(tool: PlainClient, changes: dict[str, str]) -> None:
    """The client goes with a refresh token, and only there."""
    good = {
        "token": tool.tokens["refresh_token"],
        "token_type_hint": "refresh_token",
        "client_id": tool.client_id,
    }
    fields = {name: value for name, value in (good | changes).items() if value}
    assert error_of(revoke(tool, **fields)) == (400, "invalid_request")
    assert tool.refresh().status_code == 200


def test_a_revocation_is_no_form(tool: PlainClient) -> None:
    """JSON alone."""
    assert tool.http.post(tool.at("/oauth/revoke"), data={"token": "x"}).status_code == 400


def test_no_part_takes_the_tokens_of_another(tool: PlainClient, sandbox: Sandbox, http: httpx.Client) -> None:
    """One client each."""
    native = native_client(sandbox, http).signed_in()
    assert native.token(tool.refresh_fields()).status_code == 401
    stolen = native.refresh_fields() | {"client_id": tool.client_id}
    assert error_of(tool.token(stolen)) == (400, "invalid_grant")
    assert native.refresh().status_code == tool.refresh().status_code == 200
