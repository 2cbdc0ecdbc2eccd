"""`signedin logout` and `signedin forget`: how an account is left."""

from pathlib import Path

from tests.support.command import STATUS_KEYS, Run

from signedin_adapters.sandbox import Sandbox


def test_signing_out_needs_a_word_where_nobody_can_be_asked(run: Run, signed_in: Sandbox) -> None:
    """Exit 2, and nothing happened."""
    ran = run("logout")

    assert ran.code == 2
    assert "--yes" in ran.err
    assert run().code == 0


def test_signing_out_revokes_and_says_so(run: Run, signed_in: Sandbox, home: Path) -> None:
    """The provider confirms it; tokens and key are gone, the registration stays."""
    ran = run("logout", "--yes", "--json")
    said = ran.json()

    assert ran.code == 0
    assert said.keys() == {*STATUS_KEYS, "revoked"}
    assert (said["revoked"], said["state"]) == (True, "disconnected")
    assert not list(home.glob("apps/signedin/accounts/*/session"))
    assert list(home.glob("apps/signedin/accounts/*/account.json"))
    assert run().code == 3


def test_signing_out_locally_tells_nobody(run: Run, signed_in: Sandbox) -> None:
    """No request is made, and people are told what that means."""
    signed_in.requests.clear()
    ran = run("logout", "--yes", "--local")

    assert ran.code == 0
    assert "lives on there" in ran.out
    assert not list(signed_in.requests)


def test_an_unconfirmed_end_is_said(run: Run, signed_in: Sandbox) -> None:
    """Signed out here all the same."""
    signed_in.faults.inject("revoke-503", times=None)
    ran = run("logout", "--yes")

    assert ran.code == 0
    assert "did not confirm it" in ran.out
    assert run().code == 3


def test_signing_out_twice_is_well(run: Run, signed_in: Sandbox) -> None:
    """Nobody was signed in, which is what was wanted."""
    run("logout", "--yes")
    ran = run("logout")

    assert (ran.code, ran.out) == (0, "Nobody was signed in.\n")


def test_an_unconfirmed_end_is_asked_for_again(run: Run, signed_in: Sandbox, home: Path) -> None:
    """A later `logout` finds what waits for its revocation, also once the provider answers again."""
    signed_in.faults.inject("revoke-503", times=None)
    run("logout", "--yes")
    signed_in.faults.clear()

    assert run("logout", "--yes", "--json").json()["revoked"] is not False
    assert not list(home.glob("apps/signedin/accounts/*/revocation-pending"))


def test_all_accounts_sign_out(run: Run, signed_in: Sandbox) -> None:
    """`--all` leaves nobody."""
    run("login", "--new", "--label", "work")
    assert run("logout", "--all", "--yes").code == 0
    states = [each["state"] for each in run("accounts", "--json").json()["accounts"]]

    assert states == ["disconnected", "disconnected"]


def test_all_of_them_are_told_of(run: Run, signed_in: Sandbox) -> None:
    """The object has each account, and whether its end was confirmed; people read of those whose was not."""
    run("login", "--new", "--label", "work")
    said = run("logout", "--all", "--yes", "--json").json()

    assert said.keys() == {*STATUS_KEYS, "revoked", "accounts"}
    assert said["revoked"] is True
    told = [(each["label"], each["revoked"], each["case"]) for each in said["accounts"]]
    assert told == [("ada@example.com", True, None), ("work", True, None)]
    assert run("logout", "--all", "--yes", "--json").json()["accounts"] == []

    run("login", "--account", "work")
    run("login", "--account", "ada@example.com")
    signed_in.faults.inject("revoke-503", times=3)
    assert "did not confirm it for ada@example.com, so" in run("logout", "--all", "--yes").out


def test_one_that_cannot_be_left_holds_no_other_back(run: Run, signed_in: Sandbox, home: Path) -> None:
    """It is named with its case, whose exit code it is; the others are signed out."""
    run("login", "--new", "--label", "work")
    first = run("accounts", "--json").json()["accounts"][0]["id"]
    marker = home / "apps" / "signedin" / "accounts" / first / "signed-out"
    marker.write_text('{"schema": 9, "writer": "9.1.0"}\n')
    marker.chmod(0o600)
    ran = run("logout", "--all", "--yes")

    assert (ran.code, ran.out) == (6, "Signed out: work (ada@example.com).\n")
    assert "ada@example.com was not signed out:" in ran.err
    assert "signedin 9.1.0" in ran.err
    said = run("logout", "--all", "--yes", "--json")
    assert (said.code, [each["case"] for each in said.json()["accounts"]]) == (6, ["schema-newer"])


def test_a_provider_that_is_gone_holds_nobody_back(run: Run, signed_in: Sandbox, home: Path) -> None:
    """What lies here is removed, and it is said that the provider did not confirm it."""
    (home / "sandbox.json").unlink()
    ran = run("logout", "--yes", "--json")

    assert (ran.code, ran.json()["revoked"]) == (0, False)
    assert not list(home.glob("apps/signedin/accounts/*/session"))
    assert run().code == 3


def test_signing_out_locally_needs_no_provider(run: Run, signed_in: Sandbox, home: Path) -> None:
    """`--local` asks nobody, so there is nothing to confirm."""
    (home / "sandbox.json").unlink()

    assert run("logout", "--yes", "--local", "--json").json()["revoked"] is None


def test_forgetting_removes_everything(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Registration, key and record; the session is revoked first."""
    ran = run("forget", "ada@example.com", "--yes", "--json")

    assert ran.code == 0
    assert ran.json()["revoked"] is True
    assert not list(home.glob("apps/signedin/accounts/*/*"))


def test_a_damaged_account_can_be_forgotten_by_its_id(run: Run, signed_in: Sandbox, home: Path) -> None:
    """Its label cannot be read, so the list names its id."""
    (record,) = home.glob("apps/signedin/accounts/*/account.json")
    record.write_text("{")
    (listed,) = run("accounts", "--json").json()["accounts"]

    assert listed["id"] == record.parent.name
    assert run("forget", listed["id"], "--yes").code == 0
    assert run("accounts", "--json").json()["accounts"] == []


def test_a_default_that_is_forgotten_is_none(run: Run, signed_in: Sandbox) -> None:
    """A later account of that name is not the default by accident."""
    run("switch", "ada@example.com")
    run("forget", "ada@example.com", "--yes")

    assert run("accounts", "--json").json() == {"schema": 1, "accounts": [], "selected_by": None}
