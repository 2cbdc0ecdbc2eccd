"""What goes wrong outside: each a short message with the case, what to do and the exit code, and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, Ran, Run, as_root_over_a_users

from signedin_adapters.sandbox import Sandbox


def is_told(ran: Ran, code: int, *words: str) -> None:
    """The exit code, a few lines on stderr with these words in them, and no traceback."""
    assert ran.code == code, ran.err
    assert ran.err.startswith("signedin: ")
    assert len(ran.err.splitlines()) <= 4
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err


@pytest.mark.parametrize("command", ["status", "login", "accounts", "logout", "refresh", "providers"])
def test_a_malformed_configuration_is_named_with_its_line(run: Run, home: Path, command: str) -> None:
    """Whatever the command."""
    (home / "config.toml").write_text("[network]\nproxy = \n")

    is_told(run(command), 7, f"{home}/config.toml:2", "Correct the setting")


def test_an_unencrypted_provider_elsewhere_is_refused(start: Run, home: Path) -> None:
    """`http://` is for this machine alone."""
    (home / "config.toml").write_text('[providers.acme]\nissuer = "http://id.example"\nclient_id = "x"\n')

    is_told(start("login", "--provider", "acme"), 7, f"{home}/config.toml:2: providers.acme.issuer", "https")


def test_an_unknown_provider_is_told_with_those_there_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the option and from the environment."""
    is_told(run("login", "--provider", "nope"), 7, "nope", "chatgpt, codex, openai, sandbox")
    monkeypatch.setenv("SIGNEDIN_PROVIDER", "nope")
    is_told(run("login"), 7, "nope")


def test_a_sandbox_that_never_ran_is_one_command_away(run: Run) -> None:
    """The command is named."""
    is_told(run("login", "--provider", "sandbox"), 7, "signedin sandbox")


def test_a_store_that_nobody_installed_is_told(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """With those that are."""
    monkeypatch.setenv("SIGNEDIN_STORE", "cloud")

    is_told(run("refresh"), 7, "cloud", "file, keyring, memory")


def test_a_store_that_is_for_apps_is_told(
    run: Run, signed_in: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody signs in where `status` could not see it."""
    about = tmp_path / "cloud_store-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: cloud-store\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[signedin.stores]\ncloud = signedin_adapters.stores.opening:memory\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("SIGNEDIN_STORE", "cloud")

    is_told(run("login", "--provider", "sandbox", "--new"), 7, "SIGNEDIN_STORE is cloud", "file, keyring, memory")


def test_a_damaged_account_stops_nobody_from_signing_in(run: Run, home: Path, signed_in: Sandbox) -> None:
    """`status` names the file; `login` makes a new account and leaves the damaged one where it is."""
    (record,) = home.glob("apps/signedin/accounts/*/account.json")
    record.write_text('{"schema": 1, "label": ')

    assert run().code == 6
    assert run("login", "--provider", "sandbox").code == 0
    assert run().code == 0
    assert record.read_text() == '{"schema": 1, "label": '


def test_an_account_of_a_newer_version_is_left_alone(run: Run, home: Path, signed_in: Sandbox) -> None:
    """The writer is named, and the file is not touched."""
    (record,) = home.glob("apps/signedin/accounts/*/account.json")
    newer = json.dumps({**json.loads(record.read_text()), "schema": 9, "writer": "9.1.0"})
    record.write_text(newer)
    ran = run()

    assert ran.code == 6
    assert "signedin 9.1.0" in ran.out
    for command in (("login",), ("login", "--again"), ("login", "--replace"), ("ask", "hello"), ("logout", "--yes")):
        is_told(run(*command), 6, "written by signedin 9.1.0", "update signedin", "explain schema-newer")
    assert record.read_text() == newer
    assert [path.name for path in home.glob("apps/signedin/accounts/*")] == [record.parent.name]
    assert run("login", "--provider", "sandbox", "--new").code == 0


def test_a_damaged_account_is_told_by_whoever_needs_it(run: Run, home: Path, signed_in: Sandbox) -> None:
    """`status` and the commands that use the session say the same, and none says that nobody is signed in."""
    (record,) = home.glob("apps/signedin/accounts/*/account.json")
    record.write_text('{"schema": 1, "label": ')
    said = run("--json").json()["case"]["id"]

    assert said == "file-corrupt-truncated"
    for command in (("ask", "hello"), ("models",), ("refresh",), ("switch", record.parent.name)):
        ran = run(*command, "--json")
        assert (ran.code, ran.json()["error"]["case"]) == (6, said)


def test_a_session_that_cannot_be_saved_is_no_success(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in went well and ends with the command: exit 6, and why."""
    from signedin_adapters.stores import claim, trust

    def full(claim: object, session: object, **_: object) -> None:
        raise trust.store_error(OSError(28, "No space left on device"), "session")

    monkeypatch.setattr(claim.FileClaim, "commit", full)

    ran = run("login", "--provider", "sandbox")
    assert (ran.code, ran.out) == (6, "")
    assert "signedin: Signed in, but not saved." in ran.err
    assert "signedin explain persist-failed-at-login" in ran.err


def test_a_home_that_cannot_be_used_is_told_before_the_browser_opens(run: Run, home: Path, sandbox: Sandbox) -> None:
    """Nothing is asked of the provider."""
    (home / "apps").write_text("")

    is_told(run("login", "--provider", "sandbox"), 6, f"{home}/apps is not a directory")
    assert not list(sandbox.requests)


def test_root_leaves_another_users_home_alone(
    run: Run, home: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `status` as by `login`."""
    as_root_over_a_users(home, monkeypatch)

    assert run().code == 6
    is_told(run("login", "--provider", "sandbox"), 6, "belongs to another user: run this without sudo")


def test_a_full_disk_is_told_before_the_browser_opens(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store is proved first."""
    from signedin_adapters.stores import durable, trust

    def full(path: str, data: bytes, **_: object) -> None:
        raise trust.store_error(OSError(28, "No space left on device"), path)

    monkeypatch.setattr(durable, "write", full)
    sandbox.requests.clear()

    is_told(run("login", "--provider", "sandbox"), 6, "the disk is full or read-only", "disk-full-or-readonly")
    assert not list(sandbox.requests)


def closed(*arguments: str, descriptors: str) -> subprocess.CompletedProcess[str]:
    """The command started by a shell that closes these descriptors."""
    command = f'exec "$@" {descriptors}'
    return subprocess.run(
        ["sh", "-c", command, "sh", SIGNEDIN, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_closed_stdin_ends_no_sign_in(sandbox: Sandbox) -> None:
    """The browser does the work."""
    ended = closed("login", "--provider", "sandbox", descriptors="<&-")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("Signed in as")


@pytest.mark.parametrize("descriptors", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_outputs_change_no_exit_code(home: Path, descriptors: str) -> None:
    """Nobody reads, and nobody is told a traceback."""
    ended = closed("status", descriptors=descriptors)

    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr


def test_a_reader_that_had_enough_is_no_error(home: Path) -> None:
    """`signedin explain | head -1`."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [SIGNEDIN, "explain"], stdout=writer, stderr=subprocess.PIPE, text=True, timeout=30, check=False
    )
    os.close(writer)

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.linux
def test_an_answer_that_cannot_be_written_is_an_error(home: Path) -> None:
    """A full disk behind stdout."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        ended = subprocess.run(
            [SIGNEDIN, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30, check=False
        )

    assert ended.returncode == 1
    assert ended.stderr == "signedin: The answer could not be written (No space left on device).\n"


def test_the_module_is_the_command(home: Path) -> None:
    """`python -m signedin_adapters.cli`."""
    import sys

    ended = subprocess.run(
        [sys.executable, "-m", "signedin_adapters.cli"], capture_output=True, text=True, timeout=30, check=False
    )

    assert (ended.returncode, ended.stdout) == (3, "Not signed in. Run signedin login.\n")


def test_a_full_stdout_is_said_to_people(home: Path) -> None:
    """Where not even the error object gets out, there is a line on stderr, and no traceback."""
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "signedin_adapters.cli", "status", "--json"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)

    assert ended.returncode != 0
    assert "Traceback" not in ended.stderr
    assert ended.stderr.startswith("signedin: ")
