"""No secret gets out of the command: every one of its commands, with all loggers at DEBUG, and whatever it leaves."""

import os
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex

import anyio
import pytest
from tests.support.canaries import Watched
from tests.support.connected import announce
from tests.support.overheard import Listening, Overheard

from signedin import Attempt, Connection, SignInFailed
from signedin.secret import Secret
from signedin.testing.free_ports import free_ports
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.loopback import note
from signedin_adapters.sandbox import FaultSpec
from signedin_adapters.stores import opening
from signedin_adapters.stores.home import AppPaths
from signedin_adapters.stores.passphrase import WrappedKeyFile

APP = "signedin"
ADA = "ada@example.com"
PASSPHRASE = "correct horse battery staple"
SHOWS_THE_ADDRESS = ("audit", "browser/notes", "stderr")
"""Where the authorize URL is meant to be, with its `state` and `nonce`, and a user code: with a person or a browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call on an account that is signed in.

    `fault` is what the sandbox then does wrong once, `expired` whether the access token has run out, `until` what the
    command says before it is interrupted, `allowed` what may be seen.
    """

    line: str
    fault: str | None = None
    expired: bool = False
    until: bytes | None = None
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.line}, {self.fault}" if self.fault else self.line


CALLS = (
    Call(line="status"),
    Call(line="status --json --verify", expired=True),
    Call(line="login"),
    Call(line="login --again"),
    Call(line="login --new --label work"),
    Call(line="login --provider sandbox-native --device", fault="device-denied"),
    Call(line="login --provider sandbox-codex --device", fault="device-html"),
    Call(line="login --again", fault="token-503"),
    Call(line="login --again", fault="id-token-bad-nonce"),
    Call(line="login --again", fault="callback-denied"),
    Call(line="logout --yes"),
    Call(line="logout --yes --json", fault="revoke-503"),
    Call(line="refresh"),
    Call(line="refresh --json", expired=True),
    Call(line="refresh", fault="token-html"),
    Call(line="refresh", fault="token-reused"),
    Call(line="refresh", fault="token-redirect-307"),
    Call(line="refresh", fault="id-token-wrong-sub"),
    Call(line="accounts --json"),
    Call(line=f"switch {ADA}"),
    Call(line=f"forget {ADA} --yes"),
    Call(line="models", expired=True),
    Call(line="models", fault="api-401"),
    Call(line="models", fault="api-html"),
    Call(line="use sandbox-large"),
    Call(line="ask --json hello", expired=True),
    Call(line="ask hello", fault="stream-cut"),
    Call(line="usage"),
    Call(line="explain refresh-token-reused"),
    Call(line="doctor --online"),
    Call(line="doctor --json --bundle report.zip", expired=True),
    Call(line="diagnose --timeline"),
    Call(line="watch --lines 100", until=b"connected"),
    Call(line="providers"),
    # It plays the browser too, and a browser's own log has the codes of the stand-in, spent as they are.
    Call(line="demo", allowed=("some code in stderr",)),
    Call(line="sandbox --auto-approve", until=b"http://127.0.0.1"),
    Call(line="web --json --no-browser", expired=True, until=b"http://127.0.0.1"),
    Call(line="completion bash"),
)


@pytest.fixture
def anyio_backend() -> str:
    """The command runs in a process of its own, so this loop is of no account."""
    return "asyncio"


@pytest.fixture
def listening(tmp_path: Path, watched: Watched) -> Iterator[Listening]:
    """An empty home in which the provider `sandbox` is known."""
    listening = Listening(tmp_path)
    announce(watched.sandbox, str(listening.home))
    yield listening
    listening.close()


@pytest.fixture
async def signed_in(listening: Listening, watched: Watched) -> Listening:
    """A home in which Ada is signed in."""

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(await anyio.to_thread.run_sync(partial(watched.sandbox.sign_in, attempt.url)))

    async with Connection.open(app_name=APP, provider="sandbox", store="file", home=listening.home) as connection:
        await connection.sign_in(prompt=visit)
    for key_file in listening.home.glob("apps/*/accounts/*/key"):
        plant_key(key_file.read_text(), watched)
    return listening


def plant_key(key: str, watched: Watched) -> None:
    """Look for a sealing key, as it is kept and as it is used."""
    watched.secrets.plant("sealing key", key.strip())
    watched.secrets.plant("sealing key", b64decode(key))


def seen(overheard: Overheard, watched: Watched) -> list[str]:
    """What got out, and where."""
    for where, data in overheard.let_out:
        if is_a_sealing_key(where):
            plant_key(data.decode(), watched)
    found = list[str]()
    for where, data in overheard.let_out:
        names = watched.secrets.found_in(data)
        if where not in SHOWS_THE_ADDRESS:
            names |= watched.attempts.found_in(data)
        if is_a_sealing_key(where):
            names -= {"sealing key"}
        found += [f"{name} in {where}" for name in sorted(names)]
    return found


def is_a_sealing_key(where: str) -> bool:
    """Whether this file is where a key is kept, for want of a keyring."""
    return "/accounts/" in where and where.endswith("/key")


def test_every_command_is_called() -> None:
    """A new command is not forgotten."""
    assert {call.line.split()[0] for call in CALLS} == set(COMMANDS)


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_a_command_lets_no_secret_out(call: Call, signed_in: Listening, watched: Watched) -> None:
    """In what it prints, logs, names, keeps and hands on; whether all goes well or not."""
    if call.expired:
        watched.sandbox.expire_access_tokens()
    if call.fault:
        watched.sandbox.faults.add(FaultSpec.parse(call.fault))
    overheard = await signed_in.call(*call.line.split(), until=call.until)
    assert set(seen(overheard, watched)) <= set(call.allowed)
    assert b"Traceback" not in overheard.stderr
    assert b"went wrong inside" not in overheard.stderr
    assert not watched.sandbox.faults.armed


async def test_a_passphrase_is_seen_in_its_own_file_alone(
    listening: Listening, watched: Watched, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Nor is the key that it unwraps."""
    watched.secrets.plant("passphrase", PASSPHRASE)
    file = tmp_path_factory.mktemp("elsewhere") / "passphrase"
    file.write_text(PASSPHRASE)
    for line in ("login", "refresh --json", "logout --yes"):
        overheard = await listening.call(*line.split(), SIGNEDIN_STORE="file", SIGNEDIN_PASSPHRASE_FILE=str(file))
        assert overheard.code == 0
        for key in keys(listening, str(file)):
            plant_key(key.reveal(), watched)
        assert seen(overheard, watched) == []
    assert {"passphrase", "sealing key"} <= watched.secrets.names


async def test_an_api_key_is_seen_nowhere(listening: Listening, watched: Watched) -> None:
    """Taken or refused, from stdin to the end of the sign-in; its last four characters tell people which one it is."""
    key, refused = (f"sk-{token_hex(24)}" for _ in range(2))
    watched.secrets.plant("API key", key)
    watched.secrets.plant("refused API key", refused)
    api_base = watched.sandbox.api_base
    (listening.home / "config.toml").write_text(
        f'[providers.keys]\nregistration = "api-key"\napi_base = "{api_base}"\n'
    )
    watched.sandbox.api_keys = frozenset({key})
    last = f"sk-...{key[-4:]}".encode()
    for line, typed, code in (
        ("login --api-key", refused, 4),
        ("login --api-key", f"not a key {refused}", 2),
        (f"login --api-key {refused}", "", 2),
        (f"login --api-key={refused}", "", 2),
        ("login --api-key", key, 0),
        ("status", "", 0),
        ("status --json --verify", "", 0),
        ("models", "", 0),
        ("ask hello", "", 0),
        ("refresh", "", 2),
        ("logout --yes", "", 0),
    ):
        overheard = await listening.call(
            *line.split(), typed=typed.encode(), SIGNEDIN_PROVIDER="keys", SIGNEDIN_STORE="file", OPENAI_API_KEY=refused
        )
        assert overheard.code == code, line
        assert seen(overheard, watched) == []
        assert b"Traceback" not in overheard.stderr
        if line == "status":
            assert last in dict(overheard.let_out)["stdout"]
            assert b"OPENAI_API_KEY" in overheard.stderr
    assert {"API key", "refused API key", "sealing key"} <= watched.secrets.names


async def test_of_a_sign_in_with_a_code_people_see_their_own_code_alone(listening: Listening, watched: Watched) -> None:
    """The device's own code, and what it is exchanged for, are seen nowhere."""
    for provider in ("sandbox-native", "sandbox-codex"):
        overheard = await listening.call("login", "--device", "--provider", provider)
        assert overheard.code == 0
        assert seen(overheard, watched) == []
        assert "user_code" in watched.attempts.found_in(overheard.stderr)
    assert {"device_code", "device_auth_id", "code", "code_verifier"} <= watched.secrets.names


async def test_the_secrets_of_a_port_are_seen_nowhere(listening: Listening, watched: Watched) -> None:
    """One sign-in asks another for its port: neither that one's secret nor its own is left anywhere."""
    (port,) = free_ports(1)

    def plant(_: object = None) -> None:
        if (left := note.read(str(listening.home), port=port)) is not None:
            name = "secret of the older" if left.pid == os.getpid() else "secret of the newer"
            watched.secrets.plant(name, left.secret.reveal())

    opened = Connection.open(app_name="Older", provider="sandbox", home=listening.home)
    async with opened as connection, connection.authorize(ports=(port,)) as older:
        plant()
        watched.sandbox.on_request = plant
        try:
            overheard = await listening.call("login", "--port", str(port))
        finally:
            watched.sandbox.on_request = None
        with pytest.raises(SignInFailed, match="newer sign-in"):
            await older.done()
    assert overheard.code == 0
    assert seen(overheard, watched) == []
    assert {"secret of the older", "secret of the newer"} <= watched.secrets.names


def keys(listening: Listening, passphrase_file: str) -> Iterator[Secret]:
    """The sealing keys at home, unwrapped."""
    paths = AppPaths(str(listening.home), APP)
    for account in os.listdir(paths.accounts):
        if key := WrappedKeyFile(paths, passphrase_file).fetch(account):
            yield key


async def test_the_tokens_at_home_are_among_those_looked_for(signed_in: Listening, watched: Watched) -> None:
    """A search for others would find nothing."""
    store = opening.file(app=APP, home=str(signed_in.home))
    session = store.load(store.records()[0].id).session
    assert session is not None
    for token in (session.access_token, session.refresh_token, session.id_token):
        assert token is not None
        assert watched.secrets.found_in(f"x{token.reveal()[8:]}y")
    assert {"access_token", "refresh_token", "id_token", "code", "code_verifier"} <= watched.secrets.names


async def test_everything_is_listened_to(signed_in: Listening, watched: Watched) -> None:
    """An e-mail address is no secret: it is found wherever the search reaches, and not in the log all the same."""
    watched.secrets.plant("e-mail", ADA)
    overheard = await signed_in.call("login", "--again")
    found = {place.removeprefix("e-mail in ") for place in seen(overheard, watched)}
    assert {"stdout", "stderr", "audit", "browser/notes"} <= found
    assert any(place.endswith("account.json") for place in found)
    assert any(place.endswith("signedin.jsonl") for place, _ in overheard.let_out)
    assert not any("/log/" in place for place in found)
    assert b"DEBUG:httpcore" in overheard.stderr
