"""Owns how the SDK's clients are made: everything that the SDK would take from the environment is said."""

from typing import Any

import httpx
import openai

from signedin import sync
from signedin.connection import Connection, account_of
from signedin.sync.connection import connection_of
from signedin_adapters.openai.transports import AsyncPlanTransport, PlanTransport

KEY = "signedin"
"""Stands where the SDK wants an API key; the connection's token takes its place."""


def client(connection: Connection | sync.Connection) -> openai.OpenAI:
    """The SDK's client for threads; close it yourself, or use it in `with`.

    Raises ConfigurationError where the provider has no API.
    """
    plain = sync.Connection(connection) if isinstance(connection, Connection) else connection
    inner: httpx.Client = plain.client()
    transport = PlanTransport(inner, account_of(connection_of(plain)))
    outer = httpx.Client(transport=transport, trust_env=False, timeout=inner.timeout)
    return openai.OpenAI(**_settings(plain.api_base, outer))


def async_client(connection: Connection | sync.Connection) -> openai.AsyncOpenAI:
    """The SDK's async client, on asyncio and trio; close it yourself, or use it in `async with`.

    Raises ConfigurationError where the provider has no API.
    """
    opened = connection if isinstance(connection, Connection) else connection_of(connection)
    inner: httpx.AsyncClient = opened.client()
    transport = AsyncPlanTransport(inner, account_of(opened))
    outer = httpx.AsyncClient(transport=transport, trust_env=False, timeout=inner.timeout)
    return openai.AsyncOpenAI(**_settings(opened.api_base, outer))


def _settings(api_base: str, http_client: Any) -> dict[str, Any]:
    return {"api_key": KEY, "base_url": api_base, "max_retries": 0, "http_client": http_client}
