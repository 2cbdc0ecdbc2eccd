"""What the API's answers mean: a 401 is believed once a generation, a limit never moves the state."""

import math

from tests.support.walk import START, Walk, connected, expired, refreshing, session

from signedin import commands as cmd
from signedin import events as ev
from signedin.states import Flag, State


def refused_and_refreshed() -> Walk:
    """The API refused the first generation, and the refresh brought the second."""
    walk = connected(1).take(ev.ApiUnauthorized, generation=1)
    return walk.take(ev.TokenRefreshed, session=session(2))


def test_a_first_401_refreshes() -> None:
    """The refused generation is remembered, and the token is renewed once."""
    walk = connected(1).take(ev.ApiUnauthorized, generation=1)
    assert (walk.state, walk.commands) == (State.REFRESHING, (cmd.RefreshToken(session=session(1), refused=True),))
    assert walk.context.unauthorized == 1


def test_a_401_to_an_older_generation_is_ignored() -> None:
    """Somebody refreshed meanwhile: the newer token is tried."""
    walk = connected(5).take(ev.ApiUnauthorized, generation=4)
    assert (walk.state, walk.commands, walk.context.unauthorized) == (State.CONNECTED, (), None)


def test_a_second_401_is_an_error_and_never_a_third_step() -> None:
    """A fresh token that is refused as well: refreshing does not help."""
    walk = refused_and_refreshed().take(ev.ApiUnauthorized, generation=2)
    assert (walk.state, walk.context.case, walk.commands) == (State.ERROR, "api-401-loop", ())
    assert walk.take(ev.ApiUnauthorized, generation=2).commands == ()


def test_an_accepted_token_ends_the_suspicion() -> None:
    """After it the next 401 is a first one again."""
    walk = refused_and_refreshed().take(ev.ApiAccepted, generation=2)
    assert walk.context.unauthorized is None
    assert walk.take(ev.ApiUnauthorized, generation=2).state is State.REFRESHING


def test_an_older_tokens_success_proves_nothing() -> None:
    """Only the generation in hand counts."""
    assert refused_and_refreshed().take(ev.ApiAccepted, generation=1).context.unauthorized == 1


def test_a_401_without_refresh_token_is_an_error_at_once() -> None:
    """An API key that is refused cannot be renewed."""
    walk = connected(refresh=False, life=math.inf).take(ev.ApiUnauthorized, generation=1)
    assert (walk.state, walk.context.case) == (State.ERROR, "api-401-loop")
    assert walk.until_due().commanded == ["LoadAccount"]


def test_a_key_that_is_accepted_again_is_well() -> None:
    """Nothing renews it, so the API's yes is all that can end the trouble: in Error, and while it is waited."""
    refused = connected(refresh=False, life=math.inf).take(ev.ApiUnauthorized, generation=1, case="api-key-rejected")
    assert refused.take(ev.ApiAccepted, generation=0).state is State.ERROR
    well = refused.take(ev.ApiAccepted, generation=1)
    assert (well.state, well.context.case, well.context.retry_at) == (State.CONNECTED, None, None)


def test_a_token_that_was_refused_twice_and_is_accepted_is_well() -> None:
    """The newest evidence counts: nobody waits for a retry of what works."""
    walk = refused_and_refreshed().take(ev.ApiUnauthorized, generation=2)
    assert (walk.state, walk.context.case) == (State.ERROR, "api-401-loop")
    well = walk.take(ev.ApiAccepted, generation=2)
    assert (well.state, well.context.case, well.context.retry_at) == (State.CONNECTED, None, None)


def test_an_accepted_token_ends_no_back_off_of_a_refresh() -> None:
    """What the API takes says nothing about the refresh token."""
    walk = connected().take(ev.RefreshRequested).take(ev.RefreshFailed, case="offline")
    waiting = walk.context.retry_at
    assert waiting is not None
    assert walk.take(ev.ApiAccepted, generation=1).context.retry_at == waiting


def test_a_refused_token_is_due_as_soon_as_the_back_off_ends() -> None:
    """After a 401 and a failed refresh the token's remaining life does not count."""
    walk = connected().take(ev.ApiUnauthorized, generation=1).take(ev.RefreshFailed, case="offline")
    assert (walk.state, walk.due_at()) == (State.CONNECTED, START + 15)
    assert walk.take(ev.ApiUnauthorized, generation=1).commands == ()
    assert walk.until_due().state is State.REFRESHING


def test_an_api_that_keeps_refusing_is_tried_ever_more_rarely() -> None:
    """Refreshes that work do not reset the wait; only the API's own yes does."""
    walk, waits = refused_and_refreshed(), []
    for generation in range(2, 6):
        walk.take(ev.ApiUnauthorized, generation=generation)
        assert walk.context.retry_at is not None
        waits.append(walk.context.retry_at - walk.now)
        walk.until_due().take(ev.TokenRefreshed, session=session(generation + 1, issued_at=walk.now))
    assert waits == [15, 30, 60, 120]
    assert walk.take(ev.ApiAccepted, generation=6).context.failures == 0


def test_a_401_during_a_refresh_is_ignored() -> None:
    """The answer to it is already under way."""
    walk = refreshing().take(ev.ApiUnauthorized, generation=1)
    assert (walk.state, walk.commands) == (State.REFRESHING, ())


def test_a_401_behind_a_sign_in_is_served_there() -> None:
    """Refresh once, then the way back is Error; the attempt goes on."""
    walk = connected(1).begin_sign_in().take(ev.ApiUnauthorized, generation=1)
    assert (walk.state, walk.commanded) == (State.AUTHORIZING, ["RefreshToken"])
    walk.take(ev.TokenRefreshed, session=session(2)).take(ev.ApiUnauthorized, generation=2)
    assert walk.state is State.AUTHORIZING
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.ERROR


def test_a_revoked_session_is_expired() -> None:
    """The API said by code that the session is over, wherever the account stands with it."""
    for walk in (connected(), refreshing(), refreshing().take(ev.RefreshRefused, case="unclassified")):
        walk.take(ev.GrantEnded, generation=1, case="refresh-token-revoked")
        assert (walk.state, walk.context.case, walk.usable) == (State.EXPIRED, "refresh-token-revoked", False)


def test_a_revoked_session_behind_a_sign_in_moves_the_way_back() -> None:
    """The attempt goes on, and returns to Expired."""
    walk = connected().begin_sign_in().take(ev.GrantEnded, generation=1, case="refresh-token-revoked")
    assert walk.state is State.AUTHORIZING
    assert walk.take(ev.SignInCancelled, attempt_id="one").state is State.EXPIRED


def test_the_end_of_another_generation_is_ignored() -> None:
    """An older token's verdict says nothing about the one in hand."""
    assert connected(5).take(ev.GrantEnded, generation=4, case="refresh-token-revoked").state is State.CONNECTED
    assert expired(5).take(ev.GrantEnded, generation=5, case="session-ended").context.case == "refresh-token-revoked"


# Beside the state.


def test_a_limit_raises_a_flag_and_moves_nothing() -> None:
    """Usage limits and model refusals are no reason to sign in."""
    walk = connected().take(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
    assert (walk.state, walk.flags) == (State.CONNECTED, {Flag.USAGE_PAUSED})
    assert (walk.context.case, walk.usable) == ("usage-limit-hit", True)


def test_a_lowered_flag_takes_its_case_along() -> None:
    """The case of another matter stays."""
    walk = connected().take(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
    assert walk.take(ev.FlagCleared, flag=Flag.MODELS_BLOCKED).context.case == "usage-limit-hit"
    assert walk.take(ev.FlagCleared, flag=Flag.USAGE_PAUSED).context.case is None


def test_a_flags_case_outlives_a_refresh() -> None:
    """Refreshing ends doubts and degraded storage, and no limit."""
    walk = connected().take(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit").take(ev.RefreshRequested)
    walk.take(ev.TokenRefreshed, session=session(2))
    assert (walk.flags, walk.context.case) == ({Flag.USAGE_PAUSED}, "usage-limit-hit")


def test_a_flag_never_hides_why_an_account_is_in_trouble() -> None:
    """Expired, Error and a back-off keep their case when a flag is raised and lowered."""
    backing_off = refreshing().take(ev.RefreshFailed, case="offline")
    for walk in (expired(), refreshing().take(ev.RefreshRefused, case="unclassified"), backing_off):
        case = walk.context.case
        walk.take(ev.FlagRaised, flag=Flag.USAGE_PAUSED, case="usage-limit-hit")
        assert (walk.context.case, walk.flags) == (case, {Flag.USAGE_PAUSED})
        assert walk.take(ev.FlagCleared, flag=Flag.USAGE_PAUSED).context.case == case
