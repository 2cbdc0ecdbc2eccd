"""The body of ``POST …/responses``: every restriction of plan usage, checked before a word is streamed.

Owns the rules alone; raises `ApiRefusal` with the body that the rule's refusal has, or is modelled to have. The codex
backend has rules of its own, and takes from here what is the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from signedin_adapters.sandbox.models import SLUGS
from signedin_adapters.sandbox.refusals import ApiRefusal

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

FORBIDDEN_INPUTS = frozenset({"compaction_trigger", "input_audio", "input_video"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseRequest:
    """What a good body asks: the model, and the text of the last user message."""

    model: str
    prompt: str


def parse(body: object) -> ResponseRequest:
    """Check a decoded JSON body; raises ApiRefusal."""
    fields = json_object(body)
    check_stream(fields)
    _check_fields(fields)
    items = input_items(fields)
    for item in items:
        _check_parts(item)
    _check_tools(fields.get("tools") or [])
    model = fields.get("model")
    if not isinstance(model, str) or model not in SLUGS:
        raise ApiRefusal.coded(404, "model_not_found", f"The model {model!r} does not exist.", param="model")
    return ResponseRequest(model=model, prompt=prompt(items))


def json_object(body: object) -> dict[str, Any]:
    """The body, if it is an object; raises ApiRefusal."""
    if not _is_object(body):
        raise ApiRefusal.detail(400, "The body must be a JSON object.")
    return body


def check_stream(fields: dict[str, Any]) -> None:
    """Nothing is kept, and everything is streamed; raises ApiRefusal."""
    if fields.get("store") is not False:
        raise ApiRefusal.detail(400, "Store must be set to false")
    if fields.get("stream") is not True:
        raise ApiRefusal.detail(400, "Stream must be set to true")


def input_items(fields: dict[str, Any]) -> list[dict[str, Any]]:
    """What is said, if it is a list of objects and none is the system's; raises ApiRefusal."""
    items = fields.get("input")
    if not _is_list(items):
        raise ApiRefusal.detail(400, "Input must be a list")
    if not all(_is_object(item) for item in items):
        raise ApiRefusal.detail(400, "Input items must be objects")
    if any(item.get("role") == "system" for item in items):
        raise ApiRefusal.detail(400, "System messages are not allowed")
    return items


def prompt(items: list[dict[str, Any]]) -> str:
    """The text of the last user message, or nothing."""
    for item in reversed(items):
        if item.get("role") == "user":
            content = item.get("content")
            texts = [content] if isinstance(content, str) else [str(part.get("text", "")) for part in _parts(item)]
            return " ".join(" ".join(texts).split())
    return ""


def _check_fields(fields: dict[str, Any]) -> None:
    for name in FORBIDDEN_FIELDS:
        if name in fields:
            raise _unsupported(name)
    if fields.get("service_tier") == "flex":
        raise ApiRefusal.detail(400, "Unsupported service_tier: flex")
    if not isinstance(fields.get("instructions", ""), str | None):
        raise ApiRefusal.detail(400, "Instructions must be a string")


def _check_parts(item: dict[str, Any]) -> None:
    for part in (item, *_parts(item)):
        if part.get("type") in FORBIDDEN_INPUTS or "file_id" in part:
            raise _unsupported("input")


def _check_tools(tools: object) -> None:
    if not _is_list(tools) or any(not _is_object(tool) or tool.get("type") in FORBIDDEN_TOOLS for tool in tools):
        raise _unsupported("tools")


def _parts(item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    content = item.get("content")
    if _is_list(content):
        yield from (part for part in content if _is_object(part))


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _unsupported(param: str) -> ApiRefusal:
    code = "subscription_sharing_unsupported_capability"
    return ApiRefusal.coded(400, code, f"{param} is not supported with plan usage.", param=param)
