"""Owns what a request must be before it is sent: no organization, no project, and the rules of plan use.

`POST {api_base}/responses` says `store: false` and `stream: true` and has its input as a list; a text becomes one.
What plan use does not allow is refused by name (docs/wire.md). Pure; how an answer is handed over is `whole_answer`'s.
"""

import json
from dataclasses import dataclass
from typing import Any, cast

import httpx

from signedin.account import Account
from signedin.errors import MisuseError
from signedin.responses.api_request import require_plan_use

FORBIDDEN_FIELDS = frozenset(
    {
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
    }
)
FORBIDDEN_TOOLS = frozenset(
    {
        "code_interpreter",
        "computer_use",
        "computer_use_preview",
        "file_search",
        "image_generation",
        "mcp",
        "programmatic_tool_calling",
        "tool_search",
    }
)
ACCOUNTING = ("OpenAI-Organization", "OpenAI-Project")
"""Headers that would name somebody else than the user as who pays; the SDK reads them from the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRequest:
    """The request to send. `streamed`: its answer comes as events; `whole`: for the plan's sake alone."""

    request: httpx.Request
    streamed: bool = False
    whole: bool = False


def planned(request: httpx.Request, account: Account) -> PlannedRequest:
    """The request as it may be sent; its body has been read. Raises MisuseError, ConnectionFailed(plan-use-off)."""
    headers = httpx.Headers(request.headers)
    for name in ACCOUNTING:
        headers.pop(name, None)
    headers["Accept-Encoding"] = "identity"  # what a refusal says is read on its way, and never unpacked
    if not _asks(request, account):
        return PlannedRequest(request=_again(request, headers, request.content))
    fields = _fields(request.content)
    streams = bool(fields.get("stream"))
    if account.provider.takes_key:
        return PlannedRequest(request=_again(request, headers, request.content), streamed=streams)
    require_plan_use(account)
    headers.pop("Content-Length", None)
    content = json.dumps(applied(fields, instructions=account.provider.api.instructions)).encode()
    return PlannedRequest(request=_again(request, headers, content), streamed=True, whole=not streams)


def applied(fields: dict[str, Any], *, instructions: str | None = None) -> dict[str, Any]:
    """The body under the rules; with `instructions` where it has none. Raises MisuseError, which names the field."""
    for name in sorted(FORBIDDEN_FIELDS & fields.keys()):
        raise _refused(name)
    if fields.get("store"):
        raise _refused("store=True")
    for tool in _objects(fields.get("tools")):
        if tool.get("type") in FORBIDDEN_TOOLS:
            raise _refused(f"the tool {tool['type']}")
    asked = fields.get("input")
    items = [{"type": "message", "role": "user", "content": asked}] if isinstance(asked, str) else asked
    if any(item.get("role") == "system" for item in _objects(items)):
        raise _refused("a message of the role system: use instructions")
    body = fields | {"input": items, "store": False, "stream": True}
    return body if body.get("instructions") or instructions is None else body | {"instructions": instructions}


def _asks(request: httpx.Request, account: Account) -> bool:
    base = httpx.URL(account.provider.api_base or "")
    return request.method == "POST" and request.url.path == f"{base.path.rstrip('/')}/responses"


def _again(request: httpx.Request, headers: httpx.Headers, content: bytes) -> httpx.Request:
    return httpx.Request(request.method, request.url, headers=headers, content=content, extensions=request.extensions)


def _fields(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise MisuseError("The body of a request for a response must be a JSON object.")
    return cast(dict[str, Any], body)


def _objects(items: object) -> list[dict[str, Any]]:
    listed = cast(list[object], items) if isinstance(items, list) else []
    return [cast(dict[str, Any], item) for item in listed if isinstance(item, dict)]


def _refused(what: str) -> MisuseError:
    return MisuseError(f"Plan use does not allow {what}.")
