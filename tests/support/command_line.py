"""The command line as tests use it: a home of its own for each, a sandbox that all share, two ways to run it."""

import os
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from tests.support.command import SIGNEDIN, Ran, Run, browser_script, ended
from tests.support.connected import announce

from signedin import Attempt, Connection
from signedin.testing.free_ports import free_ports
from signedin_adapters.cli.dispatch import run as dispatch
from signedin_adapters.sandbox import Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """The server behind `sandbox`."""
    with Sandbox(auto_approve=True).running() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which the command finds through the environment."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    for name in [name for name in os.environ if name.startswith("SIGNEDIN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIGNEDIN_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def sandbox(running_sandbox: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox that lets everyone in at once, known in the home, with a browser that follows where it is sent."""
    announce(running_sandbox, str(home))
    monkeypatch.setenv("BROWSER", str(browser_script(tmp_path)))
    running_sandbox.requests.clear()
    yield running_sandbox
    running_sandbox.faults.clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Run the command in this process."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = dispatch(list(arguments))
        out, err = capsys.readouterr()
        return Ran(code=code, out=out, err=err)

    return run


@pytest.fixture
def start(home: Path) -> Run:
    """Run the installed command as a process of its own."""

    def start(*arguments: str) -> Ran:
        return ended(SIGNEDIN, *arguments)

    return start


@pytest.fixture
def signed_in(sandbox: Sandbox, home: Path) -> Sandbox:
    """The sandbox, with Ada signed in to it."""
    sign_in(sandbox, home)
    return sandbox


@pytest.fixture
def eager(sandbox: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Ada is signed in, by the command, to a sandbox that minds no early refresh."""
    monkeypatch.setattr(sandbox, "earliest_refresh_at", "absent")
    assert run("login", "--provider", "sandbox").code == 0
    return sandbox


@pytest.fixture
def codex(sandbox: Sandbox, home: Path) -> Iterator[Sandbox]:
    """The sandbox in the part of codex, with Ada signed in to that."""
    ports, used = sandbox.codex_ports, sandbox.used_percent
    sandbox.codex_ports = free_ports(2)
    announce(sandbox, str(home))
    sign_in(sandbox, home, provider="sandbox-codex")
    yield sandbox
    sandbox.codex_ports, sandbox.used_percent = ports, used


@pytest.fixture
def acme(sandbox: Sandbox, home: Path) -> str:
    """A provider whose sessions have to be sealed."""
    (home / "config.toml").write_text(
        f'[providers.acme]\nissuer = "{sandbox.issuer}"\nclient_id = "dynamic_agent_client"\nregistration = "agent"\n'
        f'resource = "{sandbox.api_base}"\napi_base = "{sandbox.api_base}"\n'
        'scopes = ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"]\n'
    )
    return "acme"


@pytest.fixture
def keys(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a provider that is signed in to with a key."""
    page = f'manage_url = "{sandbox.url}"'
    (home / "config.toml").write_text(
        f'[providers.keys]\nregistration = "api-key"\napi_base = "{sandbox.api_base}"\n{page}\n'
    )
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return "keys"


def asked_to_authorize(sandbox: Sandbox) -> bool:
    """Whether any browser was sent to the provider."""
    return any("authorize" in request.path for request in sandbox.requests)


def sign_in(sandbox: Sandbox, home: Path, *, provider: str = "sandbox", app_name: str = "signedin") -> None:
    """What `login` comes to, without a browser's process."""

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(sandbox.sign_in(attempt.url))

    async def signing_in() -> None:
        async with Connection.open(app_name=app_name, provider=provider, home=home) as connection:
            await connection.sign_in(prompt=visit)
            connection.acknowledge_notice()

    anyio.run(signing_in)
