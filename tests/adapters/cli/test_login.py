"""`signedin login`: with a browser that follows where it is sent."""

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, STATUS_KEYS, Person, Run
from tests.support.command_line import asked_to_authorize
from tests.support.keyrings import NO_BUS

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.stores import keyring_key


@pytest.fixture
def without_keyring(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A provider whose sessions have to be sealed, on a machine without a keyring: here, and in processes on Linux."""
    monkeypatch.setattr(keyring_key, "BACKENDS", ())
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
    (home / "config.toml").write_text(
        f'[providers.acme]\nissuer = "{sandbox.issuer}"\nclient_id = "dynamic_agent_client"\nregistration = "agent"\n'
    )
    return "acme"


def test_signing_in_is_one_command(start: Run, sandbox: Sandbox) -> None:
    """A process of its own: what will be asked and the address go to stderr, the answer to stdout."""
    ran = start("login", "--provider", "sandbox")

    assert ran.code == 0
    assert ran.out.startswith("Signed in as ada@example.com (signedin, sandbox, ")
    assert "signedin will ask you to let it:" in ran.err
    assert "use your ChatGPT plan for its requests" in ran.err
    assert [line for line in ran.err.splitlines() if line.startswith(f"{sandbox.issuer}/")]
    assert re.search(r"^For short: http://127\.0\.0\.1:\d+/$", ran.err, re.MULTILINE)


def test_the_object_is_that_of_status(run: Run, sandbox: Sandbox) -> None:
    """Exactly one object on stdout."""
    said = run("login", "--provider", "sandbox", "--json").json()

    assert said.keys() == STATUS_KEYS
    assert said["state"] == "connected"


def test_connected_already_opens_nothing(run: Run, signed_in: Sandbox) -> None:
    """It says who is signed in, and names the ways to do more."""
    signed_in.requests.clear()
    ran = run("login")

    assert ran.code == 0
    assert ran.out.startswith("Signed in as ada@example.com")
    for option in ("--again", "--new --label", "--enable-plan"):
        assert f"signedin login {option}" in ran.err
    assert not list(signed_in.requests)


def test_again_signs_in_anew(run: Run, signed_in: Sandbox) -> None:
    """The account and its registration stay the same."""
    before = run("--json").json()
    after = run("login", "--again", "--json").json()

    assert after["account"] == before["account"]
    assert after["generation"] == 2


def test_a_new_account_has_the_label_it_was_given(run: Run, signed_in: Sandbox) -> None:
    """The same e-mail address twice: two accounts, and the older one stays the one that is used."""
    ran = run("login", "--new", "--label", "work")

    assert ran.code == 0
    assert "--account work" in ran.err
    said = run("accounts", "--json").json()
    assert [each["label"] for each in said["accounts"]] == ["ada@example.com", "work"]
    assert [each["default"] for each in said["accounts"]] == [True, False]


def test_a_taken_label_is_refused_before_the_browser_opens(run: Run, signed_in: Sandbox) -> None:
    """Nothing is asked of the provider."""
    signed_in.requests.clear()
    ran = run("login", "--new", "--label", "ada@example.com")

    assert ran.code == 2
    assert not asked_to_authorize(signed_in)


def test_whoever_signs_in_takes_the_accounts_place(run: Run, signed_in: Sandbox) -> None:
    """`--replace`: another registration, the old label, and one account as before."""
    before = run("--json").json()
    ran = run("login", "--replace", "--json")

    assert ran.code == 0
    (account,) = run("accounts", "--json").json()["accounts"]
    assert account["label"] == before["account"]["label"]
    assert account["id"] != before["account"]["id"]


@pytest.mark.parametrize("option", ["--device", "--api-key"])
def test_a_way_that_the_provider_has_not_is_one_clear_line(run: Run, sandbox: Sandbox, option: str) -> None:
    """Exit 7, and no browser."""
    ran = run("login", "--provider", "sandbox", option)

    assert ran.code == 7
    assert "does not offer signing in with" in ran.err


def test_no_is_an_answer(run: Run, sandbox: Sandbox) -> None:
    """The case, what to do, and where to read more."""
    sandbox.faults.inject("callback-denied")
    ran = run("login", "--provider", "sandbox")

    assert ran.code == 3
    assert "signedin: You declined." in ran.err
    assert "signedin explain user-denied-consent" in ran.err


def test_time_runs_out(run: Run, sandbox: Sandbox) -> None:
    """Nobody came: exit 3, with the case."""
    ran = run("login", "--provider", "sandbox", "--no-browser", "--timeout", "0.3", "--json")

    assert ran.code == 3
    assert ran.json()["error"]["case"] == "callback-never-arrives"


def test_no_keyring_and_no_terminal_is_a_case_with_the_exact_command(run: Run, without_keyring: str) -> None:
    """Nothing is asked, nothing is written down in a file that nobody allowed."""
    ran = run("login", "--provider", without_keyring)

    assert ran.code == 6
    assert f"SIGNEDIN_STORE=file signedin login --provider {without_keyring} --again." in ran.err
    assert "signedin explain keyring-backend-missing" in ran.err


def test_a_store_in_memory_is_told_to_end_with_the_command(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It works, and nothing lies on disk."""
    monkeypatch.setenv("SIGNEDIN_STORE", "memory")
    ran = run("login", "--provider", "sandbox")

    assert (ran.code, ran.out) == (0, "Signed in as ada@example.com, in memory alone: it ends with this command.\n")
    monkeypatch.delenv("SIGNEDIN_STORE")
    assert run().code == 3


def test_a_person_names_the_new_account(signed_in: Sandbox, run: Run) -> None:
    """On a terminal, after the browser came back; nothing else needs a key."""
    person = Person("login", "--new")
    person.reads("Name this account [ada@example.com-2]: ")
    person.types("work\n")

    assert person.leaves() == 0
    assert [each["label"] for each in run("accounts", "--json").json()["accounts"]] == ["ada@example.com", "work"]


@pytest.mark.linux
def test_a_person_allows_the_key_file_once(without_keyring: str, home: Path) -> None:
    """Where there is no keyring: what that means, and the answer is kept."""
    person = Person("login", "--provider", without_keyring, "--no-browser")
    person.reads("Keep it in such a file? [y/N] ")
    assert "like an ssh key without a passphrase" in person.screen
    person.types("y\n")
    person.reads("Waiting for your browser")
    person.interrupts()

    assert person.leaves() == 130
    kept = json.loads((home / "apps" / "signedin" / "preferences.json").read_text())
    assert kept["store"] == "file"


def test_ctrl_c_ends_it_without_a_traceback(sandbox: Sandbox, home: Path) -> None:
    """Exit 130, and the one object says so."""
    process = subprocess.Popen(
        [SIGNEDIN, "login", "--provider", "sandbox", "--no-browser", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "Waiting for your browser" not in (line := process.stderr.readline()):
        assert line, "it ended early"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert json.loads(out)["error"]["case"] == "interrupted"
    assert "Traceback" not in err


def test_what_replaces_a_registration_without_a_session_has_a_name(run: Run, sandbox: Sandbox) -> None:
    """A first sign-in that failed left no label to pass on: the account is called as any other."""
    sandbox.faults.inject("token-invalid-grant", 1)
    failed = run("login", "--provider", "sandbox")
    assert failed.code == 3
    assert run("login", "--provider", "sandbox", "--replace").code == 0

    assert [each["label"] for each in run("accounts", "--json").json()["accounts"]] == ["ada@example.com"]


def test_an_outage_at_the_first_sign_in_speaks_of_no_session(run: Run, sandbox: Sandbox) -> None:
    """Nobody was signed in, so nothing is kept and nothing is retried."""
    sandbox.faults.inject("token-503", None)
    failed = run("login", "--provider", "sandbox")

    assert failed.code == 5
    assert "nothing was changed" in failed.err
    for told in (failed.err, run().out, run("ask", "hello").err):
        assert "To sign in, run signedin login" in " ".join(told.split())
        assert "kept" not in told


@pytest.fixture
def waiting_login(sandbox: Sandbox) -> Iterator["subprocess.Popen[str]"]:
    """Another terminal, in which `signedin login` waits for its browser."""
    with subprocess.Popen(
        [SIGNEDIN, "login", "--provider", "sandbox", "--no-browser"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        while "Waiting for your browser" not in (line := process.stderr.readline()):
            assert line, "it ended early"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_login_is_told_of_the_first(
    run: Run, sandbox: Sandbox, waiting_login: "subprocess.Popen[str]"
) -> None:
    """Which process, since when, what to do; no second browser opens, and the exit code is that of a lock."""
    ran = run("login", "--provider", "sandbox")
    told = ran.err.splitlines()

    assert (ran.code, ran.out) == (8, "")
    assert re.fullmatch(
        r"signedin: Another sign-in has been running since (\S+ \w+, )?\d\d:\d\d, "
        rf"in process {waiting_login.pid} \(signedin\)\.",
        told[0],
    )
    assert "Finish it in its browser" in told[1]
    assert "signedin explain login-in-progress" in told[2]
    assert not asked_to_authorize(sandbox)
    assert run("login", "--provider", "sandbox", "--json").json()["error"]["case"] == "login-in-progress"


def test_status_tells_of_a_login_that_waits(run: Run, waiting_login: "subprocess.Popen[str]") -> None:
    """As long as it lives; killed, it was never there, and the next one begins."""
    ran = run()
    assert ran.code == 3
    assert re.fullmatch(r"A sign-in is under way, since (\S+ \w+, )?\d\d:\d\d\.\n", ran.out)
    assert run("--json").json()["state"] == "authorizing"

    waiting_login.kill()
    waiting_login.wait()
    assert run("--provider", "sandbox").out == "Not signed in. Run signedin login --provider sandbox.\n"
    assert run("login", "--provider", "sandbox").code == 0
