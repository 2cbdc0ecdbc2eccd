"""Owns the claim on one account: the intent before a refresh token is spent, and the commit after.

It works under the account's lock and never waits. The intent holds the room for the answer: the new session is sealed
into it, and it takes the session's name. What is left behind when its process dies is for the next claim: a session
that lies whole in the intent is given its name after all; any other intent means that the token of the session beside
it may be spent.

A commit that fails leaves the intent locked by its process, for as long as that holds the answer in memory: a mark that
works on a full and on a read-only disk, and ends with the process that it speaks of.
"""

import json
import os
from collections.abc import Callable

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.record import LeftBehind, Stored
from signedin.session import Session
from signedin.version import VERSION
from signedin_adapters.stores import durable, fields, header, sealing, trust
from signedin_adapters.stores.answer import Answer
from signedin_adapters.stores.home import AccountPaths
from signedin_adapters.stores.lock import held

ROOM_FOR_ANSWER = 64 * 1024

Seal = Callable[[Session, SessionFacts | None, bool], bytes]
"""Seals a session in the place of another, of which it gets the facts; the last word is whether this is a sign-in."""


class FileClaim:
    """`signedin.ports.Claim` over the files of one account.

    `read` reads them, given whether the session is in doubt and whether it was answered elsewhere; `opened` opens the
    session that lies at a path, or raises StoreError.
    """

    def __init__(
        self,
        paths: AccountPaths,
        *,
        answer: Answer,
        read: Callable[[bool, bool], Stored],
        opened: Callable[[str], object],
        seal: Seal,
        now: float,
    ) -> None:
        self._paths, self._answer, self._read, self._opened = paths, answer, read, opened
        self._seal, self._now = seal, now
        own = answer.holds(paths.intent)
        self._answered = is_answered(paths) and not own
        self._in_doubt = in_doubt(paths) and not self._answered and not own

    def read(self) -> Stored:
        """What lies on disk now. An intent of this claim's own is no doubt; one that it found is."""
        if (self._in_doubt or self._answered) and self._is_whole():
            durable.rename(self._paths.intent, self._paths.session)
            self._in_doubt = self._answered = False
        return self._read(self._in_doubt, self._answered)

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
        self._answer.drop()
        durable.write(self._paths.intent, json.dumps(line).encode() + b"\n", room=ROOM_FOR_ANSWER)

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        """Put the session in the place of the one before, under the next generation. An intent becomes the session."""
        if not sign_in:
            self._refuse_signed_out()
        before = self._before()
        seen = max(session.generation, before.generation if before else 0, _marked_generation(self._paths))
        committed = session.with_generation(1 + seen)
        self._answer.drop()
        try:
            sealed = self._seal(committed, before, sign_in)
            self._set_aside_if_broken()
            self._put(sealed)
        except StoreError:
            self._answer.hold(self._paths.intent)
            raise
        if sign_in:
            self._remove_older_marker(committed.generation)
        else:
            self._end_if_signed_out(committed.generation)
        self._in_doubt = self._answered = False
        return committed

    def _remove_older_marker(self, generation: int) -> None:
        """A sign-out that found this very session came after it: its marker stays, and ends it."""
        if _marked_generation(self._paths) < generation:
            durable.remove(self._paths.signed_out)

    def withdraw(self) -> None:
        """Remove the intent, unless a doubt lies under it that is older than this claim."""
        if not self._in_doubt:
            durable.remove(self._paths.intent)

    def _is_whole(self) -> bool:
        """Whether a later session than the one beside it lies in the intent, and nobody signed out since."""
        try:
            self._opened(self._paths.intent)
        except StoreError:
            return False
        return not os.path.lexists(self._paths.signed_out)

    def _put(self, sealed: bytes) -> None:
        """Into the intent, which takes the session's name; one that another process holds is left alone."""
        if os.path.lexists(self._paths.intent) and not self._answered:
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
            self._opened(self._paths.session)
        except StoreError as error:
            if error.case in {"file-corrupt-truncated", "session-undecryptable"}:
                durable.set_aside(self._paths.session)

    def _refuse_signed_out(self) -> None:
        """An account that was removed meanwhile is signed out as well."""
        if os.path.lexists(self._paths.signed_out) or not os.path.lexists(self._paths.record):
            raise StoreError(
                "This account was signed out or removed meanwhile; nothing was saved", case="signed-out-elsewhere"
            )

    def _end_if_signed_out(self, generation: int) -> None:
        """A sign-out does not wait for us: one that came since the look could not see this session to end it.

        It stays for whoever finishes that sign-out, with all that lies there.
        """
        if os.path.lexists(self._paths.signed_out):
            left = left_behind(self._paths)
            mark_signed_out(self._paths, self._now, revoke=left is None or left.revoke, at_least=generation)
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


def is_answered(paths: AccountPaths) -> bool:
    """Whether the token of the session that lies there is spent, and a living process holds what came back."""
    return in_doubt(paths) and held(paths.intent)


def mark_signed_out(paths: AccountPaths, now: float, *, revoke: bool, at_least: int = 0) -> int:
    """Write the marker and give its generation: the last that it ends, so that the next sign-in's is newer.

    A commit between the look and the marker is ended as well: it saw no marker to stop it.
    """
    generation = max(_stored_generation(paths), _marked_generation(paths), at_least)
    before = left_behind(paths)
    line = {
        "schema": fields.SCHEMA,
        "writer": VERSION,
        "generation": generation,
        "revoke": revoke or (before is not None and before.revoke),
        "at": now,
    }
    durable.write(paths.signed_out, json.dumps(line).encode() + b"\n")
    if _stored_generation(paths) > generation:
        return mark_signed_out(paths, now, revoke=revoke)
    return generation


def left_behind(paths: AccountPaths) -> LeftBehind | None:
    """What a sign-out ended and did not remove: whatever lies there beside its marker.

    A later session is ended as well where the process that committed it died before it saw to the marker.
    """
    if not os.path.lexists(paths.signed_out) or not (os.path.lexists(paths.session) or os.path.lexists(paths.intent)):
        return None
    stored, committing = _stored_generation(paths), held(paths.lock)
    if not os.path.lexists(paths.signed_out):
        return None  # a sign-in was just saved
    try:
        data = trust.read(paths.signed_out)
        marker = None if data is None else fields.Fields(data, paths.signed_out)
        revoke = marker is None or marker.optional_flag("revoke") is not False
    except StoreError:
        revoke = True
    marked = _marked_generation(paths)
    return LeftBehind(generation=marked if committing else max(stored, marked), revoke=revoke)


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
