"""Owns reading claims: what a token says of itself, and which of it may be shown to people.

Total, and proof of nothing: a token is taken at its word here, and an ID token is believed by `id_token` alone.
"""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable
from functools import reduce
from typing import cast

from signedin.oauth.strict_json import MalformedJson, member, parse_object
from signedin.provider import ClaimPath
from signedin.secret import Secret

Claims = dict[str, object]

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_WORD = re.compile(r"[!-~]{1,255}")


def segment(text: str, place: int) -> Claims:
    """One part of a compact JWS (RFC 7515 §7.1): 0 is its header, 1 its payload. Raises MalformedJson."""
    if not _COMPACT.fullmatch(text):
        raise MalformedJson("not three parts in base64url")
    part = text.split(".")[place]
    try:
        return parse_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        raise MalformedJson("not base64url") from None


def unverified(token: Secret) -> Claims:
    """The claims of a JWT (RFC 7519 §3), nothing of which is checked; none for a token that is opaque."""
    try:
        return segment(token.reveal(), 1)
    except MalformedJson:
        return {}


def first(fit: Callable[[object], str | None], paths: Iterable[ClaimPath], *sources: Claims) -> str | None:
    """The first claim that is fit: all `paths` in the first source, then in the next."""
    paths = tuple(paths)
    found = (fit(_at(source, path)) for source in sources for path in paths)
    return next((value for value in found if value is not None), None)


def label(value: object) -> str | None:
    """A text that may be shown: short and printable, so that it cannot steer a terminal."""
    return value if isinstance(value, str) and 0 < len(value) <= 320 and value.isprintable() else None


def word(value: object) -> str | None:
    """An id that a header can carry: visible ASCII characters, 255 at most."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _at(claims: Claims, path: ClaimPath) -> object:
    return reduce(member, path, cast(object, claims))
