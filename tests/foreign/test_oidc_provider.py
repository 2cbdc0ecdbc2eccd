"""The whole job at a server that others wrote and certified: node's oidc-provider, by discovery alone."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import anyio
import httpx
import pytest
from tests.support.oidc_provider import PERSON, Visitor

from signedin import Attempt, Connection, InteractionRequired, SignInFailed, State
from signedin.connection import account_of
from signedin.oauth import device_answer
from signedin.oauth.messages import Response
from signedin.oauth.tokens import refresh_request
from signedin.secret import Secret
from signedin.session import Session
from signedin_adapters.http import HttpxClient


@asynccontextmanager
async def connected(home: Path) -> AsyncGenerator[Connection]:
    """A connection that somebody just signed in with."""
    async with Connection.open(app_name="Acme Notes", provider="foreign", store="file", home=home) as connection:
        await sign_in(connection)
        yield connection


async def sign_in(connection: Connection) -> httpx.Response:
    """Sign in with a browser; gives the last page that it shows."""
    pages: list[httpx.Response] = []

    async def browse(url: str) -> None:
        async with Visitor() as visitor:
            pages.append(await visitor.allow(url))

    async with anyio.create_task_group() as tasks, connection.authorize() as attempt:
        tasks.start_soon(browse, attempt.url)
        await attempt.done()
    return pages[0]


def session_of(connection: Connection) -> Session:
    session = account_of(connection).context.session
    assert session is not None
    return session


def refresh_token_of(connection: Connection) -> Secret:
    token = session_of(connection).refresh_token
    assert token is not None
    return token


async def spend(refresh_token: Secret, issuer: str) -> Response:
    """Redeem a refresh token by hand, behind the connection's back."""
    request = refresh_request(
        token_endpoint=f"{issuer}/token",
        client_id="native-rs256",
        refresh_token=refresh_token,
        resource=f"{issuer}/api",
    )
    return await HttpxClient().send(request, seconds=10)


async def ask(connection: Connection) -> httpx.Response:
    """A request to the API behind the server."""
    async with connection.client() as client:
        answer: httpx.Response = await client.get("/whoami")
    return answer


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_signing_in_knows_nothing_but_the_issuer(home: Path, algorithm: str) -> None:
    """Discovery, consent, the callback at a port of the system's, an ID token of either algorithm, the API."""
    async with connected(home) as connection:
        id_token = session_of(connection).id_token
        assert id_token is not None
        header = id_token.reveal().partition(".")[0]
        assert json.loads(urlsafe_b64decode(header + "=="))["alg"] == algorithm
        assert connection.state is State.CONNECTED
        assert account_of(connection).record.subject == PERSON
        assert connection.snapshot.label == f"{PERSON}@example.org"
        assert session_of(connection).scopes == ("notes:read",)
        assert (await ask(connection)).json() == {"subject": PERSON, "scope": "notes:read"}


async def test_without_a_resource_the_account_is_called_after_its_provider(home: Path) -> None:
    """An access token that is good for userinfo keeps the e-mail out of the ID token (OpenID Connect Core §5.4)."""
    config = home / "config.toml"
    config.write_text(re.sub(r"(?m)^resource.*$", "", config.read_text()))
    async with connected(home) as connection:
        assert (connection.snapshot.label, connection.snapshot.email) == ("foreign", None)


@pytest.mark.parametrize("algorithm", ["ES256"])
async def test_a_refresh_spends_one_token_for_the_next(home: Path) -> None:
    """The next generation has tokens of its own, its ID token is believed, and the API takes it."""
    async with connected(home) as connection:
        before = session_of(connection)
        await connection.refresh()
        after = session_of(connection)
        assert (before.generation, after.generation) == (1, 2)
        assert before.refresh_token != after.refresh_token
        assert before.id_token != after.id_token  # signed anew even within one second, as RS256 would not be
        assert (connection.case, connection.flags) == (None, frozenset())
        assert (await ask(connection)).status_code == 200


async def test_a_token_that_is_spent_twice_ends_the_family(home: Path, issuer: str) -> None:
    """The server ends the grant, the API says 401, and the connection says why only signing in again helps."""
    async with connected(home) as connection:
        spent = refresh_token_of(connection)
        await connection.refresh()
        replayed = await spend(spent, issuer)
        assert (replayed.status, json.loads(replayed.body)["error"]) == (400, "invalid_grant")
        assert (await ask(connection)).status_code == 401
        assert connection.state is State.EXPIRED
        assert connection.case is not None
        assert connection.case.id == "session-ended"
        with pytest.raises(InteractionRequired) as raised:
            await connection.get_access_token()
        assert raised.value.case == "session-ended"


async def test_signing_in_again_mends_what_expired(home: Path, issuer: str) -> None:
    """The same account goes on, under the next generation."""
    async with connected(home) as connection:
        account = connection.snapshot.account_id
        spent = refresh_token_of(connection)
        await connection.refresh()
        await spend(spent, issuer)
        with pytest.raises(InteractionRequired):
            await connection.refresh()
        page = await sign_in(connection)
        assert page.status_code == 200
        assert "Acme Notes is signed in" in page.text
        assert (connection.state, connection.case) == (State.CONNECTED, None)
        assert (connection.snapshot.account_id, connection.snapshot.generation) == (account, 3)
        assert (await ask(connection)).status_code == 200


async def test_signing_out_ends_the_grant_at_the_server(home: Path, issuer: str) -> None:
    """Revocation is confirmed, and true: neither token is worth anything afterwards."""
    async with connected(home) as connection:
        token, refresh_token = session_of(connection).access_token, refresh_token_of(connection)
        assert await connection.sign_out() is True
        assert connection.state is State.DISCONNECTED
    assert (await spend(refresh_token, issuer)).status == 400
    bearing = {"Authorization": f"Bearer {token.reveal()}"}
    async with httpx.AsyncClient(trust_env=False, headers=bearing) as client:
        assert (await client.get(f"{issuer}/api/whoami")).status_code == 401


async def test_leaving_the_sign_in_page_changes_nothing(home: Path) -> None:
    """The server's refusal comes back as the case of who declined."""

    async def browse(attempt: Attempt) -> None:
        async with Visitor() as visitor:
            await visitor.cancel(attempt.url)

    async with Connection.open(app_name="Acme Notes", provider="foreign", store="file", home=home) as connection:
        with pytest.raises(SignInFailed) as raised:
            await connection.sign_in(prompt=browse)
        assert raised.value.case == "user-denied-consent"
        assert connection.state is State.DISCONNECTED


async def test_a_callback_that_does_not_name_its_issuer_is_refused(home: Path) -> None:
    """The server says that it sends `iss` (RFC 9207), so an answer without it is not its own; the wait goes on."""
    statuses: list[int] = []

    async def browse(attempt: Attempt) -> None:
        async with Visitor() as visitor:
            callback = urlsplit(await visitor.callback_url(attempt.url))
            nameless = urlencode([pair for pair in parse_qsl(callback.query) if pair[0] != "iss"])
            statuses.append((await visitor.open(callback._replace(query=nameless).geturl())).status_code)
            await visitor.open(callback.geturl())

    async with Connection.open(app_name="Acme Notes", provider="foreign", store="file", home=home) as connection:
        await connection.sign_in(prompt=browse)
        assert connection.state is State.CONNECTED
    assert statuses == [400]


async def test_signing_in_with_a_code_that_is_typed_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 8628 by discovery alone: the page shows the same code, and the tokens are as good as a browser's here."""
    monkeypatch.setattr(device_answer, "DEFAULT_INTERVAL_SECONDS", 0.05)  # the server says none

    async def type_code(attempt: Attempt) -> None:
        assert attempt.user_code is not None
        assert attempt.complete_url is not None
        async with Visitor() as visitor:
            page = await visitor.type_code(attempt.url, attempt.user_code)
            assert "was successful" in page.text

    async with Connection.open(app_name="Acme Notes", provider="foreign", store="file", home=home) as connection:
        await connection.sign_in(prompt=type_code, device=True)
        assert account_of(connection).record.subject == PERSON
        assert (await ask(connection)).json() == {"subject": PERSON, "scope": "notes:read"}
        await connection.refresh()
        assert (await ask(connection)).status_code == 200
        assert await connection.sign_out() is True


async def test_a_code_that_is_denied_elsewhere_signs_nobody_in(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The device hears of it when it asks next."""
    monkeypatch.setattr(device_answer, "DEFAULT_INTERVAL_SECONDS", 0.05)

    async def deny(attempt: Attempt) -> None:
        assert attempt.user_code is not None
        async with Visitor() as visitor:
            await visitor.type_code(attempt.url, attempt.user_code, deny=True)

    async with Connection.open(app_name="Acme Notes", provider="foreign", store="file", home=home) as connection:
        with pytest.raises(SignInFailed) as raised:
            await connection.sign_in(prompt=deny, device=True)
        assert raised.value.case == "user-denied-consent"
        assert connection.state is State.DISCONNECTED
