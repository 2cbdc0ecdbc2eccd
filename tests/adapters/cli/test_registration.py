"""What a registration can come to: refused, removed in the user's settings, answered by somebody else. Never an end."""

import json
from pathlib import Path

import pytest
from tests.support.command import Person, Run

from signedin_adapters.sandbox import Sandbox

QUESTION = "Register anew in its place? The account keeps its name. [y/N] "


@pytest.fixture
def removed(signed_in: Sandbox, home: Path) -> Sandbox:
    """Ada is signed in, and her provider knows nothing of the registration: neither its tokens nor its id."""
    (record,) = home.glob("apps/signedin/accounts/*/account.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "client_id": "oaiapp_000000000000000000000000"}))
    signed_in.expire_access_tokens()
    return signed_in


def labels(run: Run) -> list[str]:
    return [each["label"] for each in run("accounts", "--json").json()["accounts"]]


def test_a_client_that_is_refused_at_a_refresh_is_a_case(start: Run, run: Run, removed: Sandbox) -> None:
    """Exit 7; `status` says the same, and what to run."""
    assert start("ask", "hello", "--json").json()["error"]["case"] == "client-refused"
    ran = run()

    assert ran.code == 7
    assert "Run signedin login; if it repeats, signedin login --replace registers anew" in ran.out


def test_a_person_registers_anew_in_one_step(start: Run, run: Run, removed: Sandbox) -> None:
    """`login` asks before the browser opens, where it would only show an error; then all is well again."""
    start("ask", "hello")
    person = Person("login")
    person.reads(QUESTION)
    person.types("y\n")

    assert person.leaves() == 0
    assert labels(run) == ["ada@example.com"]
    assert run("ask", "hello").code == 0


def test_without_a_person_the_way_out_is_one_option(start: Run, run: Run, removed: Sandbox) -> None:
    """`login --replace`, as `login` says; nobody registers anew unasked."""
    start("ask", "hello")
    told = run("login", "--no-browser", "--timeout", "0.2")
    assert told.code == 3
    assert "If the browser shows an error now: signedin login --replace registers anew." in told.err

    assert run("login", "--replace").code == 0
    assert labels(run) == ["ada@example.com"]
    assert run("ask", "hello").code == 0


def test_a_wait_in_vain_may_have_been_for_a_registration_that_is_gone(run: Run, removed: Sandbox) -> None:
    """Nothing had been refused before: the browser alone showed an error, and nobody came back."""
    ran = run("login", "--again", "--no-browser", "--timeout", "0.2")

    assert ran.code == 3
    assert "If the browser showed an error: signedin login --replace registers anew." in ran.err


def test_a_sign_in_finds_out_that_the_registration_is_gone(run: Run, signed_in: Sandbox) -> None:
    """Exit 7 with the one command that helps; the session that was there is kept and serves."""
    signed_in.faults.inject("token-invalid-client")
    ran = run("login", "--again")

    assert ran.code == 7
    assert "signedin: The provider no longer knows this registration." in ran.err
    assert "Run signedin login --replace to register anew" in ran.err
    assert run("ask", "hello").code == 0


def test_a_person_who_is_told_so_goes_on_at_once(run: Run, signed_in: Sandbox) -> None:
    """The same run signs in with a new registration."""
    signed_in.faults.inject("token-invalid-client")
    person = Person("login", "--again")
    person.reads(QUESTION)
    person.types("y\n")

    assert person.leaves() == 0
    assert labels(run) == ["ada@example.com"]
    assert run("ask", "hello").code == 0


def test_a_person_who_declines_keeps_everything(run: Run, signed_in: Sandbox) -> None:
    """The case is told, and the next `login` asks again before the browser opens."""
    signed_in.faults.inject("token-invalid-client")
    for arguments in (("login", "--again"), ("login", "--again")):
        person = Person(*arguments)
        person.reads(QUESTION)
        person.types("n\n")
        person.leaves()

    assert "Last time, Sandbox on this machine refused the registration of this account." in person.screen
    assert run("ask", "hello").code == 0


def test_what_takes_the_place_of_the_oldest_is_the_oldest(run: Run, signed_in: Sandbox) -> None:
    """Whoever was meant without a word is meant still."""
    run("login", "--new", "--label", "work")
    before = run("--json").json()
    run("login", "--replace")
    after = run("--json").json()

    assert after["account"]["label"] == before["account"]["label"] == "ada@example.com"
    assert after["account"]["id"] != before["account"]["id"]


def test_somebody_else_on_this_registration_is_refused(run: Run, signed_in: Sandbox) -> None:
    """Exit 3, how to add them instead; the older session serves on, and the stranger's tokens are revoked."""
    before = run("--json").json()
    signed_in.faults.inject("id-token-wrong-sub")
    ran = run("login", "--again")

    assert ran.code == 3
    assert "signedin: Another account signed in." in ran.err
    assert "Run signedin login --new to add the other account" in ran.err
    assert run("--json").json() == before
    assert run("ask", "hello").code == 0
    assert [grant.ended for grant in signed_in.grants.all()[-2:]] == [None, "revoked"]


def test_the_way_out_for_somebody_else_works(run: Run, signed_in: Sandbox) -> None:
    """`login --new` has them beside the first."""
    signed_in.faults.inject("id-token-wrong-sub")
    run("login", "--again")

    assert run("login", "--new").code == 0
    assert labels(run) == ["ada@example.com", "ada@example.com-2"]


@pytest.mark.parametrize("option", ["--new", "--replace"])
def test_the_same_person_is_no_second_account_of_a_client_that_all_share(run: Run, codex: Sandbox, option: str) -> None:
    """It is said which account they have, with what helps; the session that was there serves on."""
    ran = run("login", "--provider", "sandbox-codex", option)

    assert ran.code == 3
    assert "signedin: Whoever signed in has an account here already: ada@example.com." in ran.err
    assert "Use that one with --account LABEL, or sign in as somebody else" in ran.err
    assert "--new to add" not in ran.err
    assert labels(run) == ["ada@example.com"]
    assert run("--provider", "sandbox-codex").code == 0
