"""Owns the claim on one account: the intent before a refresh token is spent, and the commit after.

It works under the account's lock and never waits. The intent holds the room for the answer: the new session is sealed
into it, and it takes the session's name. What is left behind when its process dies is for the next reader: an intent
without a holder, whatever it holds, means that the token of the session beside it may be spent.
"""

import json
import os
from collections.abc import Callable

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.record import Stored
from signedin.session import Session
from signedin.version import VERSION
from signedin_adapters.stores import durable, fields, header, sealing, trust
from signedin_adapters.stores.home import AccountPaths

ROOM_FOR_ANSWER = 64 * 1024

Seal = Callable[[Session, SessionFacts | None, bool], bytes]
"""Seals a session in the place of another, of which it gets the facts; the last word is whether this is a sign-in."""


class FileClaim:
    """`signedin.ports.Claim` over the files of one account."""

    def __init__(
        self,
        paths: AccountPaths,
        *,
        read: Callable[[bool], Stored],
        seal: Seal,
        check: Callable[[], object],
        now: float,
    ) -> None:
        self._paths, self._read, self._seal, self._check, self._now = paths, read, seal, check, now
        self._in_doubt = in_doubt(paths)

    def read(self) -> Stored:
        """What lies on disk now. An intent of this claim's own is no doubt; one that it found is."""
        return self._read(self._in_doubt)

    def intend(self) -> None:
        """Write the intent, with room on the disk for the answer: a full disk is met before anything is sent."""
        facts = read_header(self._paths)
        line = {
            "schema": fields.SCHEMA,
            "writer": VERSION,
            "generation": facts.generation if facts else 0,
            "pid": os.getpid(),
            "at": self._now,
        }
        durable.write(self._paths.intent, json.dumps(line).encode() + b"\n", room=ROOM_FOR_ANSWER)

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        """Put the session in the place of the one before, under the next generation. An intent becomes the session."""
        if not sign_in:
            self._refuse_signed_out()
        before = self._before()
        seen = max(session.generation, before.generation if before else 0, _marked_generation(self._paths))
        committed = session.with_generation(1 + seen)
        sealed = self._seal(committed, before, sign_in)
        self._set_aside_if_broken()
        self._put(sealed)
        if sign_in:
            durable.remove(self._paths.signed_out)
        else:
            self._take_back_if_signed_out(committed.generation)
        self._in_doubt = False
        return committed

    def withdraw(self) -> None:
        """Remove the intent, unless an older doubt lies under it."""
        if not self._in_doubt:
            durable.remove(self._paths.intent)

    def _put(self, sealed: bytes) -> None:
        if os.path.lexists(self._paths.intent):
            durable.fill(self._paths.intent, sealed, self._paths.session)
        else:
            durable.write(self._paths.session, sealed)

    def _before(self) -> SessionFacts | None:
        """The session that will be replaced; a damaged one says nothing, a newer schema is refused."""
        try:
            return read_header(self._paths)
        except StoreError as error:
            if error.case != "file-corrupt-truncated":
                raise
            return None

    def _set_aside_if_broken(self) -> None:
        """What nobody can open is kept under another name; what could be opened is simply replaced."""
        try:
            self._check()
        except StoreError as error:
            if error.case in {"file-corrupt-truncated", "session-undecryptable"}:
                durable.set_aside(self._paths.session)

    def _refuse_signed_out(self) -> None:
        """An account that was removed meanwhile is signed out as well."""
        if os.path.lexists(self._paths.signed_out) or not os.path.lexists(self._paths.record):
            raise StoreError(
                "This account was signed out or removed meanwhile; nothing was saved", case="signed-out-elsewhere"
            )

    def _take_back_if_signed_out(self, generation: int) -> None:
        """A sign-out does not wait for us: one that came since the look could not see this session to remove it."""
        if os.path.lexists(self._paths.signed_out):
            mark_signed_out(self._paths, self._now, at_least=generation)
            durable.remove(self._paths.session)
            self._refuse_signed_out()


def read_header(paths: AccountPaths) -> SessionFacts | None:
    """The first line of the session, None where there is none. Raises StoreError."""
    data = trust.read(paths.session)
    return None if data is None else header.read(data, paths.session, holds=sealing.SESSION)


def in_doubt(paths: AccountPaths) -> bool:
    """Whether an intent lies there that no commit answered. The caller knows that its writer is gone.

    Torn, or with a session in it that never got its name, it is one still.
    """
    data = trust.read(paths.intent)
    if data is None:
        return False
    try:
        session = read_header(paths)
        intended = fields.Fields(data.partition(b"\n")[0], paths.intent).integer("generation")
    except StoreError:
        return True
    return session is None or session.generation <= intended


def mark_signed_out(paths: AccountPaths, now: float, *, at_least: int = 0) -> int:
    """Write the marker and give its generation: the last that it ends, so that the next sign-in's is newer.

    A commit between the look and the marker is ended as well: it saw no marker to stop it.
    """
    generation = max(_stored_generation(paths), _marked_generation(paths), at_least)
    line = {"schema": fields.SCHEMA, "writer": VERSION, "generation": generation, "at": now}
    durable.write(paths.signed_out, json.dumps(line).encode() + b"\n")
    if _stored_generation(paths) > generation:
        return mark_signed_out(paths, now)
    return generation


def is_ended(paths: AccountPaths, generation: int) -> bool:
    """Whether what lies there is what the marker of `generation` ended, to be asked under the lock.

    Without a marker somebody signed in since; under a later one lies what another sign-out came for.
    """
    stored = _stored_generation(paths)
    return os.path.lexists(paths.signed_out) and (not stored or _marked_generation(paths) <= generation)


def _stored_generation(paths: AccountPaths) -> int:
    """The session's generation, 0 for none and for a damaged one. Raises StoreError for a newer schema."""
    try:
        facts = read_header(paths)
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        return 0
    return facts.generation if facts else 0


def _marked_generation(paths: AccountPaths) -> int:
    try:
        data = trust.read(paths.signed_out)
        return fields.Fields(data, paths.signed_out).integer("generation") if data else 0
    except StoreError:
        return 0
