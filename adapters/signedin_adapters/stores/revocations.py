"""Owns what waits for its revocation: a file a sign-out, oldest first, each with a refresh token and nothing else.

Where that could not be opened, it is the whole sealed session. It deletes no key and takes no lock.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.secret import Secret
from signedin.session import Session
from signedin_adapters.stores import durable, header, peek, sealing, trust
from signedin_adapters.stores.home import AccountPaths
from signedin_adapters.stores.vault import Vault

REVOCATION_SECONDS = 30 * 86400.0


class Revocations:
    """The account's refresh tokens that nobody confirmed the end of yet."""

    def __init__(self, paths: AccountPaths, vault: Vault, clock: Callable[[], float]) -> None:
        self._paths, self._vault, self._clock = paths, vault, clock

    def keep_stored(self) -> None:
        """Keep the refresh token that lies there. A session whose key is out of reach stays sealed as it is."""
        data = trust.read(self._paths.session)
        facts = _facts_of(data, self._paths.session)
        if data is None or facts is None or not facts.has_refresh_token:
            return
        with suppress(StoreError):
            key = self._vault.key(facts, self._paths.id, self._paths.session)
            session = sealing.open_session(data, facts, key, self._paths.session)
            facts.written_at = self._clock()
            data = sealing.seal(session, facts, key, holds=sealing.REVOCATION)
        durable.write(self._path_for(facts.generation), data)

    def keep(self, session: Session, sealed: bytes) -> None:
        """Keep the refresh token of a session that lies in memory alone, `sealed` already. Raises StoreError."""
        if session.refresh_token is not None:
            durable.write(self._path_for(session.generation), sealed)

    def outdated(self) -> list[str]:
        """What waited 30 days."""
        since = self._clock() - REVOCATION_SECONDS
        return [path for path, facts in self._known() if facts.written_at < since]

    def oldest(self) -> tuple[SessionFacts, Secret] | None:
        """The first that can be opened. Raises StoreError where some lie there and none can."""
        refused: StoreError | None = None
        for path in peek.revocations(self._paths):
            try:
                return self._open(path)
            except StoreError as error:
                refused = refused or error
        if refused is not None:
            raise refused
        return None

    def path_of(self, token: Secret) -> str | None:
        """Where this token lies, None if nowhere."""
        for path in peek.revocations(self._paths):
            with suppress(StoreError):
                if self._open(path)[1] == token:
                    return path
        return None

    def _open(self, path: str) -> tuple[SessionFacts, Secret]:
        data = trust.read(path) or b""
        facts = read_header(data, path)
        key = self._vault.key(facts, self._paths.id, path)
        return facts, sealing.open_revocation(data, key, path)

    def _known(self) -> Iterator[tuple[str, SessionFacts]]:
        for path in peek.revocations(self._paths):
            with suppress(StoreError):
                yield path, read_header(trust.read(path) or b"", path)

    def _path_for(self, generation: int) -> str:
        """A name after all others: an earlier one is never overwritten, but by the same session once more."""
        for path, facts in self._known():
            if facts.generation == generation:
                return path
        taken = peek.revocations(self._paths)
        last = peek.revocation_number(os.path.basename(taken[-1])) if taken else 0
        return f"{self._paths.revocation_pending}-{last + 1}" if last else self._paths.revocation_pending


def _facts_of(data: bytes | None, path: str) -> SessionFacts | None:
    """What the session's first line says; None for a damaged one, which nobody can ever open."""
    with suppress(StoreError):
        return None if data is None else header.read(data, path, holds=sealing.SESSION)
    return None


def read_header(data: bytes, path: str) -> SessionFacts:
    """It is a refresh token alone, or a whole session."""
    try:
        return header.read(data, path, holds=sealing.REVOCATION)
    except StoreError as error:
        if error.case != "file-corrupt-truncated":
            raise
        return header.read(data, path, holds=sealing.SESSION)
