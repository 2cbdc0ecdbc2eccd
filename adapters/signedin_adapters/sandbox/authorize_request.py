"""What an authorize request asks, once it was found good. The rules are each part's own, and stand with it."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from signedin_adapters.sandbox.parts import Part
from signedin_adapters.sandbox.registrations import Registration


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """A request that was found good, whether a browser or a device brought it.

    ``registration`` is None for a first one, and at a part with one client for everybody. ``redirect_uri`` is empty
    where a device asks, and so are the fields that a part has no use for.
    """

    part: Part
    name: str
    scopes: frozenset[str]
    resource: str
    code_challenge: str
    redirect_uri: str = ""
    state: str = ""
    nonce: str = ""
    registration: Registration | None = None
    host_id: str = ""
    login_hint: str = ""
    id_token_hint: str = ""
    prompt: Literal["", "consent"] = ""

    @property
    def redirect_path(self) -> str:
        """The part of the redirect_uri that a registration freezes."""
        return urlsplit(self.redirect_uri).path

    @property
    def redirect_origin(self) -> str:
        """Scheme, host and port of the redirect_uri."""
        return self.redirect_uri.removesuffix(self.redirect_path)
