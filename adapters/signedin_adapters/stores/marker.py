"""Owns reading the marker `signed-out`, and the one rule of what it ends.

A marker ends every session whose sign-in is not later than it. A sign-in's commit takes a later generation than any
marker's, so it outranks them and removes none; a sign-out after it is final. On the path of `status`.
"""

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin_adapters.stores import trust
from signedin_adapters.stores.fields import Fields
from signedin_adapters.stores.home import AccountPaths


class Marker:
    """The last generation that a sign-out ended, and whether the provider is to be told of it."""

    __slots__ = ("generation", "readable", "revoke")

    def __init__(self, *, generation: int, revoke: bool, readable: bool = True) -> None:
        self.generation, self.revoke, self.readable = generation, revoke, readable

    def ends(self, session: SessionFacts | None) -> bool:
        """Whether it ends this session. Where there is none, it ends whatever lies there."""
        return session is None or not self.readable or self.generation >= session.signed_in


def read(paths: AccountPaths) -> Marker | None:
    """The account's marker, None where there is none. One that cannot be read ends everything.

    Raises StoreError for a newer schema alone.
    """
    try:
        data = trust.read(paths.signed_out)
    except StoreError:
        return _unreadable()
    return None if data is None else parse(data, paths.signed_out)


def parse(data: bytes, path: str) -> Marker:
    """The marker that these bytes are; see `read`."""
    try:
        fields = Fields(data, path, kind="signed-out")
        return Marker(generation=fields.integer("generation"), revoke=fields.flag("revoke"))
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        return _unreadable()


def _unreadable() -> Marker:
    return Marker(generation=0, revoke=True, readable=False)


def is_signed_out(paths: AccountPaths, session: SessionFacts | None) -> bool:
    """Whether the account is signed out, `session` being what lies there. Raises StoreError for a newer schema."""
    marker = read(paths)
    return marker is not None and marker.ends(session)
