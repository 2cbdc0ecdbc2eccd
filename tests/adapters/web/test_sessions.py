"""Secrets and sessions are few, whoever asks for more."""

from signedin_adapters.web.sessions import AT_MOST, Sessions


def test_the_newest_put_the_oldest_out() -> None:
    """At most sixteen browsers, and as many addresses that wait."""
    sessions = Sessions()
    secrets = [sessions.invite() for _ in range(AT_MOST + 1)]
    assert sessions.admit(secrets[0]) is None
    cookies = []
    for _ in range(AT_MOST + 1):
        admitted = sessions.admit(sessions.invite())
        assert admitted is not None
        cookies.append(admitted[0])
    assert sessions.find(cookies[0]) is None
    assert all(sessions.find(cookie) is not None for cookie in cookies[1:])


def test_secrets_are_long_and_never_the_same() -> None:
    """256 bits each, for addresses, cookies and tokens."""
    sessions = Sessions()
    admitted = sessions.admit(sessions.invite())
    assert admitted is not None
    cookie, session = admitted
    found = {sessions.invite(), sessions.invite(), cookie, session.token}
    assert len(found) == 4
    assert all(len(each) == 43 for each in found)
