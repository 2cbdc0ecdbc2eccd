"""Owns what is measured of each package: its own call for a token that is good, with made-up credentials in hand.

Runs in the package's own environment, so what it imports is known there alone. Each is set up as its documentation
says, with its file where it keeps one; no call may need the network, which is out of reach (`peers.timing`).
"""

import asyncio
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from peers.credentials import ACCOUNT, expires_at, token, write


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`ask` is called, and awaited where it says so. `sign_out` is what another process does; None: nothing is kept."""

    ask: Callable[[], Any]
    is_async: bool = False
    sign_out: Callable[[], object] | None = None


def signedin(home: str) -> Call:
    """The home holds an account that signed in to the sandbox."""
    return Call(ask=_opened(home).get_access_token, is_async=True)


def signedin_sync(home: str) -> Call:
    """The same for threads."""
    connection = import_module("signedin.sync").Connection(_opened(home))
    return Call(ask=connection.get_access_token)


def _opened(home: str) -> Any:
    connection = import_module("signedin").Connection

    async def opened() -> Any:
        return await connection.open(app_name="Acme Notes", provider="sandbox", home=home, store="file")

    return asyncio.run(opened())


def chatgpt_auth(home: str) -> Call:
    """Reads its file under a lock each time."""
    fields = {"client_id": "nobody", "issuer": "https://auth.openai.com", "subject": ACCOUNT, "generation": 1}
    tokens = {"access_token": token(), "refresh_token": "none", "id_token": token(), "expires_at": expires_at()}
    scopes = ["openid", "offline_access", import_module("chatgpt_auth.service").PLAN_SCOPE]
    path = write(home, "chatgpt-auth", "credentials.json", fields=fields | tokens | {"scopes": scopes})
    loaded = import_module("chatgpt_auth.credentials").Credentials.load(path)
    return Call(ask=loaded.get_access_token, sign_out=lambda: os.remove(path))


def chatgpt_oauth(home: str) -> Call:
    """With its encrypted file."""
    types, session = import_module("chatgpt_oauth.types"), import_module("chatgpt_oauth.session")
    create = import_module("chatgpt_oauth.stores.file").create_file_store
    held = types.TokenSet(access_token=token(), refresh_token="none", expires_at=int(expires_at() * 1000), version=1)

    async def opened() -> Any:
        store = await create(os.path.join(home, "chatgpt-oauth"))
        await store.compare_and_swap("nobody", 0, held)
        return session.AuthSession(store=store), store

    auth, store = asyncio.run(opened())
    return Call(
        ask=lambda: auth.get_access_token("nobody"), is_async=True, sign_out=lambda: asyncio.run(store.delete("nobody"))
    )


def chatgpt_plan_auth(_: str) -> Call:
    """Keeps no file: its user does."""
    auth = import_module("chatgpt_plan_auth.auth")
    held = auth.ChatGPTCredentials(
        client_id="nobody",
        ext_agent_host_id="nobody",
        sub=ACCOUNT,
        email=None,
        access_token=token(),
        refresh_token="none",
        id_token=token(),
        expires_at=datetime.now(tz=UTC) + timedelta(days=1),
        scopes=[],
    )
    manager = auth.ChatGPTAuth(held, client=import_module("httpx").AsyncClient())
    return Call(ask=manager.async_get_access_token, is_async=True)


def codex_auth(home: str) -> Call:
    """What its transport asks before each request, with the tokens that it loaded."""
    os.environ["CODEX_AUTH_NO_PATCH"] = "1"
    fields = {"access_token": token(), "refresh_token": "none", "expires": expires_at() * 1000, "account_id": ACCOUNT}
    path = write(home, ".codex-auth", "auth.json", fields=fields)
    ensure = import_module("codex_auth.patch")._ensure_valid_auth
    store = import_module("codex_auth.tokens").TokenStore(auth_file=Path(path))
    held = store.load()
    return Call(ask=lambda: ensure(held, store), sign_out=lambda: os.remove(path))


def codex_auth_helper(home: str) -> Call:
    """Its manager, for threads."""
    auth = import_module("codex_auth_helper.auth")
    tokens = {"access_token": token(), "refresh_token": "none", "id_token": token(), "account_id": ACCOUNT}
    path = write(home, ".codex", "auth.json", fields={"tokens": tokens, "auth_mode": "chatgpt"})
    manager = auth.CodexTokenManager(
        config=auth.CodexAuthConfig(auth_path=Path(path)),
        store=auth.CodexAuthStore(Path(path)),
        http_client=import_module("httpx").AsyncClient(),
    )
    return Call(ask=manager.get_access_token_sync, sign_out=lambda: os.remove(path))


def oauth_cli_kit(home: str) -> Call:
    """Reads its file each time."""
    fields: dict[str, object] = {"access": token(), "refresh": "none", "expires": int(expires_at() * 1000)}
    path = write(home, "oauth-cli-kit", "codex.json", fields=fields | {"account_id": ACCOUNT})
    os.environ["OAUTH_CLI_KIT_TOKEN_PATH"] = path
    return Call(ask=import_module("oauth_cli_kit").get_token, sign_out=lambda: os.remove(path))


def oauth_codex(home: str) -> Call:
    """Its provider with the file store, which is read each time."""
    fields: dict[str, object] = {"access_token": token(), "refresh_token": "none", "expires_at": expires_at()}
    path = write(home, ".oauth_codex", "auth.json", fields=fields | {"account_id": ACCOUNT})
    store = import_module("oauth_codex.store").FileTokenStore(path)
    provider = import_module("oauth_codex.auth._oauth").OAuthProvider(token_store=store)
    return Call(ask=lambda: provider.ensure_valid(interactive=False), sign_out=lambda: os.remove(path))


def authlib(_: str) -> Call:
    """What its clients ask before each request."""
    client = import_module("authlib.integrations.requests_client").OAuth2Session("nobody", token=_authlib_token())
    return Call(ask=lambda: client.ensure_active_token(client.token))


def authlib_async(_: str) -> Call:
    """The same of its client for asyncio."""
    client = import_module("authlib.integrations.httpx_client").AsyncOAuth2Client("nobody", token=_authlib_token())
    return Call(ask=lambda: client.ensure_active_token(client.token), is_async=True)


def _authlib_token() -> dict[str, object]:
    return {"access_token": token(), "token_type": "Bearer", "refresh_token": "none", "expires_at": expires_at()}


def google_auth(_: str) -> Call:
    """What is asked before each request: a token, set into the headers."""
    expiry = datetime.fromtimestamp(expires_at(), tz=UTC).replace(tzinfo=None)
    held = import_module("google.oauth2.credentials").Credentials(token=token(), refresh_token="none", expiry=expiry)
    return Call(ask=lambda: held.before_request(None, "GET", "https://api.example/v1/models", {}))


def msal(_: str) -> Call:
    """Its cache in memory, with one account."""
    tenant = "https://login.example/nobody"
    application = import_module("msal").PublicClientApplication
    app = application("nobody", authority=tenant, instance_discovery=False, http_client=_Discovery(tenant))
    claims = {"sub": ACCOUNT, "oid": ACCOUNT, "preferred_username": "nobody"}
    tokens = {"access_token": token(), "expires_in": 86_400, "id_token": token(), "id_token_claims": claims}
    issued = {"client_id": "nobody", "scope": ["User.Read"], "token_endpoint": f"{tenant}/token", "response": tokens}
    app.token_cache.add(issued)
    (account,) = app.get_accounts()
    return Call(ask=lambda: app.acquire_token_silent(["User.Read"], account=account)["access_token"])


class _Discovery:
    """msal's HTTP client, which knows one answer: where the endpoints are."""

    def __init__(self, tenant: str) -> None:
        self.status_code, self.headers = 200, dict[str, str]()
        names = ("authorization_endpoint", "token_endpoint", "device_authorization_endpoint")
        self.text = json.dumps({"issuer": tenant} | dict.fromkeys(names, f"{tenant}/token"))

    def get(self, *_: object, **__: object) -> "_Discovery":
        """The answer."""
        return self


CALLS: dict[str, Callable[[str], Call]] = {
    "signedin": signedin,
    "signedin_sync": signedin_sync,
    "chatgpt-auth": chatgpt_auth,
    "chatgpt-oauth": chatgpt_oauth,
    "chatgpt-plan-auth": chatgpt_plan_auth,
    "codex-auth": codex_auth,
    "codex-auth-helper": codex_auth_helper,
    "oauth-cli-kit": oauth_cli_kit,
    "oauth-codex": oauth_codex,
    "authlib": authlib,
    "authlib_async": authlib_async,
    "google-auth": google_auth,
    "msal": msal,
}
