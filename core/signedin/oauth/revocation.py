"""Owns revocation (RFC 7009): asking for it, and telling whether it is confirmed."""

from typing import Literal

from signedin.oauth.messages import Field, Request, Response
from signedin.oauth.refusal import read_error
from signedin.secret import Secret


def revocation_request(
    *,
    revocation_endpoint: str,
    client_id: str,
    token: Secret,
    token_type_hint: str = "refresh_token",  # noqa: S107
    written: Literal["form", "json"] = "form",
) -> Request:
    """Ask the server to end the grant that the token belongs to (RFC 7009 §2.1), as a public client.

    A server that takes it as JSON is named the client with a refresh token alone.
    """
    fields: tuple[tuple[str, Field], ...] = (("token", token), ("token_type_hint", token_type_hint))
    client: tuple[tuple[str, Field], ...] = (("client_id", client_id),)
    if written == "form":
        return Request(method="POST", url=revocation_endpoint, form=fields + client)
    with_client = token_type_hint == "refresh_token"  # noqa: S105
    return Request(method="POST", url=revocation_endpoint, json=fields + client if with_client else fields)


def read_revocation(response: Response) -> None:
    """Return where revocation is confirmed: any 200, also for a token that was dead before (RFC 7009 §2.2).

    Raises AnswerRefused otherwise; after a 503 the token still lives (§2.2.1).
    """
    if response.status != 200:
        raise read_error(response)
