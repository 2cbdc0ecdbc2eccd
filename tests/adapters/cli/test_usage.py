"""`signedin usage`: the page that shows what is left, since no provider tells an app."""

from tests.support.command import Run

from signedin_adapters.sandbox import Sandbox


def test_the_page_is_named(run: Run, signed_in: Sandbox) -> None:
    """Without asking anybody."""
    signed_in.requests.clear()
    ran = run("usage")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"The provider does not tell apps what is left. It is shown at {signed_in.issuer}\n"
    assert len(signed_in.requests) == 0


def test_as_one_object(run: Run, signed_in: Sandbox) -> None:
    """No windows are known, and none are guessed."""
    assert run("usage", "--json").json() == {"schema": 1, "windows": None, "manage_url": signed_in.issuer}


def test_a_limit_that_was_met_is_mentioned(run: Run, signed_in: Sandbox) -> None:
    """As long as no answer has come since."""
    signed_in.faults.inject("api-429-limit")
    run("ask", "--model", "sandbox-large", "Why?")
    assert run("usage").out.startswith("Usage limit reached, when a request was last made.\n")
    run("ask", "Why?")
    assert run("usage").out.startswith("The provider does not tell")
