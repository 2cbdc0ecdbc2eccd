"""Signing in with an API key: tried before it is kept, kept like a session, never renewed."""

from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from signedin import Connection, Provider, Secret, State
from signedin.errors import ConfigurationError, ConnectionFailed, MisuseError, SignInFailed
from signedin.key_exchange import masked_key
from signedin.responses import ask, models
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY

KEY = Secret(API_KEY)
OTHER = Secret("sk-" + "x" * 40)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An API that takes one key."""
    with Sandbox().running() as sandbox:
        yield sandbox


@pytest.fixture
def provider(sandbox: Sandbox) -> Provider:
    """Its profile; the issuer is a name, and nobody is there."""
    return Provider(
        name="keys",
        title="Keys",
        issuer="https://keys.invalid",
        registration="api-key",
        scopes=(),
        api_base=sandbox.api_base,
    )


@pytest.fixture
async def connection(provider: Provider, tmp_path: Path) -> AsyncGenerator[Connection]:
    """Nobody is signed in."""
    async with Connection.open(app_name="Acme", provider=provider, store="file", home=tmp_path) as connection:
        yield connection


async def test_a_key_is_tried_and_kept_like_a_session(
    connection: Connection, provider: Provider, sandbox: Sandbox, tmp_path: Path
) -> None:
    """One cheap call, then a session that never runs out; another process finds it, and no file shows it."""
    await connection.sign_in_with_key(KEY)
    assert connection.state is State.CONNECTED
    assert [(request.method, request.path) for request in sandbox.requests] == [("GET", "/v1/models")]
    assert connection.snapshot.access_expires_at is None
    assert await connection.get_access_token() == KEY
    stored = connection.accounts()[0]
    assert (stored.label, stored.subject, stored.client_id) == ("sk-...cdef", stored.id, None)
    assert not list(_showing(API_KEY[8:24], tmp_path))


def _showing(text: str, directory: Path) -> Iterator[Path]:
    return (file for file in directory.rglob("*") if file.is_file() and text.encode() in file.read_bytes())


async def test_models_and_ask_work(connection: Connection) -> None:
    """Neither asks for plan use."""
    await connection.sign_in_with_key(KEY)
    assert (await models(connection)).models[0].id == "sandbox-large"
    assert "hello" in await ask(connection, "hello")


async def test_a_refused_key_is_not_kept(connection: Connection) -> None:
    """The case says so, and what was there before stays."""
    with pytest.raises(SignInFailed) as refused:
        await connection.sign_in_with_key(OTHER)
    assert refused.value.case == "api-key-rejected"
    assert connection.state is State.DISCONNECTED
    await connection.sign_in_with_key(KEY)
    with pytest.raises(SignInFailed):
        await connection.sign_in_with_key(OTHER)
    assert await connection.get_access_token() == KEY


async def test_an_outage_keeps_nothing(connection: Connection, sandbox: Sandbox) -> None:
    """A key that could not be tried is not saved."""
    sandbox.faults.inject("api-503")
    with pytest.raises(SignInFailed) as failed:
        await connection.sign_in_with_key(KEY)
    assert failed.value.case == "provider-outage"
    assert connection.state is State.DISCONNECTED


async def test_a_key_that_is_refused_later_is_an_error_and_never_renewed(
    connection: Connection, sandbox: Sandbox
) -> None:
    """No second call is made; another key takes its place."""
    await connection.sign_in_with_key(KEY)
    sandbox.api_keys = frozenset({OTHER.reveal()})
    sandbox.requests.clear()
    with pytest.raises(ConnectionFailed) as refused:
        await ask(connection, "hello", model="sandbox-large")
    assert refused.value.case == "api-key-rejected"
    assert connection.state.value == "error"
    assert len(sandbox.requests) == 1
    await connection.sign_in_with_key(OTHER)
    assert connection.state is State.CONNECTED
    assert connection.snapshot.label == masked_key(OTHER)


async def test_a_key_has_nothing_to_refresh_or_revoke(connection: Connection, sandbox: Sandbox) -> None:
    """Signing out removes it here, and asks nobody."""
    await connection.sign_in_with_key(KEY)
    with pytest.raises(MisuseError):
        await connection.refresh()
    sandbox.requests.clear()
    assert await connection.sign_out() is None
    assert connection.state is State.DISCONNECTED
    assert not sandbox.requests


@pytest.mark.parametrize("text", ["", "short", "sk-" + "x" * 30 + " y", "sk-" + "x" * 30 + "\ny", "sk-" + "é" * 30])
async def test_what_cannot_be_a_key_is_not_sent(text: str, connection: Connection, sandbox: Sandbox) -> None:
    """Nothing, too little, several words or lines, other alphabets."""
    with pytest.raises(MisuseError):
        await connection.sign_in_with_key(Secret(text))
    assert not sandbox.requests


async def test_each_provider_has_its_own_way(connection: Connection, provider: Provider, tmp_path: Path) -> None:
    """A browser is not opened for a key, and a key is not sent where there are sessions."""
    with pytest.raises(ConfigurationError):
        await connection.sign_in()
    oauth = replace(provider, name="oauth", registration="fixed")
    async with Connection.open(app_name="Acme", provider=oauth, store="file", home=tmp_path) as other:
        with pytest.raises(ConfigurationError):
            await other.sign_in_with_key(KEY)


def test_a_masked_key_shows_its_end() -> None:
    """Four characters, whoever made it."""
    assert masked_key(KEY) == "sk-...cdef"
    assert masked_key(Secret("abcdefghijklmnopqrstuvwxyz")) == "...wxyz"
