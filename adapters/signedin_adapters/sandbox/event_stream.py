"""The answer to a prompt, as server-sent events: short, readable, and the same each time it is asked.

Success is `response.completed` alone. Owns the events' order and shape, and the faults that break a stream off.
"""

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio

from signedin_adapters.sandbox.response_request import ResponseRequest

LONGEST_QUOTE = 200
"""Characters of the prompt that the answer repeats."""


class Cut(Exception):
    """The stream breaks off here, without an end."""


def answer_text(asked: ResponseRequest) -> str:
    """What the sandbox says."""
    if not asked.prompt:
        return f"You sent no text. This is {asked.model} in the signedin sandbox; nothing left this machine."
    quote = asked.prompt if len(asked.prompt) <= LONGEST_QUOTE else asked.prompt[: LONGEST_QUOTE - 1] + "…"
    words = len(asked.prompt.split())
    return (
        f"You asked: “{quote}” ({words} word{'s' if words != 1 else ''}). "
        f"This is {asked.model} in the signedin sandbox; nothing left this machine."
    )


async def events(asked: ResponseRequest, *, created_at: int, fault: str | None, pace: float) -> AsyncIterator[bytes]:
    """The encoded events, ``pace`` seconds between two deltas; raises Cut where the fault says so."""
    for number, event in enumerate(_events(asked, created_at, fault)):
        if event["type"] == "response.output_text.delta":
            await anyio.sleep(pace)  # with 0 as well: a reader that left is noticed here
        data = json.dumps(event | {"sequence_number": number}, ensure_ascii=False)
        yield f"event: {event['type']}\ndata: {data}\n\n".encode()
    if fault == "stream-cut":
        raise Cut


def _events(asked: ResponseRequest, created_at: int, fault: str | None) -> Iterator[dict[str, Any]]:
    text = answer_text(asked)
    response = _response(asked, created_at)
    message = _message(text)
    place = {"item_id": message["id"], "output_index": 0, "content_index": 0}
    deltas = re.findall(r"\S+\s*", text)
    yield {"type": "response.created", "response": response}
    yield {"type": "response.in_progress", "response": response}
    opened: dict[str, Any] = message | {"status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "output_index": 0, "item": opened}
    yield {"type": "response.content_part.added", **place, "part": _text_part("")}
    breaks_off = fault in _BREAKING
    for delta in deltas[: len(deltas) // 2] if breaks_off else deltas:
        yield {"type": "response.output_text.delta", **place, "delta": delta}
    if breaks_off:
        yield from _broken_off(fault, response)
        return
    yield {"type": "response.output_text.done", **place, "text": text}
    yield {"type": "response.content_part.done", **place, "part": _text_part(text)}
    yield {"type": "response.output_item.done", "output_index": 0, "item": message}
    output = [] if fault == "stream-empty-output" else [message]
    usage = _usage(len(asked.prompt.split()), len(deltas))
    yield {
        "type": "response.completed",
        "response": response | {"status": "completed", "output": output, "usage": usage},
    }


_BREAKING = frozenset({"stream-cut", "stream-failed-limit", "stream-incomplete", "stream-error-event"})


def _broken_off(fault: str | None, response: dict[str, Any]) -> Iterator[dict[str, Any]]:
    code = "subscription_sharing_usage_limit_exceeded"
    message = "The plan's limit for this app is reached."
    if fault == "stream-failed-limit":
        error = {"code": code, "message": message}
        yield {"type": "response.failed", "response": response | {"status": "failed", "error": error}}
    elif fault == "stream-incomplete":
        reason = {"reason": "max_output_tokens"}
        incomplete = response | {"status": "incomplete", "incomplete_details": reason}
        yield {"type": "response.incomplete", "response": incomplete}
    elif fault == "stream-error-event":
        yield {"type": "error", "code": "server_error", "message": "Something went wrong on our side.", "param": None}


def _response(asked: ResponseRequest, created_at: int) -> dict[str, Any]:
    return {
        "id": "resp_" + secrets.token_hex(16),
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "model": asked.model,
        "output": [],
        "store": False,
        "error": None,
        "incomplete_details": None,
        "usage": None,
    }


def _message(text: str) -> dict[str, Any]:
    return {
        "id": "msg_" + secrets.token_hex(16),
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "phase": "final_answer",
        "content": [_text_part(text)],
    }


def _text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def _usage(input_tokens: int, output_tokens: int) -> dict[str, Any]:
    return {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": input_tokens + output_tokens,
    }
