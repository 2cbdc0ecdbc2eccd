"""Revocation."""

import pytest
from tests.support.oauth_samples import answer

from signedin.errors import AnswerRefused
from signedin.oauth.revocation import read_revocation, revocation_request
from signedin.secret import Secret


def test_it_is_asked_for_as_a_public_client() -> None:
    """The token, its kind and our id, as a form."""
    request = revocation_request(
        revocation_endpoint="https://id.example/revoke", client_id="oaiapp_issued", token=Secret("refresh-1")
    )
    assert (request.method, request.url) == ("POST", "https://id.example/revoke")
    assert request.form == (
        ("token", Secret("refresh-1")),
        ("token_type_hint", "refresh_token"),
        ("client_id", "oaiapp_issued"),
    )
    assert "refresh-1" not in repr(request)


@pytest.mark.parametrize(("hint", "named"), [("refresh_token", (("client_id", "native-app"),)), ("access_token", ())])
def test_a_server_may_want_it_as_json(hint: str, named: tuple[tuple[str, str], ...]) -> None:
    """The client is named with a refresh token alone."""
    request = revocation_request(
        revocation_endpoint="https://id.example/revoke",
        client_id="native-app",
        token=Secret("token-1"),
        token_type_hint=hint,
        written="json",
    )
    assert request.form is None
    assert request.json == (("token", Secret("token-1")), ("token_type_hint", hint), *named)


def test_any_200_confirms_it_and_nothing_else_does() -> None:
    """An empty answer is enough; after a 503 the token still lives."""
    read_revocation(answer(b"", 200))
    for status in (204, 401, 503):
        with pytest.raises(AnswerRefused) as caught:
            read_revocation(answer(b"", status))
        assert caught.value.status == status
