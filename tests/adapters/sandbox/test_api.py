"""The API: who is admitted, what is listed, what is refused, and how an answer streams."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp, events

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY

FORBIDDEN_FIELDS = (
    "background",
    "conversation",
    "max_output_tokens",
    "max_tool_calls",
    "metadata",
    "moderation",
    "multi_agent",
    "previous_response_id",
    "prompt",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_logprobs",
    "top_p",
    "truncation",
    "user",
)


@pytest.fixture(scope="module")
def once_signed_in(started_sandbox: Sandbox, http: httpx.Client) -> PlainApp:
    """The grant that all tests here look at and none ends."""
    return PlainApp(sandbox=started_sandbox, http=http).signed_in()


@pytest.fixture
def signed_in(sandbox: Sandbox, once_signed_in: PlainApp) -> PlainApp:
    """A copy of the app, whose tokens a test may spoil."""
    return replace(once_signed_in, tokens=dict(once_signed_in.tokens))


def test_the_catalogue_lists_and_hides(signed_in: PlainApp) -> None:
    """``models`` holds entries for people and hidden ones, in the server's order, with the live fields."""
    models = signed_in.models().json()["models"]
    assert [model["slug"] for model in models if model["visibility"] == "list"] == ["sandbox-large", "sandbox-small"]
    assert any(model["visibility"] != "list" for model in models)
    assert {"display_name", "supported_in_api", "context_window", "base_instructions"} <= set(models[0])


def test_an_api_key_is_taken(sandbox: Sandbox, http: httpx.Client) -> None:
    """It needs no grant and no plan."""
    headers = {"authorization": f"Bearer {API_KEY}"}
    assert http.get(f"{sandbox.api_base}/models", headers=headers).status_code == 200


def test_an_unknown_api_key_is_refused(sandbox: Sandbox, http: httpx.Client) -> None:
    """In the documented shape, which does not repeat the key."""
    headers = {"authorization": "Bearer sk-unknown"}
    answer = http.get(f"{sandbox.api_base}/models", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "invalid_api_key"
    assert "sk-unknown" not in answer.text


def test_a_list_that_is_known_is_not_sent_again(signed_in: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list carries an ETag: who has it gets a 304 without a body, until the list is another one."""

    def asked(known: str) -> httpx.Response:
        headers = signed_in.bearer | {"if-none-match": known}
        return signed_in.http.get(f"{signed_in.sandbox.api_base}/models", headers=headers)

    etag = signed_in.models().headers["etag"]
    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = asked(known)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert asked('"other"').status_code == 200
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", [{"slug": "sandbox-new"}])
    changed = asked(etag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


def test_a_stream_has_its_events_in_order(signed_in: PlainApp) -> None:
    """Created, item added, several deltas, item done, completed with usage."""
    answer = signed_in.respond()
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    kinds = list(dict.fromkeys(event["type"] for event in found))
    assert kinds == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert found[-1]["response"]["usage"]["input_tokens"] == 4


def test_the_deltas_make_the_answer(signed_in: PlainApp) -> None:
    """Joined, they are the text of the finished item, which is built from the prompt and the model."""
    found = events(signed_in.respond().text)
    deltas = [event["delta"] for event in found if event["type"] == "response.output_text.delta"]
    text = found[-1]["response"]["output"][0]["content"][0]["text"]
    assert len(deltas) > 3
    assert "".join(deltas) == text
    assert "“What is a monad?”" in text
    assert "sandbox-large" in text


def test_the_same_prompt_has_the_same_answer(signed_in: PlainApp) -> None:
    """Nothing in the text depends on time or chance."""
    texts = {events(signed_in.respond().text)[-1]["response"]["output"][0]["content"][0]["text"] for _ in range(2)}
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("content", "quoted"),
    [("hello there", "“hello there” (2 words)"), ("", "You sent no text."), ("x" * 500, "x" * 199 + "…")],
)
def test_any_prompt_is_answered(signed_in: PlainApp, content: str, quoted: str) -> None:
    """A plain string, nothing, far too much."""
    found = events(signed_in.respond(input=[{"role": "user", "content": content}]).text)
    assert quoted in found[-1]["response"]["output"][0]["content"][0]["text"]


def test_a_hidden_model_answers(signed_in: PlainApp) -> None:
    """Not listed does not mean not served."""
    assert signed_in.respond(model="sandbox-reserve").status_code == 200


@pytest.mark.parametrize("model", ["gpt-nine", None, 7])
def test_an_unknown_model_is_refused(signed_in: PlainApp, model: object) -> None:
    """With the code that says so."""
    answer = signed_in.respond(model=model)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"store": True}, "Store must be set to false"),
        ({"store": None}, "Store must be set to false"),
        ({"stream": False}, "Stream must be set to true"),
        ({"stream": None}, "Stream must be set to true"),
        ({"input": "What is a monad?"}, "Input must be a list"),
        ({"input": None}, "Input must be a list"),
        ({"input": ["What is a monad?"]}, "Input items must be objects"),
        ({"input": [{"role": "system", "content": "Be brief."}]}, "System messages are not allowed"),
        ({"service_tier": "flex"}, "Unsupported service_tier: flex"),
        ({"instructions": ["Be brief."]}, "Instructions must be a string"),
    ],
)
def test_a_bad_body_is_refused(signed_in: PlainApp, changes: dict[str, Any], detail: str) -> None:
    """With the detail that names the rule."""
    answer = signed_in.respond(**changes)
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


@pytest.mark.parametrize("name", FORBIDDEN_FIELDS)
def test_a_forbidden_field_is_refused_by_name(signed_in: PlainApp, name: str) -> None:
    """The refusal's ``param`` is the field."""
    error = signed_in.respond(**{name: 1}).json()["error"]
    assert (error["code"], error["param"]) == ("subscription_sharing_unsupported_capability", name)


@pytest.mark.parametrize("tool", ["image_generation", "file_search", "code_interpreter", "computer_use", "mcp"])
def test_an_unsupported_tool_is_refused(signed_in: PlainApp, tool: str) -> None:
    """Function tools pass, hosted ones do not."""
    assert signed_in.respond(tools=[{"type": "function", "name": "f", "parameters": {}}]).status_code == 200
    assert signed_in.respond(tools=[{"type": tool}]).json()["error"]["param"] == "tools"


@pytest.mark.parametrize("part", [{"type": "input_audio"}, {"type": "input_file", "file_id": "file-1"}])
def test_an_unsupported_input_is_refused(signed_in: PlainApp, part: dict[str, str]) -> None:
    """No audio, and no file that was uploaded."""
    answer = signed_in.respond(input=[{"role": "user", "content": [part]}])
    assert answer.json()["error"]["param"] == "input"


@pytest.mark.parametrize("changes", [{"reasoning": {"effort": "low"}}, {"parallel_tool_calls": True}, {"tools": []}])
def test_what_is_accepted_live_is_accepted(signed_in: PlainApp, changes: dict[str, Any]) -> None:
    """Strict is not the same as narrow."""
    assert signed_in.respond(**changes).status_code == 200


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [(b"{}", "text/plain", 415), (b"{", "application/json", 400), (b"[]", "application/json", 400)],
)
def test_only_a_json_object_is_read(signed_in: PlainApp, content: bytes, content_type: str, status: int) -> None:
    """Anything else is refused with a detail."""
    headers = signed_in.bearer | {"content-type": content_type}
    answer = signed_in.http.post(f"{signed_in.sandbox.api_base}/responses", content=content, headers=headers)
    assert (answer.status_code, list(answer.json())) == (status, ["detail"])


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/responses"),
        ("POST", "/models"),
        ("GET", "/models/sandbox-large"),
        ("POST", "/chat/completions"),
        ("POST", "/embeddings"),
        ("GET", "/responses/resp_1"),
        ("DELETE", "/responses/resp_1"),
        ("OPTIONS", "/responses"),
    ],
)
def test_every_other_route_is_closed(signed_in: PlainApp, method: str, path: str) -> None:
    """Wrong path or wrong method, both are 403 with the route's code."""
    answer = signed_in.http.request(method, signed_in.sandbox.api_base + path, headers=signed_in.bearer)
    code = answer.json()["error"]["code"]
    assert (answer.status_code, code) == (403, "subscription_sharing_route_not_supported")


@pytest.mark.parametrize("authorization", [None, "Bearer", "Basic eDp5", "Bearer junk", "Bearer a.b.c"])
def test_nobody_is_admitted_without_a_good_token(app: PlainApp, authorization: str | None) -> None:
    """401, with a challenge (RFC 6750 §3)."""
    headers = {"authorization": authorization} if authorization else {}
    answer = app.http.get(f"{app.sandbox.api_base}/models", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kind", ["id_token", "refresh_token"])
def test_another_kind_of_token_is_not_admitted(signed_in: PlainApp, kind: str) -> None:
    """Only an access token opens the API."""
    signed_in.tokens["access_token"] = signed_in.tokens[kind]
    assert signed_in.models().json()["error"]["code"] == "invalid_token"


def test_a_forged_signature_is_not_admitted(signed_in: PlainApp) -> None:
    """The signature is checked, not just the shape."""
    head, payload, signature = signed_in.tokens["access_token"].split(".")
    signed_in.tokens["access_token"] = f"{head}.{payload}.{signature[::-1]}"
    assert signed_in.models().json()["error"]["code"] == "invalid_token"


def test_an_access_token_outlives_its_refresh(signed_in: PlainApp) -> None:
    """Rotation does not kill the old access token."""
    old = signed_in.bearer
    signed_in.refresh()
    assert signed_in.http.get(f"{signed_in.sandbox.api_base}/models", headers=old).status_code == 200


def test_an_answer_can_be_paced(signed_in: PlainApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a pause between deltas it is the same answer."""
    monkeypatch.setattr(signed_in.sandbox, "pace", 0.001)
    assert events(signed_in.respond().text)[-1]["type"] == "response.completed"
