"""Owns the claim on one account: the intent before a refresh token is spent, and the commit after.

It works under the account's lock and never waits. What it leaves behind when its process dies is for the next reader:
an intent without a holder means that the token of that generation may be spent.
"""

import json
import os
from collections.abc import Callable
from contextlib import suppress

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
        """Put the session in the place of the one before, under the next generation."""
        if not sign_in:
            self._refuse_signed_out()
        before = self._before()
        seen = max(session.generation, before.generation if before else 0, _marked_generation(self._paths))
        committed = session.with_generation(1 + seen)
        sealed = self._seal(committed, before, sign_in)
        self._set_aside_if_broken()
        durable.write(self._paths.session, sealed)
        if sign_in:
            durable.remove(self._paths.signed_out)
        else:
            self._take_back_if_signed_out(committed.generation)
        with suppress(StoreError):  # an intent of an older generation is no doubt
            durable.remove(self._paths.intent)
        self._in_doubt = False
        return committed

    def withdraw(self) -> None:
        """Remove the intent, unless an older doubt lies under it."""
        if not self._in_doubt:
            durable.remove(self._paths.intent)

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
        if os.path.lexists(self._paths.signed_out):
            raise StoreError("This account was signed out meanwhile; nothing was saved", case="signed-out-elsewhere")

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
    """Whether an intent lies there that no commit answered. The caller knows that its writer is gone."""
    data = trust.read(paths.intent)
    if data is None:
        return False
    try:
        session = read_header(paths)
        intended = fields.Fields(data.partition(b"\n")[0], paths.intent).integer("generation")
    except StoreError:
        return True
    return session is None or session.generation <= intended


def mark_signed_out(paths: AccountPaths, now: float, *, at_least: int = 0) -> None:
    """Write the marker. It remembers the generation, so that the next sign-in's is newer than any that was seen."""
    try:
        before = read_header(paths)
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        before = None
    generation = max(before.generation if before else 0, _marked_generation(paths), at_least)
    line = {"schema": fields.SCHEMA, "writer": VERSION, "generation": generation, "at": now}
    durable.write(paths.signed_out, json.dumps(line).encode() + b"\n")


def _marked_generation(paths: AccountPaths) -> int:
    try:
        data = trust.read(paths.signed_out)
        return fields.Fields(data, paths.signed_out).integer("generation") if data else 0
    except StoreError:
        return 0
