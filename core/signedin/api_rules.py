"""Owns what goes with a request to a provider's API beside the token, for everyone who builds one. It sends nothing."""

from collections.abc import MutableMapping
from urllib.parse import urlencode

from signedin.oauth.claims import word
from signedin.provider import Provider


def add_headers(headers: MutableMapping[str, str], *, provider: Provider, workspace: str | None) -> None:
    """Put in the headers that the API wants; what the caller set stays as it is.

    Not so the workspace's id: a token is good for its own workspace alone, so that header is the account's, or none.
    What no header could carry was in no token, and is not sent.
    """
    for name, value in provider.api.headers:
        headers.setdefault(name, value)
    workspace_header = provider.api.workspace_header
    if workspace_header is not None:
        headers.pop(workspace_header, None)
        if (id_ := word(workspace)) is not None:
            headers[workspace_header] = id_


def models_path(provider: Provider) -> str:
    """Where the list of models is, below `api_base`, with the query that the API wants."""
    query = provider.api.models_query
    return f"/models?{urlencode(query)}" if query else "/models"
