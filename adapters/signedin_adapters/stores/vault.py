"""Owns which key seals and opens an account's session: asked of one holder, kept in memory, minted at the first commit.

It knows no paths but those that it names in errors, and it writes no session itself.
"""

from collections.abc import Callable

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session
from signedin.version import VERSION
from signedin_adapters.stores import sealing
from signedin_adapters.stores.keys import KeyHolder, key_id, new_key

_WHERE = {
    "keyring": "in the OS keyring: use SIGNEDIN_STORE=keyring",
    "file": "in a file beside it: use SIGNEDIN_STORE=file",
    "passphrase": "under a passphrase: use SIGNEDIN_PASSPHRASE_FILE",
}


class Vault:
    """The keys of one app's accounts, by one holder. A key is fetched once a process: a rotation never prompts."""

    def __init__(self, holder: KeyHolder, clock: Callable[[], float]) -> None:
        self._holder, self._clock = holder, clock
        self._keys = dict[str, Secret]()  # no lock: each use is one atomic call

    def probe(self) -> None:
        """Prove that a key could be kept now. Raises StoreError."""
        self._holder.probe()

    def key(self, facts: SessionFacts, account_id: str, path: str) -> Secret:
        """The key that this sealed file of this account lies under. Raises StoreError.

        A file of another account, and one whose key is gone, is `session-undecryptable`. One that lies under a key of
        another holder is `store-unavailable`: the session is well, the setting is not.
        """
        if facts.account_id != account_id:
            raise sealing.undecryptable(path)
        if facts.key_in != self._holder.kind:
            raise StoreError(f"The key of {path} lies {_WHERE.get(facts.key_in, 'elsewhere')}", path=path)
        known = self._keys.get(account_id)
        if known is None or key_id(known) != facts.key_id:
            known = self._holder.fetch(account_id)
        if known is None or key_id(known) != facts.key_id:
            raise sealing.undecryptable(path)
        return self._remember(account_id, known)

    def seal(
        self,
        session: Session,
        record: AccountRecord,
        before: SessionFacts | None,
        *,
        sign_in: bool,
        path: str,
        holds: str = sealing.SESSION,
    ) -> bytes:
        """The session as a whole file, bound to the record's addresses by a sign-in, else to those `before`."""
        key = self._key_for(record.id, before, path)
        before = None if sign_in else before
        bound = before or record
        facts = SessionFacts(
            account_id=record.id,
            generation=session.generation,
            signed_in=before.signed_in if before else session.generation,
            issued_at=session.issued_at,
            expires_at=session.expires_at,
            refresh_at=session.refresh_at,
            earliest_refresh_at=session.earliest_refresh_at,
            has_refresh_token=session.refresh_token is not None,
            scopes=session.scopes,
            plan_enabled=session.plan_enabled,
            host_id=session.host_id,
            another_users=session.another_users,
            issuer=bound.issuer,
            token_endpoint=bound.token_endpoint,
            api_base=bound.api_base,
            key_id=key_id(key),
            key_in=self._holder.kind,
            writer=VERSION,
            written_at=self._clock(),
        )
        return sealing.seal(session, facts, key, holds=holds)

    def delete_key(self, account_id: str) -> None:
        """Forget the key here and at its holder. Raises StoreError."""
        self._keys.pop(account_id, None)
        self._holder.delete(account_id)

    def _key_for(self, account_id: str, before: SessionFacts | None, path: str) -> Secret:
        """The key of the session before, else the one that its holder has, else a new one."""
        if before is not None:
            try:
                return self.key(before, account_id, path)
            except StoreError as error:
                if error.case != "session-undecryptable" and before.key_in == self._holder.kind:
                    raise
        held = self._fetch_whole(account_id)
        return self._remember(account_id, held or self._mint(account_id))

    def _fetch_whole(self, account_id: str) -> Secret | None:
        try:
            return self._holder.fetch(account_id)
        except StoreError as error:
            if error.case not in {"session-undecryptable", "file-corrupt-truncated"}:
                raise
            return None

    def _mint(self, account_id: str) -> Secret:
        key = new_key()
        self._holder.keep(account_id, key)
        if self._holder.fetch(account_id) != key:
            case = "keyring-silent-nonwrite" if self._holder.kind == "keyring" else StoreError.case
            raise StoreError("What should hold the key took it and did not keep it", case=case)
        return key

    def _remember(self, account_id: str, key: Secret) -> Secret:
        self._keys[account_id] = key
        return key
