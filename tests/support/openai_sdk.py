"""OpenAI's SDK over a connection as tests use it: what is asked, and how an API ends its answer."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import openai as sdk
from tests.support.codex_api import CodexApi, stream

from signedin_adapters import openai
from signedin_adapters.sandbox import Sandbox

MODEL = "sandbox-large"
SAID = "You asked: “Why?” (1 word). This is sandbox-large in the signedin sandbox; nothing left this machine."


@asynccontextmanager
async def asking(api: CodexApi) -> AsyncGenerator[sdk.AsyncOpenAI]:
    """The SDK over a connection to that API."""
    async with api.signed_in() as connection, openai.async_client(connection) as client:
        yield client


def message(text: str) -> dict[str, object]:
    """A finished item of a response."""
    part = {"type": "output_text", "text": text, "annotations": []}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def ended(kind: str, **fields: object) -> bytes:
    """The last event of a stream."""
    response = {"id": "resp_1", "object": "response", "created_at": 1, "model": "model-a", "output": []} | fields
    return stream(kind, response=response)


def asked_paths(sandbox: Sandbox) -> list[str]:
    """What came to the sandbox, in order."""
    return [record.path for record in sandbox.requests]
