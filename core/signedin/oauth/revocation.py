"""Owns revocation (RFC 7009): asking for it, and telling whether it is confirmed."""

from signedin.oauth.messages import Request, Response
from signedin.oauth.refusal import read_error
from signedin.secret import Secret


def revocation_request(
    *,
    revocation_endpoint: str,
    client_id: str,
    token: Secret,
    token_type_hint: str = "refresh_token",  # noqa: S107
) -> Request:
    """Ask the server to end the grant that the token belongs to (RFC 7009 §2.1), as a public client."""
    return Request(
        method="POST",
        url=revocation_endpoint,
        form=(("token", token), ("token_type_hint", token_type_hint), ("client_id", client_id)),
    )


def read_revocation(response: Response) -> None:
    """Return where revocation is confirmed: any 200, also for a token that was dead before (RFC 7009 §2.2).

    Raises AnswerRefused otherwise; after a 503 the token still lives (§2.2.1).
    """
    if response.status != 200:
        raise read_error(response)
