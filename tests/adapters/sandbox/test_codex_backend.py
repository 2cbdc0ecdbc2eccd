"""The codex backend: whom it takes, what it lists, what it refuses and in which words."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp, claims, events
from tests.adapters.sandbox.plain_client import PlainClient, codex_client, native_client

from signedin_adapters.providers import codex
from signedin_adapters.sandbox import Sandbox

AUTH = "https://api.openai.com/auth"
MODELS, RESPONSES, USAGE = "/backend-api/codex/models", "/backend-api/codex/responses", "/backend-api/wham/usage"


@pytest.fixture(scope="module")
def once_signed_in(started_sandbox: Sandbox, http: httpx.Client) -> PlainClient:
    """The grant that most tests here look at and none of them ends."""
    return codex_client(started_sandbox, http).signed_in()


@pytest.fixture
def tool(sandbox: Sandbox, once_signed_in: PlainClient) -> PlainClient:
    """A copy of the tool, whose tokens a test may spoil."""
    return replace(once_signed_in, tokens=dict(once_signed_in.tokens))


def headers(tool: PlainClient, *, without: str = "", **changes: str) -> dict[str, str]:
    """What each request carries, but for one of it."""
    workspace = claims(tool.tokens["id_token"])[AUTH]["chatgpt_account_id"]
    sent = {**tool.bearer, "workspace": workspace, "originator": "acme"} | changes
    sent["chatgpt-account-id"] = sent.pop("workspace")
    return {name: value for name, value in sent.items() if name != without}


def get(tool: PlainClient, path: str = f"{MODELS}?client_version=1.0.0", **sent: str) -> httpx.Response:
    return tool.http.get(tool.at(path), headers=headers(tool, **sent))


def respond(tool: PlainClient, **changes: Any) -> httpx.Response:
    """Ask "What is a monad?"; a change to None leaves the field out."""
    body: dict[str, Any] = {
        "model": "sandbox-codex",
        "instructions": "Answer.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "What is a monad?"}]}],
        "store": False,
        "stream": True,
    }
    body = {name: value for name, value in (body | changes).items() if value is not None}
    return tool.http.post(tool.at(RESPONSES), headers=headers(tool), json=body)


def test_its_places_are_the_profiles(tool: PlainClient) -> None:
    """Written down twice, since the sandbox knows no other adapter."""
    profile = codex.profile(issuer=tool.sandbox.issuer, backend=f"{tool.sandbox.issuer}/backend-api")
    assert profile.api_base == tool.at("/backend-api/codex")
    assert profile.api.usage_url == tool.at(USAGE)
    assert profile.api.workspace_header == "ChatGPT-Account-ID"


def test_models_come_in_no_order_and_say_which_is_first(tool: PlainClient) -> None:
    """Some are not for people to see."""
    models = get(tool).json()["models"]
    priorities = [model["priority"] for model in models]
    assert priorities != sorted(priorities)
    assert {model["visibility"] for model in models} == {"list", "hide"}


def test_an_older_tool_is_kept_from_newer_models(tool: PlainClient) -> None:
    """By the version that it asks with."""
    listed = {
        version: {model["slug"] for model in get(tool, f"{MODELS}?client_version={version}").json()["models"]}
        for version in ("1.0.0", "98.9.9", "99.0.0", "100.0.0")
    }
    assert listed["1.0.0"] == listed["98.9.9"]
    assert listed["99.0.0"] - listed["1.0.0"] == {"sandbox-codex-next"}
    assert listed["100.0.0"] == listed["99.0.0"]


def test_the_version_of_the_profile_sees_models(tool: PlainClient) -> None:
    """What is sent by default is a version."""
    assert get(tool, f"{MODELS}?client_version={codex.CLIENT_VERSION}").status_code == 200


@pytest.mark.parametrize("query", ["", "?client_version=", "?client_version=latest", "?client_version=1.0", "?v=1.0.0"])
def test_a_tool_without_a_version_sees_nothing(tool: PlainClient, query: str) -> None:
    """Missing, or no three numbers."""
    assert get(tool, MODELS + query).status_code == 400


def test_a_list_that_is_known_is_not_sent_again(tool: PlainClient) -> None:
    """By its ETag, which another version's list does not share."""
    etag = get(tool).headers["etag"]
    again = tool.http.get(tool.at(f"{MODELS}?client_version=1.0.0"), headers=headers(tool) | {"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert get(tool, f"{MODELS}?client_version=99.0.0").headers["etag"] != etag


def test_a_question_is_answered(tool: PlainClient) -> None:
    """The stream of the other APIs, and headers that say what is left of the plan."""
    answer = respond(tool)
    assert events(answer.text)[-1]["type"] == "response.completed"
    assert answer.headers["x-codex-primary-used-percent"] == "42"
    assert answer.headers["x-codex-secondary-window-minutes"] == "10080"


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"store": None}, "Store must be set to false"),
        ({"stream": False}, "Stream must be set to true"),
        ({"instructions": None}, "Instructions are required"),
        ({"instructions": ""}, "Instructions are required"),
        ({"instructions": ["Answer."]}, "Instructions are required"),
        ({"input": "What is a monad?"}, "Input must be a list"),
        ({"input": [{"role": "system", "content": "Be brief."}]}, "System messages are not allowed"),
        ({"max_output_tokens": 9}, "Unsupported parameter: max_output_tokens"),
        ({"previous_response_id": "resp_1"}, "Unsupported parameter: previous_response_id"),
        ({"prompt_cache_retention": "24h"}, "Unsupported parameter: prompt_cache_retention"),
        ({"safety_identifier": "x"}, "Unsupported parameter: safety_identifier"),
        ({"stream_options": {}}, "Unsupported parameter: stream_options"),
        ({"temperature": 1}, "Unsupported parameter: temperature"),
        (
            {"model": "gpt-nine"},
            "The 'gpt-nine' model is not supported when using Codex with a ChatGPT account.",
        ),
    ],
)
def test_a_bad_body_is_refused(tool: PlainClient, changes: dict[str, Any], detail: str) -> None:
    """In a sentence, without a code."""
    answer = respond(tool, **changes)
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_usage_has_two_windows(tool: PlainClient) -> None:
    """Five hours and a week, each with the share used and the time when it begins anew."""
    found = get(tool, USAGE).json()
    assert found["plan_type"] == "plus"
    limits = found["rate_limit"]
    assert (limits["allowed"], limits["limit_reached"]) == (True, False)
    primary, secondary = limits["primary_window"], limits["secondary_window"]
    assert (primary["used_percent"], secondary["used_percent"]) == (42, 9)
    assert (primary["limit_window_seconds"], secondary["limit_window_seconds"]) == (18_000, 604_800)
    assert primary["reset_at"] - primary["reset_after_seconds"] == secondary["reset_at"] - 259_200


def test_a_full_window_refuses_questions(tool: PlainClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the time when it is over, in the refusal and in the usage document alike."""
    monkeypatch.setattr(tool.sandbox, "used_percent", (100, 60))
    answer = respond(tool)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["plan_type"]) == (429, "usage_limit_reached", "plus")
    limits = get(tool, USAGE).json()["rate_limit"]
    assert limits["limit_reached"] is True
    assert abs(limits["primary_window"]["reset_at"] - error["resets_at"]) <= 1
    assert error["resets_in_seconds"] == 4320


@pytest.mark.parametrize("path", [f"{MODELS}?client_version=1.0.0", USAGE])
@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer junk", "Basic YTpi"])
def test_no_token_is_unauthorized(tool: PlainClient, path: str, authorization: str | None) -> None:
    """Without a code."""
    sent = {"without": "authorization"} if authorization is None else {"authorization": authorization}
    answer = get(tool, path, **sent)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Unauthorized"})


def test_the_tokens_of_other_parts_are_unauthorized(
    tool: PlainClient, signed_in: PlainApp, sandbox: Sandbox, http: httpx.Client
) -> None:
    """And the backend's open nothing elsewhere."""
    for bearer in (signed_in.bearer, native_client(sandbox, http).signed_in().bearer):
        assert get(tool, **bearer).status_code == 401
    assert http.get(f"{sandbox.api_base}/models", headers=tool.bearer).status_code == 401


def test_a_tool_says_who_it_is(tool: PlainClient) -> None:
    """Without an originator it is refused, and no code says why."""
    for answer in (get(tool, without="originator"), get(tool, originator="")):
        assert answer.status_code == 403
        assert "error" not in answer.json()


def test_a_request_is_for_the_workspace_that_was_signed_in_to(tool: PlainClient) -> None:
    """Another one is refused, and so is none where the person has several."""
    for answer in (get(tool, workspace="another"), get(tool, without="chatgpt-account-id")):
        assert (answer.status_code, answer.json()) == (403, {"detail": {"code": "invalid_workspace_selected"}})


def test_who_has_one_workspace_need_not_name_it(sandbox: Sandbox, http: httpx.Client) -> None:
    """There is no other that could be meant."""
    emmy = codex_client(sandbox, http).signed_in("emmy")
    assert get(emmy, without="chatgpt-account-id").status_code == 200
    assert get(emmy, workspace="another").status_code == 403


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ("expire_access_tokens", "token_expired"),
        ("revoke_all", "token_revoked"),
        ("disconnect_user", "token_invalidated"),
    ],
)
def test_a_token_that_ended_is_refused_by_a_code(http: httpx.Client, ended: str, code: str) -> None:
    """Which says whether a refresh can help."""
    with Sandbox().running() as sandbox:
        tool = codex_client(sandbox, http).signed_in()
        getattr(sandbox, ended)()
        answer = get(tool)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)


def test_other_places_are_nowhere(tool: PlainClient) -> None:
    """Nothing else of the real backend is played."""
    assert get(tool, "/backend-api/codex/threads").status_code == 404
