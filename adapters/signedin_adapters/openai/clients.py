"""Owns how the SDK's clients are made: everything that the SDK would take from the environment is said.

What would leave the connection is refused by its name: a WebSocket, which would be opened with the stand-in for a key,
and a copy of the client that signs in or sends in a way of its own. The token is in the transport alone.
"""

from typing import Any, Never, Self, cast

import httpx
import openai

from signedin import sync
from signedin.connection import Connection, account_of
from signedin.errors import MisuseError
from signedin.sync.connection import connection_of
from signedin_adapters.openai.transports import AsyncPlanTransport, PlanTransport

KEY = "signedin"
"""Stands where the SDK wants an API key; the connection's token takes its place."""
LEAVING = frozenset({"data_residency", "http_client", "provider", "websocket_base_url", "workload_identity"})
"""What a copy of the client cannot be given."""


def client(connection: Connection | sync.Connection) -> openai.OpenAI:
    """The SDK's client for threads; close it yourself, or use it in `with`.

    Raises ConfigurationError where the provider has no API.
    """
    plain = sync.Connection(connection) if isinstance(connection, Connection) else connection
    inner: httpx.Client = plain.client()
    transport = PlanTransport(inner, account_of(connection_of(plain)))
    outer = httpx.Client(transport=transport, trust_env=False, timeout=inner.timeout)
    return PlanClient(**_settings(plain.api_base, outer))


def async_client(connection: Connection | sync.Connection) -> openai.AsyncOpenAI:
    """The SDK's async client, on asyncio and trio; close it yourself, or use it in `async with`.

    Raises ConfigurationError where the provider has no API.
    """
    opened = connection if isinstance(connection, Connection) else connection_of(connection)
    inner: httpx.AsyncClient = opened.client()
    transport = AsyncPlanTransport(inner, account_of(opened))
    outer = httpx.AsyncClient(transport=transport, trust_env=False, timeout=inner.timeout)
    return AsyncPlanClient(**_settings(opened.api_base, outer))


def _refuse(client: object) -> Never:
    raise MisuseError("A connection opens no WebSocket: the SDK's realtime, live and responses.connect are refused.")


def _set_nothing(client: object, url: object) -> None:
    """The SDK's constructor sets it: there is none."""


class _Staying:
    """Keeps a client of the SDK to HTTP and to the connection."""

    def __init__(self, **settings: Any) -> None:
        cast(Any, super()).__init__(**settings)
        self._custom_headers: Any = settings.get("default_headers") or {}  # without OPENAI_CUSTOM_HEADERS

    websocket_base_url: Any = property(_refuse, _set_nothing)
    """Every way to a WebSocket asks for it. Raises MisuseError."""

    def copy(self, **changes: Any) -> Self:
        """The SDK's own; raises MisuseError for what would leave the connection."""
        copied: Self = cast(Any, super()).copy(**_staying(changes))
        return copied

    with_options = copy


class PlanClient(_Staying, openai.OpenAI):
    """The SDK's client."""


class AsyncPlanClient(_Staying, openai.AsyncOpenAI):
    """The SDK's async client."""


def _settings(api_base: str, http_client: Any) -> dict[str, Any]:
    return {"api_key": KEY, "base_url": api_base, "max_retries": 0, "http_client": http_client}


def _staying(changes: dict[str, Any]) -> dict[str, Any]:
    for name in sorted(LEAVING & changes.keys()):
        if changes[name] is not None:
            raise MisuseError(f"A client over a connection cannot be given {name}: the connection says that.")
    return changes | {"websocket_base_url": "none"}  # else the SDK would ask the client for its own
