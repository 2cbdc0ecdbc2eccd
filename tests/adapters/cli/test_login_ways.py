"""`signedin login` where there is more than one way: what is said once, what is offered, what is refused."""

from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from tests.support.command import Person, Run

from signedin import Attempt, Connection
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY

NOTICE = "OpenAI made this way of signing in for its own Codex tools."


@pytest.fixture
def signed_in_at(sandbox: Sandbox, home: Path) -> Callable[[str], None]:
    """Ada signs in at a provider, through the library: nobody is told anything."""

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(await anyio.to_thread.run_sync(sandbox.sign_in, attempt.url))

    async def signing_in(provider: str) -> None:
        async with Connection.open(app_name="signedin", provider=provider, home=home) as connection:
            await connection.sign_in(prompt=visit)

    return lambda provider: anyio.run(signing_in, provider)


@pytest.fixture
def devices(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox that lets every device in at once."""
    monkeypatch.setattr(sandbox, "device_interval", 1)
    return sandbox


def test_the_providers_notice_is_told_until_somebody_signed_in(run: Run, devices: Sandbox) -> None:
    """On stderr, before anything else; a sign-in that failed was none, and a second account hears nothing new."""
    login = ("login", "--provider", "sandbox-codex", "--device")
    devices.faults.inject("device-disabled", 1)
    assert run(*login).err.startswith(NOTICE)
    first = run(*login)
    assert first.code == 0
    assert first.err.startswith(NOTICE)
    assert NOTICE not in first.out
    assert NOTICE not in run(*login, "--again").err
    assert NOTICE not in run(*login, "--new", "--label", "work").err
    run("logout", "--yes", "--provider", "sandbox-codex")
    assert NOTICE not in run(*login).err


def test_a_notice_fits_the_terminal(devices: Sandbox) -> None:
    """Broken between words."""
    person = Person("login", "--provider", "sandbox-codex", "--device")
    assert person.leaves() == 0
    told = person.screen.replace("\r", "").split("\n\n")[0]
    assert told.startswith(NOTICE[:40])
    assert max(map(len, told.split("\n"))) <= 80


def test_what_went_wrong_fits_the_terminal_too(sandbox: Sandbox) -> None:
    """Indented, and broken between words."""
    person = Person("login", "--provider", "sandbox", "--no-browser", "--timeout", "0.2")
    assert person.leaves() == 3
    told = person.screen.replace("\r", "")[person.screen.replace("\r", "").index("signedin: ") :].split("\n")
    assert len(told) >= 5
    assert max(map(len, told)) <= 80
    assert all(line.startswith(("  ", "\x1b[2m  ")) for line in told[1:] if line)


def test_nobody_comes_to_codex_unasked(run: Run, home: Path) -> None:
    """Without a word of the user's it is chatgpt, which has no such notice and no code."""
    ran = run("login", "--device")
    assert ran.code == 7
    assert "ChatGPT plan does not offer" in ran.err


def test_plan_use_is_only_asked_for_where_there_is_such_a_thing(
    run: Run, devices: Sandbox, signed_in_at: Callable[[str], None]
) -> None:
    """Exit 7 as for keys, and `login` does not name it."""
    signed_in_at("sandbox-native")
    ran = run("login", "--provider", "sandbox-native", "--enable-plan")
    assert ran.code == 7
    assert "does not offer plan use" in ran.err

    told = run("login", "--provider", "sandbox-native")
    assert told.code == 0
    assert "signedin login --provider sandbox-native --again" in told.err
    assert "--enable-plan" not in told.err
    assert "--device" not in told.err


def test_with_a_key_more_is_done_with_a_key(
    run: Run, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command that is named can be run as it stands."""
    (home / "config.toml").write_text(f'[providers.keys]\nregistration = "api-key"\napi_base = "{sandbox.api_base}"\n')
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    login = ("login", "--provider", "keys", "--api-key")
    (home / "key").write_text(API_KEY)
    with (home / "key").open() as key:
        monkeypatch.setattr("sys.stdin", key)
        assert run(*login).code == 0

    told = run(*login)
    assert "signedin login --provider keys --api-key --again" in told.err
    assert "signedin login --provider keys --api-key --new --label LABEL" in told.err
    assert "--enable-plan" not in told.err


@pytest.mark.parametrize("provider", ["sandbox-native", "sandbox"])
def test_over_ssh_a_code_is_named_where_there_is_one(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    """With the user's own options, ready to be run."""
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 52114 203.0.113.7 22")
    person = Person("login", "--no-browser", "--provider", provider, "--new", "--label", "at work")
    person.reads("left, c copies the address")
    person.interrupts()
    person.leaves()

    command = f"\r\n  signedin login --provider {provider} --device --new --label 'at work'\r\n"
    assert (command in person.screen) is (provider == "sandbox-native")
    assert "ssh -L" in person.screen
