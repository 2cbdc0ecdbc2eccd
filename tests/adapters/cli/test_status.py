"""`signedin status`: what it says, what its object holds, and its exit code."""

import time
from pathlib import Path

import pytest
from tests.support.command import STATUS_KEYS, Run, as_root_over_a_users

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.people import PEOPLE


def test_nobody_is_signed_in_on_an_empty_home(run: Run) -> None:
    """It says so, names the command, and ends with 3."""
    ran = run()

    assert (ran.code, ran.out, ran.err) == (3, "Not signed in. Run signedin login.\n", "")


def test_looking_makes_nothing(run: Run, home: Path) -> None:
    """An empty home stays empty."""
    run("status")

    assert list(home.iterdir()) == []


def test_the_object_has_its_keys_and_no_others(run: Run) -> None:
    """The shape is the same where nobody is signed in."""
    ran = run("status", "--json")

    assert ran.code == 3
    assert ran.json() == {
        "schema": 1,
        "state": "disconnected",
        "app": "signedin",
        "provider": "chatgpt",
        "account": None,
        "needs_sign_in": True,
        "plan_enabled": None,
        "model": None,
        "access_expires_at": None,
        "last_verified_at": None,
        "generation": 0,
        "store": None,
        "flags": [],
        "case": None,
    }


def test_who_is_signed_in_stands_in_one_line(run: Run, signed_in: Sandbox) -> None:
    """The user, the app, what pays for requests, and how long the access lives."""
    ran = run()
    until = time.strftime("%H:%M", time.localtime(time.time() + signed_in.access_ttl))

    assert ran.code == 0
    assert ran.out.startswith("Signed in as ada@example.com (signedin, sandbox, plan use allowed). Access valid until ")
    assert until[:2] in ran.out


def test_the_object_of_a_healthy_account(run: Run, signed_in: Sandbox) -> None:
    """Every key has its value, times in UTC."""
    said = run("--json").json()

    assert said.keys() == STATUS_KEYS
    assert said["account"].keys() == {"label", "email", "id", "plan", "workspace"}
    assert (said["state"], said["needs_sign_in"], said["plan_enabled"], said["case"]) == (
        "connected",
        False,
        True,
        None,
    )
    assert (said["provider"], said["store"], said["generation"]) == ("sandbox", "file", 1)
    assert said["flags"] == ["plan_enabled"]
    assert said["access_expires_at"].endswith("Z")
    assert said["last_verified_at"].endswith("Z")


def test_options_may_stand_before_and_after_the_command(run: Run, signed_in: Sandbox) -> None:
    """The same options, the same answer."""
    assert run("--json", "status").json() == run("status", "--json").json() == run("--json").json()


def test_verifying_asks_the_api_once_and_refreshes_nothing(run: Run, signed_in: Sandbox) -> None:
    """One request for the models; the generation stays; the time of the answer is kept."""
    signed_in.requests.clear()
    ran = run("status", "--verify")

    assert ran.code == 0
    assert "Verified" in ran.out
    assert [request.path for request in signed_in.requests] == ["/v1/models"]
    assert run("--json").json()["generation"] == 1


def test_verifying_says_that_the_api_refuses(run: Run, signed_in: Sandbox) -> None:
    """A token that the API does not know is not refreshed on the quiet."""
    signed_in.expire_access_tokens()
    ran = run("status", "--verify")

    assert ran.code == 5
    assert "signedin refresh" in ran.err
    assert [request.path for request in signed_in.requests if "token" in request.path] == ["/api/accounts/oauth/token"]


def test_a_plan_and_a_workspace_are_told_where_the_server_tells_them(run: Run, codex: Sandbox) -> None:
    """The plan by its name, the workspace by its id; null elsewhere."""
    workspace = PEOPLE["ada"].workspace_id("Personal")
    ran, said = run(), run("--json").json()["account"]

    assert ran.out.startswith("Signed in as ada@example.com (signedin, sandbox-codex, Plus plan). Access valid until ")
    assert f"\nWorkspace: {workspace}\n" in ran.out
    assert (said["plan"], said["workspace"]) == ("plus", workspace)


def test_verifying_asks_as_the_api_wants_to_be_asked(run: Run, codex: Sandbox) -> None:
    """With the headers, the workspace and the query that it refuses any request without."""
    assert run("status", "--verify").code == 0


def test_verifying_says_what_the_api_says(run: Run, codex: Sandbox) -> None:
    """A workspace that is switched off is no fault of the session."""
    codex.faults.inject("workspace-deactivated")
    ran = run("status", "--verify")

    assert ran.code == 9
    assert "signedin explain workspace-deactivated" in ran.err
    assert run("status").code == 0


def test_a_cancelled_sign_in_is_remembered(run: Run, sandbox: Sandbox) -> None:
    """The last attempt's case stands beside the state, with its remedy."""
    sandbox.faults.inject("callback-denied")
    assert run("login", "--provider", "sandbox").code == 3
    said = run("--provider", "sandbox", "--json").json()

    assert said["state"] == "disconnected"
    assert said["case"].keys() == {"id", "title", "remedy", "action", "category"}
    assert said["case"]["id"] == "user-denied-consent"
    assert said["case"]["remedy"] == "Run signedin login --provider sandbox if that was a slip."


def test_a_sign_in_that_failed_elsewhere_is_none_of_this_providers(run: Run, sandbox: Sandbox) -> None:
    """Whoever asks of one provider hears of that one; whoever asks of none is sent where it was tried."""
    sandbox.faults.inject("callback-denied")
    run("login", "--provider", "sandbox")

    assert run("--provider", "sandbox-native").out == ("Not signed in. Run signedin login --provider sandbox-native.\n")
    assert "Last time: You declined." in run().out
    assert "Run signedin login --provider sandbox if that was a slip." in run().out


def test_a_damaged_session_is_named_with_its_file_and_the_way_out(run: Run, home: Path, signed_in: Sandbox) -> None:
    """The case, the file, the remedy and where to read more; nothing is lost by looking."""
    (session,) = home.glob("apps/signedin/accounts/*/session")
    session.write_bytes(session.read_bytes()[:40])
    before = session.read_bytes()
    ran = run()

    assert ran.code == 6
    assert ran.out.startswith("A file is damaged, ada@example.com.\n")
    assert str(session) in ran.out
    assert "More: signedin explain file-corrupt-truncated" in ran.out
    assert session.read_bytes() == before


def test_a_file_that_others_may_read_is_a_warning(run: Run, home: Path, signed_in: Sandbox) -> None:
    """The account works on; people are told how to close it."""
    (session,) = home.glob("apps/signedin/accounts/*/session")
    session.chmod(0o644)
    ran = run()

    assert ran.code == 0
    assert f"chmod 600 {session}" in ran.err


def test_root_leaves_another_users_file_alone(
    run: Run, home: Path, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says how to look instead."""
    (session,) = home.glob("apps/signedin/accounts/*/session")
    as_root_over_a_users(session, monkeypatch)
    ran = run()

    assert ran.code == 6
    assert "belongs to another user: run this without sudo" in ran.out


def test_another_apps_accounts_can_be_looked_at(run: Run, signed_in: Sandbox, home: Path) -> None:
    """`--app` looks; that app has nobody any more."""
    (home / "apps" / "acme-notes").mkdir(mode=0o700)
    ran = run("--app", "Acme Notes", "--json")

    assert (ran.code, ran.json()["app"]) == (3, "acme-notes")


def test_another_apps_accounts_cannot_be_changed(run: Run, signed_in: Sandbox) -> None:
    """`--app` is refused where a command does more."""
    ran = run("logout", "--app", "Acme Notes", "--yes")

    assert ran.code == 2
    assert "--app only looks" in ran.err


def test_a_store_in_memory_holds_nobody(run: Run, signed_in: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies on disk is not this store's."""
    monkeypatch.setenv("SIGNEDIN_STORE", "memory")

    assert run("--json").json()["account"] is None
