"""Owns the claim on one account: the intent before a refresh token is spent, and the commit after.

It works under the account's lock and never waits. The intent holds the room for the answer: the new session is sealed
into it, and it takes the session's name. What is left behind when its process dies is for the next claim: a session
that lies whole in the intent is given its name after all; any other intent means that the token of the session beside
it may be spent.

A commit that fails leaves a lock on `answered`, for as long as its process holds the answer in memory: a mark that
works on a full and on a read-only disk, and ends with the process that it speaks of. Until then nobody else gives
away the generation that the answer has.

No marker of a sign-out is ever removed: a sign-in outranks the older ones by its generation (see `marker`).
"""

import json
import os
from collections.abc import Callable

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.record import LeftBehind, Stored
from signedin.session import Session
from signedin.version import VERSION
from signedin_adapters.stores import durable, fields, header, intent, marker, sealing, trust
from signedin_adapters.stores.answer_mark import AnswerMark
from signedin_adapters.stores.home import AccountPaths
from signedin_adapters.stores.lock import held

Opened = Callable[[str], tuple[SessionFacts, Session] | None]
"""Opens the session that lies at a path, None where there is none. Raises StoreError."""
Seal = Callable[[Session, SessionFacts | None, bool], bytes]
"""Seals a session in the place of another, of which it gets the facts; the last word is whether this is a sign-in."""


class FileClaim:
    """`signedin.ports.Claim` over the files of one account.

    `read` reads them, given whether the session is in doubt and whether it was answered elsewhere.
    """

    def __init__(
        self,
        paths: AccountPaths,
        *,
        answer_mark: AnswerMark,
        read: Callable[[bool, bool], Stored],
        opened: Opened,
        seal: Seal,
        now: float,
    ) -> None:
        self._paths, self._answer_mark, self._read, self._opened = paths, answer_mark, read, opened
        self._seal, self._now = seal, now
        doubt = is_in_doubt(paths) and not answer_mark.holds()
        self._answered = doubt and held(paths.answered)
        self._in_doubt = doubt and not self._answered

    def read(self) -> Stored:
        """What lies on disk now. An intent of this claim's own is no doubt; one that it found is."""
        if (self._in_doubt or self._answered) and end_cut_off_commit(self._paths, self._opened):
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
        self._answer_mark.drop()
        self._answer_mark.prepare()
        durable.write(self._paths.intent, json.dumps(line).encode() + b"\n", room=sealing.SESSION_BYTES)

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        """Put the session in the place of the one before, under the next generation. An intent becomes the session."""
        before = stored(self._paths)
        if sign_in:
            self._mend_marker()
        else:
            self._refuse_signed_out(before)
        committed = session.with_generation(1 + max(session.generation, _latest(self._paths, before)))
        self._answer_mark.drop()
        try:
            sealed = self._seal(committed, before, sign_in)
            self._set_aside_if_broken()
            self._put(sealed)
        except StoreError:
            self._answer_mark.hold()
            if not sign_in:
                self._refuse_signed_out(before)  # a sign-out that looked before we held it
            raise
        if not sign_in:
            self._end_if_signed_out(committed.generation)
        self._in_doubt = self._answered = False
        return committed

    def withdraw(self) -> None:
        """Remove the intent, unless a doubt lies under it that is older than this claim."""
        if not self._in_doubt:
            durable.remove(self._paths.intent)

    def _put(self, sealed: bytes) -> None:
        """Into the intent, which takes the session's name, whoever wrote it."""
        if os.path.lexists(self._paths.intent):
            durable.fill(self._paths.intent, sealed, self._paths.session)
        else:
            durable.write(self._paths.session, sealed)

    def _set_aside_if_broken(self) -> None:
        """What nobody can open is kept under another name; what could be opened is simply replaced."""
        try:
            self._opened(self._paths.session)
        except StoreError as error:
            if error.case == "schema-newer":
                raise
            if error.case in {"file-corrupt-truncated", "session-undecryptable"}:
                durable.set_aside(self._paths.session)

    def _mend_marker(self) -> None:
        """One that cannot be read outranks everything: it is written anew, for the sign-in to be later."""
        found = marker.read(self._paths)
        if found is not None and not found.readable:
            mark_signed_out(self._paths, self._now, revoke=found.revoke)

    def _refuse_signed_out(self, session: SessionFacts | None) -> None:
        """An account that was removed meanwhile is signed out as well."""
        if marker.is_signed_out(self._paths, session) or not os.path.lexists(self._paths.record):
            raise StoreError(
                "This account was signed out or removed meanwhile; nothing was saved", case="signed-out-elsewhere"
            )

    def _end_if_signed_out(self, generation: int) -> None:
        """A sign-out does not wait for us: one that came since the look could not see this session to end it.

        It stays for whoever finishes that sign-out, with all that lies there.
        """
        session, found = read_header(self._paths), marker.read(self._paths)
        if found is not None and found.ends(session):
            mark_signed_out(self._paths, self._now, revoke=found.revoke, at_least=generation)
            self._refuse_signed_out(session)


def read_header(paths: AccountPaths) -> SessionFacts | None:
    """The first line of the session, None where there is none. Raises StoreError."""
    data = trust.read(paths.session)
    return None if data is None else header.read(data, paths.session, holds=sealing.SESSION)


def is_in_doubt(paths: AccountPaths) -> bool:
    """Whether an intent lies there that no commit answered. The caller knows that nobody works on it.

    Torn, or with a session in it that never got its name, it is one still.
    """
    found = intent.read(paths)
    if found is None:
        return False
    try:
        return found.is_doubt(read_header(paths))
    except StoreError:
        return True


def end_cut_off_commit(paths: AccountPaths, opened: Opened) -> bool:
    """Give its name to a session that lies whole in the intent, and say whether one did. Needs the account's lock.

    It has to be later than the one beside it, and nobody may have signed out of it since.
    """
    try:
        found = opened(paths.intent)
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        return False
    before = stored(paths)
    if found is None or marker.is_signed_out(paths, found[0]):
        return False
    if before is not None and before.generation >= found[0].generation:
        return False
    durable.rename(paths.intent, paths.session)
    return True


def mark_signed_out(paths: AccountPaths, now: float, *, revoke: bool, at_least: int = 0) -> int:
    """Write the marker and give its generation: the last that it ends, so that the next sign-in's is newer.

    A commit between the look and the marker is ended as well, saved or not: it saw no marker to stop it.
    """
    generation = max(_latest(paths, stored(paths)), at_least)
    before = left_behind(paths)
    line = {
        "schema": fields.SCHEMA,
        "writer": VERSION,
        "generation": generation,
        "revoke": revoke or (before is not None and before.revoke),
        "at": now,
    }
    durable.write(paths.signed_out, json.dumps(line).encode() + b"\n")
    if _latest(paths, stored(paths)) > generation:
        return mark_signed_out(paths, now, revoke=revoke)
    return generation


def left_behind(paths: AccountPaths) -> LeftBehind | None:
    """What a sign-out ended and did not remove: whatever lies there beside its marker.

    A later session is ended as well where the process that committed it died before it saw to the marker.
    """
    if not (os.path.lexists(paths.session) or os.path.lexists(paths.intent)):
        return None
    session, committing = stored(paths), held(paths.lock)
    found = marker.read(paths)
    if found is None or not found.ends(session):
        return None
    there = session.generation if session else 0
    generation = found.generation if committing else max(there, found.generation)
    return LeftBehind(generation=generation, revoke=found.revoke)


def is_ended(paths: AccountPaths, generation: int) -> bool:
    """Whether what lies there is what the marker of `generation` ended, to be asked under the lock.

    It is not where somebody signed in since; under a later marker lies what another sign-out came for.
    """
    session, found = stored(paths), marker.read(paths)
    return found is not None and found.ends(session) and (session is None or found.generation <= generation)


def _latest(paths: AccountPaths, session: SessionFacts | None) -> int:
    """The last generation that anybody gave away: `session`'s, ended, or in the memory of who could not save it."""
    found = marker.read(paths)
    there = session.generation if session else 0
    return max(there, found.generation if found else 0, _unsaved(paths, session))


def _unsaved(paths: AccountPaths, session: SessionFacts | None) -> int:
    try:
        found = intent.read(paths)
    except StoreError as error:
        if error.case == "schema-newer":
            raise
        return 0
    if found is None or not found.is_doubt(session) or not held(paths.answered):
        return 0
    return found.unsaved(session.generation if session else 0)


def stored(paths: AccountPaths) -> SessionFacts | None:
    """The session's first line, None for none and for a damaged one, which nobody can open. Raises StoreError.

    One that cannot be read now is no nothing: a number that was given away would be given away again.
    """
    try:
        return read_header(paths)
    except StoreError as error:
        if error.case != "file-corrupt-truncated":
            raise
        return None
