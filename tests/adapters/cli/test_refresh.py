"""`signedin refresh`: one refresh, and what came of it."""

from tests.support.command import STATUS_KEYS, Run

from signedin_adapters.sandbox import Sandbox


def test_a_fresh_token_is_told_with_its_end(run: Run, eager: Sandbox) -> None:
    """Once, and no more."""
    ran = run("refresh")

    assert ran.code == 0
    assert ran.out.startswith("Renewed. Access valid until ")
    assert run("--json").json()["generation"] == 2


def test_the_object_says_whether_it_was_renewed(run: Run, eager: Sandbox) -> None:
    """That of `status`, with `refreshed`."""
    said = run("refresh", "--json").json()

    assert said.keys() == {*STATUS_KEYS, "refreshed"}
    assert said["refreshed"] is True


def test_a_server_that_asks_to_wait_is_heard(run: Run, signed_in: Sandbox) -> None:
    """Nothing is sent, and people are told until when."""
    signed_in.requests.clear()
    ran = run("refresh")

    assert ran.code == 0
    assert ran.out.startswith("The server asks not to refresh before ")
    assert not list(signed_in.requests)


def test_an_outage_changes_nothing(run: Run, eager: Sandbox) -> None:
    """Exit 5, and still signed in."""
    eager.faults.inject("token-503", times=None)
    ran = run("refresh")

    assert ran.code == 5
    assert "signedin explain provider-outage" in ran.err
    assert run().code == 0


def test_a_dead_grant_is_told_and_remembered(run: Run, eager: Sandbox) -> None:
    """Exit 4 now, and from `status` afterwards."""
    eager.faults.inject("token-reused")
    ran = run("refresh", "--json")

    assert ran.code == 4
    assert ran.json()["error"]["case"] == "refresh-token-reused"
    assert run("--json").json()["state"] == "expired"
    assert run().code == 4


def test_nobody_is_signed_in(run: Run) -> None:
    """Exit 3."""
    ran = run("refresh", "--json")

    assert ran.code == 3
    assert ran.json()["error"] == {
        "case": "not-signed-in",
        "message": "Nobody is signed in.",
        "remedy": "Run signedin login.",
    }
