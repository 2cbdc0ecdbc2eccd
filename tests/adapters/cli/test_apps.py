"""Two apps in one home: neither sees the other's accounts, and `--app` only looks."""

from pathlib import Path

import anyio
import pytest
from tests.support.command import Run

from signedin import Attempt, Connection
from signedin.errors import ConfigurationError
from signedin_adapters.cli.dispatch import run as dispatch
from signedin_adapters.cli.program import Program
from signedin_adapters.sandbox import Sandbox

NOTES = "Acme Notes"
WRITES = (("login",), ("logout", "--yes"), ("switch", "x"), ("forget", "x"), ("use", "x"), ("ask", "x"), ("refresh",))


@pytest.fixture
def notes(sandbox: Sandbox, home: Path) -> Sandbox:
    """Ada is signed in to Acme Notes, and to nothing else."""

    async def visit(attempt: Attempt) -> None:
        await attempt.submit(sandbox.sign_in(attempt.url))

    async def signing_in() -> None:
        async with Connection.open(app_name=NOTES, provider="sandbox", home=home) as connection:
            await connection.sign_in(prompt=visit)

    anyio.run(signing_in)
    return sandbox


def labels(run: Run, *arguments: str) -> list[str]:
    return [each["label"] for each in run("accounts", "--json", *arguments).json()["accounts"]]


async def opened(home: Path, app_name: str) -> list[str]:
    async with Connection.open(app_name=app_name, provider="sandbox", home=home) as connection:
        return [account.label for account in connection.accounts()]


def test_neither_sees_the_others_accounts(run: Run, notes: Sandbox, home: Path) -> None:
    """From the command and from the library."""
    assert run().code == 3
    assert labels(run) == anyio.run(opened, home, "signedin") == []
    assert run("login", "--provider", "sandbox").code == 0
    assert run("logout", "--all", "--yes").code == 0
    assert anyio.run(opened, home, NOTES) == ["ada@example.com"]
    assert run("--app", NOTES).code == 0


@pytest.mark.parametrize("name", [NOTES, "acme-notes"])
def test_an_app_is_looked_at_by_its_name_or_its_directorys(run: Run, notes: Sandbox, name: str) -> None:
    """Who is signed in there, as that app would say it."""
    assert labels(run, "--app", name) == ["ada@example.com"]
    assert "Signed in as ada@example.com (Acme Notes, " in run("--app", name).out
    assert run("status", "--app", name, "--verify").code == 0


@pytest.mark.parametrize("command", WRITES)
def test_it_only_looks(run: Run, notes: Sandbox, command: tuple[str, ...]) -> None:
    """Exit 2 for whatever would do more, and nothing is done."""
    ran = run(*command, "--app", NOTES)

    assert ran.code == 2
    assert f"--app only looks, and signedin {command[0]} does more." in ran.err
    assert run("--app", NOTES).code == 0


@pytest.mark.parametrize("command", ["status", "accounts", "watch"])
def test_an_app_that_nobody_used_is_said_to_be_unknown(run: Run, notes: Sandbox, command: str) -> None:
    """With those there are; it is not said that nobody is signed in."""
    ran = run(command, "--app", "Acme Nots")

    assert (ran.code, ran.out) == (2, "")
    assert "No app called Acme Nots was used here. Did you mean acme-notes? Apps: acme-notes." in ran.err


def test_advice_about_another_app_is_not_taken_for_ours(run: Run, notes: Sandbox, home: Path) -> None:
    """What would help has to be done there."""
    (session,) = home.glob("apps/acme-notes/accounts/*/session")
    session.unlink()
    ran = run("--app", NOTES)

    assert ran.code == 3
    assert "This is about Acme Notes, and helps if it is done there." in ran.err


@pytest.mark.parametrize("name", ["acme notes", "ACME Notes", "Acme-Notes!", "acme-notes"])
def test_a_name_that_differs_in_case_alone_is_refused(run: Run, notes: Sandbox, home: Path, name: str) -> None:
    """The directory would be the same; the library, the app's own command and `--app` say so."""
    with pytest.raises(ConfigurationError, match=f"is the app “Acme Notes”, and “{name}” differs"):
        anyio.run(opened, home, name)
    assert dispatch(["status"], Program(app_name=name, home=str(home))) == 7
    if name != "acme-notes":
        assert run("--app", name).code == 2
    assert run("--app", "Signedin").code == 2


def test_a_damaged_name_keeps_nobody_out(run: Run, notes: Sandbox, home: Path) -> None:
    """It guards no secret."""
    (home / "apps" / "acme-notes" / "app.json").write_text("{")

    assert anyio.run(opened, home, NOTES) == ["ada@example.com"]
    assert run("--app", NOTES).code == 0
