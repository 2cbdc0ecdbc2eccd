"""Owns what is measured of each package when its token has run out: its own call for one, redeemed at a stand-in.

Runs in the package's own environment. Where a package lets its token endpoint be chosen, it is told; where the endpoint
is a constant, the constant is replaced. Whoever would ask a person to sign in again raises instead.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import Mock

from peers.calls import Call
from peers.credentials import ACCOUNT, token, write

RAN_OUT = "ran-out"
"""The access token in hand."""
AGO = 60.0
"""Seconds since it ran out."""
FIRST = "refresh-0"
"""The refresh token in hand."""


class WouldAskAPerson(Exception):
    """In place of a new sign-in."""


def ran_out_at() -> float:
    """Unix seconds."""
    return time.time() - AGO


def authlib(_: str, endpoint: str) -> Call:
    """What its client for asyncio asks before each request."""
    held = {"access_token": RAN_OUT, "token_type": "Bearer", "refresh_token": FIRST, "expires_at": ran_out_at()}
    make = import_module("authlib.integrations.httpx_client").AsyncOAuth2Client
    client = make("nobody", token=held, token_endpoint=f"{endpoint}/token")

    async def ask() -> str:
        await client.ensure_active_token(client.token)
        return str(client.token["access_token"])

    return Call(ask=ask, is_async=True)


def google_auth(_: str, endpoint: str) -> Call:
    """What is asked before each request, one object for all threads."""
    expiry = datetime.fromtimestamp(ran_out_at(), tz=UTC).replace(tzinfo=None)
    make = import_module("google.oauth2.credentials").Credentials
    issued = {"token_uri": f"{endpoint}/token", "client_id": "nobody", "client_secret": "none"}
    held = make(token=RAN_OUT, refresh_token=FIRST, expiry=expiry, **issued)
    request = import_module("google.auth.transport.requests").Request()

    def ask() -> str:
        headers = dict[str, str]()
        held.before_request(request, "GET", "https://api.example/v1/models", headers)
        return headers["authorization"].removeprefix("Bearer ")

    return Call(ask=ask)


def chatgpt_auth(home: str, endpoint: str) -> Call:
    """Takes its endpoints from metadata, which must be OpenAI's own: it is told what they say."""
    fields = {"client_id": "nobody", "issuer": "https://auth.openai.com", "subject": ACCOUNT, "generation": 1}
    tokens = {"access_token": RAN_OUT, "refresh_token": FIRST, "id_token": token(), "expires_at": ran_out_at()}
    scopes = ["openid", "offline_access", import_module("chatgpt_auth.service").PLAN_SCOPE]
    path = write(home, "chatgpt-auth", "credentials.json", fields=fields | tokens | {"scopes": scopes})
    oauth: Any = import_module("chatgpt_auth.oauth").OAuth
    oauth.metadata = Mock(return_value={"token_endpoint": f"{endpoint}/token"})
    return Call(ask=import_module("chatgpt_auth.credentials").Credentials.load(path).get_access_token)


def chatgpt_oauth(home: str, endpoint: str) -> Call:
    """With its encrypted file, and the protocol's address set."""
    types, session = import_module("chatgpt_oauth.types"), import_module("chatgpt_oauth.session")
    create = import_module("chatgpt_oauth.stores.file").create_file_store
    protocol = replace(import_module("chatgpt_oauth.protocol").PROTOCOL, token_url=f"{endpoint}/token")
    held = types.TokenSet(access_token=RAN_OUT, refresh_token=FIRST, expires_at=int(ran_out_at() * 1000), version=1)

    async def opened() -> Any:
        store = await create(os.path.join(home, "chatgpt-oauth"))
        await store.compare_and_swap("nobody", 0, held)
        return session.AuthSession(store=store, protocol=protocol)

    auth = asyncio.run(opened())
    return Call(ask=lambda: auth.get_access_token("nobody"), is_async=True)


def chatgpt_plan_auth(_: str, endpoint: str) -> Call:
    """Keeps no file: its user does."""
    auth: Any = import_module("chatgpt_plan_auth.auth")
    auth.TOKEN_URL = f"{endpoint}/token"
    held = auth.ChatGPTCredentials(
        client_id="nobody",
        ext_agent_host_id="nobody",
        sub=ACCOUNT,
        email=None,
        access_token=RAN_OUT,
        refresh_token=FIRST,
        id_token=token(),
        expires_at=datetime.now(tz=UTC) - timedelta(seconds=AGO),
        scopes=[],
    )
    manager = auth.ChatGPTAuth(held, client=import_module("httpx").AsyncClient())
    return Call(ask=manager.async_get_access_token, is_async=True)


def codex_auth(home: str, endpoint: str) -> Call:
    """What its transport asks before each request, with the tokens that it loaded."""
    os.environ["CODEX_AUTH_NO_PATCH"] = "1"
    fields = {"access_token": RAN_OUT, "refresh_token": FIRST, "expires": ran_out_at() * 1000, "account_id": ACCOUNT}
    path = write(home, ".codex-auth", "auth.json", fields=fields)
    patch: Any = import_module("codex_auth.patch")
    auth: Any = import_module("codex_auth.auth")
    patch.authenticate, auth.TOKEN_URL = _sign_in_again, f"{endpoint}/token"
    store = import_module("codex_auth.tokens").TokenStore(auth_file=Path(path))
    held = store.load()
    return Call(ask=lambda: patch._ensure_valid_auth(held, store).access_token)


def oauth_cli_kit(home: str, endpoint: str) -> Call:
    """With the address in its provider."""
    fields: dict[str, object] = {"access": RAN_OUT, "refresh": FIRST, "expires": int(ran_out_at() * 1000)}
    path = write(home, "oauth-cli-kit", "codex.json", fields=fields | {"account_id": ACCOUNT})
    os.environ["OAUTH_CLI_KIT_TOKEN_PATH"] = path
    kit = import_module("oauth_cli_kit")
    provider = replace(kit.OPENAI_CODEX_PROVIDER, token_url=f"{endpoint}/token")
    return Call(ask=lambda: kit.get_token(provider).access)


def oauth_codex(home: str, endpoint: str) -> Call:
    """Its provider with the file store, its addresses set."""
    fields: dict[str, object] = {"access_token": RAN_OUT, "refresh_token": FIRST, "expires_at": ran_out_at()}
    path = write(home, ".oauth_codex", "auth.json", fields=fields | {"account_id": ACCOUNT})
    make = import_module("oauth_codex.auth.config").OAuthConfig
    config = make(token_endpoint=f"{endpoint}/token", discovery_url=f"{endpoint}/metadata")
    store = import_module("oauth_codex.store").FileTokenStore(path)
    provider = import_module("oauth_codex.auth._oauth").OAuthProvider(
        token_store=store, oauth_config=config, prompt_callback=_sign_in_again, output_callback=Mock()
    )
    return Call(ask=lambda: provider.get_headers()["Authorization"].removeprefix("Bearer "))


def _sign_in_again(*_: object, **__: object) -> NoReturn:
    raise WouldAskAPerson


CALLS: dict[str, Callable[[str, str], Call]] = {
    "authlib": authlib,
    "google-auth": google_auth,
    "chatgpt-auth": chatgpt_auth,
    "chatgpt-oauth": chatgpt_oauth,
    "chatgpt-plan-auth": chatgpt_plan_auth,
    "codex-auth": codex_auth,
    "oauth-cli-kit": oauth_cli_kit,
    "oauth-codex": oauth_codex,
}
