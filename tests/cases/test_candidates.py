"""Reasons that look alike from here: each stands under the case that is observed, the likeliest first.

The logs are the machine's own, taken through the step that the observed case takes. What a machine's markers speak for
comes before the rest.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.command import Run
from tests.support.logged import Logged
from tests.support.walk import ATTEMPT_SECONDS, CODE

from signedin import events as ev
from signedin.cases import CASES
from signedin.states import Flag
from signedin_adapters.sandbox import Sandbox

ATTEMPT = "0" * 16

Reasons = Callable[[str, Logged], None]


@pytest.fixture
def logged(tmp_path: Path) -> Logged:
    """A process on a machine about which nothing is special."""
    return Logged(tmp_path)


@pytest.fixture
def stand_under(request: pytest.FixtureRequest, run: Run) -> Reasons:
    """Look up the reasons that the test's marker names: all there are, in this order, in `explain` and `diagnose`."""
    marker = request.node.get_closest_marker("case")
    assert marker is not None

    def stand_under(observed: str, logged: Logged) -> None:
        assert run("explain", observed, "--json").json()["candidates"] == list(marker.args)
        for reason in marker.args:
            explained = run("explain", reason, "--json").json()
            assert (explained["kind"], explained["parent"]) == ("candidate", observed)
            assert explained["event"] == _event(observed)
        (found,) = run("diagnose", str(logged.path), "--json").json()["cases"]
        assert (found["id"], found["status"]) == (observed, "active")
        assert found["candidates"] == list(marker.args)

    return stand_under


def _event(case_id: str) -> str | None:
    """The event that carries the case."""
    move = CASES[case_id].move
    return move.event if move else None


def signing_in(logged: Logged) -> Logged:
    """A browser is waited for."""
    deadline = logged.now + ATTEMPT_SECONDS
    return logged.then(ev.SignInRequested, attempt_id=ATTEMPT, deadline=deadline)


def redeeming(logged: Logged) -> Logged:
    """A code came, and is redeemed."""
    return signing_in(logged).then(ev.CodeReceived, attempt_id=ATTEMPT, code=CODE, client_id="acme")


def refreshing(logged: Logged) -> Logged:
    """A session is being renewed."""
    return logged.connected().then(ev.RefreshRequested)


def first_reason(run: Run, logged: Logged) -> str:
    """What `diagnose` takes for the likeliest."""
    (found,) = run("diagnose", str(logged.path), "--json").json()["cases"]
    reason: str = found["candidates"][0]
    return reason


# Signing in.


@pytest.mark.case(
    "callback-never-arrives-ssh",
    "callback-container",
    "authorize-url-broken",
    "extra-verification-forced",
    "callback-wsl2",
    "browser-session-invalid",
    "callback-localhost-ipv6",
    "consent-page-stuck",
    "browser-open-lies",
    "popup-blocked",
    "embedded-webview",
    "local-proxy-intercepts-loopback",
)
def test_why_the_browser_does_not_come_back(logged: Logged, stand_under: Reasons) -> None:
    """All that is seen is that nobody came."""
    signing_in(logged).then(ev.SignInTimedOut, attempt_id=ATTEMPT)
    stand_under("callback-never-arrives", logged)


@pytest.mark.parametrize(
    ("marker", "reason"),
    [
        ("ssh", "callback-never-arrives-ssh"),
        ("editor", "callback-container"),
        ("container", "callback-container"),
        ("wsl", "callback-wsl2"),
    ],
)
@pytest.mark.case("callback-never-arrives-ssh", "callback-container", "callback-wsl2")
def test_where_the_terminal_is_speaks_for_a_reason(tmp_path: Path, run: Run, marker: str, reason: str) -> None:
    """By what the run says of its machine when it starts."""
    logged = signing_in(Logged(tmp_path, markers=(marker,)))
    logged.then(ev.SignInTimedOut, attempt_id=ATTEMPT)
    assert first_reason(run, logged) == reason


@pytest.mark.case("callback-never-arrives-ssh")
def test_over_ssh_the_way_out_is_told_before_and_after(
    run: Run, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`login` names the ways that work from there, and where nobody took one, `diagnose` takes that for the reason."""
    monkeypatch.setenv("SSH_CONNECTION", "198.51.100.4 52114 203.0.113.7 22")
    told = run("login", "--provider", "sandbox", "--no-browser", "--timeout", "0.2").err
    assert "ssh -L" in told
    assert "Paste the answer." in told
    likeliest = run("diagnose").out.split("It may be, the likeliest first:\n")[1].splitlines()[0]
    assert likeliest.split() == ["-", *CASES["callback-never-arrives-ssh"].title.split(), "callback-never-arrives-ssh"]


@pytest.mark.case("two-logins-at-once")
def test_why_the_answer_is_anothers(logged: Logged, stand_under: Reasons) -> None:
    """Whose answer it was is not seen."""
    signing_in(logged).then(ev.CallbackRejected, attempt_id=ATTEMPT, case="state-mismatch-stale-tab")
    stand_under("state-mismatch-stale-tab", logged)


@pytest.mark.case("pkce-mismatch")
def test_why_the_code_is_refused(logged: Logged, stand_under: Reasons) -> None:
    """The server has one code for all that can be wrong with one."""
    redeeming(logged).then(ev.CodeExchangeFailed, attempt_id=ATTEMPT, case="code-expired-or-used")
    stand_under("code-expired-or-used", logged)


@pytest.mark.case("wrong-browser-profile")
def test_why_somebody_else_signed_in(logged: Logged, stand_under: Reasons) -> None:
    """Which of its sessions the browser took is not seen."""
    redeeming(logged).then(ev.CodeExchangeFailed, attempt_id=ATTEMPT, case="wrong-account-or-workspace")
    stand_under("wrong-account-or-workspace", logged)


@pytest.mark.case("workspace-not-allowed")
def test_why_a_workspace_is_refused(logged: Logged, stand_under: Reasons) -> None:
    """The answer says no more than that it is."""
    signing_in(logged).then(ev.SignInFailed, attempt_id=ATTEMPT, case="workspace-not-entitled")
    stand_under("workspace-not-entitled", logged)


@pytest.mark.case("sandboxed-opener", "wsl-opener-missing", "text-browser-hijack")
def test_why_no_browser_could_be_opened(logged: Logged, stand_under: Reasons) -> None:
    """Why an opener failed is its own affair."""
    signing_in(logged).then(ev.SignInTimedOut, attempt_id=ATTEMPT, case="no-browser-headless")
    stand_under("no-browser-headless", logged)


@pytest.mark.parametrize(("marker", "reason"), [("container", "sandboxed-opener"), ("wsl", "wsl-opener-missing")])
@pytest.mark.case("sandboxed-opener", "wsl-opener-missing")
def test_where_the_terminal_is_speaks_for_an_opener(tmp_path: Path, run: Run, marker: str, reason: str) -> None:
    """As it does for a browser that does not come back."""
    logged = signing_in(Logged(tmp_path, markers=(marker,)))
    logged.then(ev.SignInTimedOut, attempt_id=ATTEMPT, case="no-browser-headless")
    assert first_reason(run, logged) == reason


# What the API refuses.


@pytest.mark.case("stale-plan-after-upgrade", "entitlement-removed-later")
def test_why_a_plan_does_not_cover_it(logged: Logged, stand_under: Reasons) -> None:
    """The API says that it does not, never since when."""
    logged.connected().beside("call.failed", call="ask", case="plan-not-included")
    stand_under("plan-not-included", logged)


@pytest.mark.case("model-retired")
def test_why_a_model_is_refused(logged: Logged, stand_under: Reasons) -> None:
    """Gone for all, or not for this plan."""
    logged.connected().then(ev.FlagRaised, flag=Flag.MODELS_BLOCKED, case="model-not-in-plan")
    stand_under("model-not-in-plan", logged)


# Renewing a session.


@pytest.mark.case("lock-stolen-or-nfs", "stale-snapshot-saved")
def test_why_a_refresh_token_was_spent_twice(logged: Logged, stand_under: Reasons) -> None:
    """Who else spent it is not told."""
    refreshing(logged).then(ev.RefreshRejected, case="refresh-token-reused")
    stand_under("refresh-token-reused", logged)


@pytest.mark.case("org-session-policy")
def test_why_a_session_ran_out(logged: Logged, stand_under: Reasons) -> None:
    """Too long unused, or a company's rule."""
    refreshing(logged).then(ev.RefreshRejected, case="refresh-token-expired-idle")
    stand_under("refresh-token-expired-idle", logged)


@pytest.mark.parametrize(
    "observed",
    [
        pytest.param("offline", marks=pytest.mark.case("sleep-over-expiry")),
        pytest.param("proxy-not-used", marks=pytest.mark.case("firewall-partial")),
        pytest.param("ok-status-error-body", marks=pytest.mark.case("captive-portal")),
        pytest.param("lock-timeout", marks=pytest.mark.case("stale-lock")),
    ],
)
def test_why_a_refresh_comes_to_nothing(logged: Logged, stand_under: Reasons, observed: str) -> None:
    """Nothing that says something about the session; what stands behind it is the network's or the machine's."""
    refreshing(logged).then(ev.RefreshFailed, case=observed)
    stand_under(observed, logged)


# What the store refuses.


@pytest.mark.parametrize(
    "observed",
    [
        pytest.param("keyring-denied", marks=pytest.mark.case("keyring-prompt-after-upgrade")),
        pytest.param("session-undecryptable", marks=pytest.mark.case("dpapi-undecryptable")),
    ],
)
def test_why_the_store_does_not_open(logged: Logged, stand_under: Reasons, observed: str) -> None:
    """What the system's keyring has against it, it does not say."""
    logged.then(ev.StoreFailed, case=observed)
    stand_under(observed, logged)
