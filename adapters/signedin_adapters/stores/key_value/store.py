"""Owns the store over buckets and locks of somebody else's: what each call of the port reads, changes and removes.

Nothing is sealed, opened or asked of a keyring within a transaction: others would wait for the desktop's dialog.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress

from signedin.errors import SignedinError, StoreError, UnknownAccount
from signedin.model_list import ModelList
from signedin.ports import Claim, Log
from signedin.record import AccountRecord, AttemptNote, Health, PendingRevocation, Preferences, Stored
from signedin.session import Session
from signedin.stored_state import noted
from signedin_adapters.stores import home, records, sealing
from signedin_adapters.stores.key_value import revocations
from signedin_adapters.stores.key_value.account import AccountBucket
from signedin_adapters.stores.key_value.app import AppBucket
from signedin_adapters.stores.key_value.buckets import Buckets, Locks
from signedin_adapters.stores.key_value.claim import KeyValueClaim
from signedin_adapters.stores.key_value.items import HEALTH, INTENT, MODELS, REVOCATIONS, SESSION, SIGNED_OUT, Items
from signedin_adapters.stores.key_value.sign_ins import sole_sign_in
from signedin_adapters.stores.keyring_key import KeyringKeys
from signedin_adapters.stores.keys import KeyHolder
from signedin_adapters.stores.vault import Vault


class KeyValueStore:
    """`signedin.ports.Store` over `buckets` and `locks`, the tokens sealed under the keys of `keys`.

    `kind` is what `status` calls it. Without `keys` they lie in the OS keyring, under the app's name.
    """

    def __init__(
        self,
        buckets: Buckets,
        *,
        locks: Locks,
        app_name: str,
        kind: str,
        keys: KeyHolder | None = None,
        log: Log | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.kind, self.place = kind, buckets.place
        self._slug = home.slug(app_name)
        self._buckets, self._locks, self._log, self._clock = buckets, locks, log, clock
        self._vault = Vault(keys or KeyringKeys(self._slug), clock)
        self._app = AppBucket(buckets)
        self._accounts = dict[str, AccountBucket]()

    def probe(self) -> None:
        """Write and remove an item as large as any session, and ask the keys' holder."""
        self._app.probe()
        self._vault.probe()

    def records(self) -> Sequence[AccountRecord]:
        """All accounts, oldest first; one that cannot be read is logged and left out."""
        ids = self._app.account_ids()
        return records.readable(ids, lambda id_: self._account(id_).read().record(), skipped=self._skipped)

    def save_record(self, record: AccountRecord) -> None:
        """Write the record. Another account of the same user and workspace refuses it."""
        records.refuse_twin(record, self.records)
        account = self._account(record.id)
        self._app.name_account(record.id)
        with account.transaction(create=True) as items:
            items.replace_record(record)

    def load(self, account_id: str) -> Stored:
        """Open everything. An intent is a doubt while nobody holds the claim, and no later session came of it."""
        return self._stored(*self._account(account_id).look())

    def stamp(self, account_id: str) -> object:
        """What tells one session, and one marker, from the next."""
        with suppress(SignedinError):
            data = self._account(account_id).read().data
            return hash(data.get(SESSION)), hash(data.get(SIGNED_OUT))
        return None

    @contextmanager
    def claim(
        self, account_id: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Generator[Claim]:
        """The account's lock, until the block ends."""
        account = self._account(account_id)
        account.require()
        with account.claim(deadline=deadline, meanwhile=meanwhile):
            yield KeyValueClaim(account, read=self._stored, now=self._clock())

    def sign_in_claim(self, account_id: str) -> AbstractContextManager[None]:
        """The account's own lock, or the app's where nobody ever signed in to it."""
        bucket = self._app.bucket
        with suppress(StoreError, UnknownAccount):  # a record that nobody can read is replaced by the first sign-in
            account = self._account(account_id)
            if account.read().record().created_at:
                bucket = account.bucket
        return sole_sign_in(bucket, self._locks, app=self._slug, clock=self._clock)

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Write the marker, without the claim. Whoever signs out holds no answer any more, marked or not."""
        account = self._account(account_id)
        try:
            with account.transaction() as items:
                ended = items.latest(unsaved=account.answer_mark.is_held())
                items.mark_signed_out(generation=ended, revoke=revoke, at=self._clock())
        finally:
            account.answer_mark.drop()
        return ended

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool, unsaved: Session | None = None) -> None:
        """Remove the tokens; the refresh token alone may stay, sealed. A key that cannot be deleted seals nothing."""
        account = self._account(account_id)
        account.require()
        with account.undisturbed():
            items = account.read()
            if not items.is_ended(ended):
                return
            kept = self._to_revoke(account, items, unsaved) if keep_for_revocation else None
            account.answer_mark.drop()
            with account.transaction() as items:
                if kept is not None:
                    revocations.keep(items, kept)
                items.drop(HEALTH, MODELS)
                last = items.end_session()
            self._end(account, last)

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """The oldest refresh token that waits for its revocation, of those that can be opened.

        What waited 30 days is removed.
        """
        account = self._account(account_id)
        account.require()
        for data in revocations.outdated(account.read(), at=self._clock()):
            self._remove_revocation(account, data)
        items = account.read()
        oldest = revocations.oldest(items, self._vault)
        if oldest is None:
            return None
        facts, token = oldest
        return PendingRevocation(record=records.bound(items.record(), facts), token=token)

    def drop_revocation(self, account_id: str, pending: PendingRevocation) -> None:
        """Remove the kept refresh token, and the key where nothing else lies under it."""
        account = self._account(account_id)
        data = revocations.holding(pending.token, account.read(), self._vault)
        if data is not None:
            self._remove_revocation(account, data)

    def forget(self, account_id: str) -> None:
        """Remove the account's bucket with all that lies in it, and its key; not what a later version left."""
        account = self._account(account_id)
        account.require()
        with account.undisturbed():
            with account.transaction() as items:
                items.drop(SESSION, INTENT, REVOCATIONS)
            self._delete_key(account)
            with account.transaction() as items:
                items.data.clear()
            self._app.unname_account(account_id)

    def note_health(self, account_id: str, health: Health) -> None:
        """Keep how the account fares, or not."""
        with suppress(SignedinError), self._account(account_id).transaction() as items:
            items.data[HEALTH] = records.dump_health(noted(health, items.health(), at=self._clock()))

    def keep_models(self, models: ModelList) -> None:
        """Keep the list, or not."""
        with suppress(SignedinError), self._account(models.account_id).transaction() as items:
            items.data[MODELS] = records.dump_models(models)

    def kept_models(self, account_id: str) -> ModelList | None:
        """The list that was kept last; a damaged one, and one of a newer schema, says nothing."""
        with suppress(SignedinError):
            if fields := self._account(account_id).read().fields(MODELS):
                return records.load_models(fields)
        return None

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Keep what became of the last sign-in, or not."""
        with suppress(StoreError):
            self._app.note_attempt(note)

    def attempt(self) -> AttemptNote | None:
        """The last failed or pending sign-in; a damaged note says nothing."""
        with suppress(StoreError):
            return self._app.attempt()
        return None

    def host_id(self) -> str:
        """This machine's id, minted on first use; what was copied to another machine gets one of its own there."""
        return self._app.host_id()

    def preferences(self) -> Preferences:
        """What was saved last; a damaged item, and one of a newer schema, says nothing."""
        with suppress(StoreError):
            return self._app.preferences()
        return Preferences()

    def save_preferences(self, preferences: Preferences) -> None:
        """Keep the choices."""
        self._app.save_preferences(preferences)

    def _account(self, account_id: str) -> AccountBucket:
        """The account's place, whether there is such an account or not."""
        if not account_id.isascii() or not account_id.replace("-", "").isalnum():
            raise UnknownAccount("An account's id has letters, digits and hyphens only")
        if known := self._accounts.get(account_id):
            return known
        new = AccountBucket(account_id, self._buckets, self._locks, self._vault)
        return self._accounts.setdefault(account_id, new)

    def _stored(self, items: Items, in_doubt: bool, answered: bool) -> Stored:
        record, opened = items.record(), self._account(items.account_id).opened(items)
        facts, session = opened or (None, None)
        host_id = facts.host_id if facts else ""
        return Stored(
            record=records.bound(record, facts) if facts else record,
            session=session,
            health=items.health(),
            signed_out=items.is_signed_out(),
            in_doubt=in_doubt,
            answered=answered,
            left=items.left_behind(),
            copied=bool(host_id) and host_id != self._app.known_host_id(),
            revocation_pending=bool(items.revocations),
        )

    def _to_revoke(self, account: AccountBucket, items: Items, unsaved: Session | None) -> bytes | None:
        """The refresh token that lies there, or the one that took its place and lies in memory alone."""
        before = items.stored()
        if unsaved is None or (before is not None and before.generation >= unsaved.generation):
            return revocations.of_stored(items, self._vault, at=self._clock())
        if unsaved.refresh_token is None:
            return None
        return account.sealed(unsaved, items, sign_in=False, holds=sealing.REVOCATION)

    def _remove_revocation(self, account: AccountBucket, data: bytes) -> None:
        with account.undisturbed():
            with account.transaction() as items:
                last = items.end_revocation(data)
            self._end(account, last)

    def _end(self, account: AccountBucket, last: bool) -> None:
        """With the last secret the key goes; until then an intent brings the next start here again."""
        if last:
            self._delete_key(account)
            with account.transaction() as items:
                items.drop(INTENT)

    def _delete_key(self, account: AccountBucket) -> None:
        """Nothing lies under the key any more, so a keyring that is locked now is no reason to fail."""
        try:
            self._vault.delete_key(account.id)
        except StoreError as error:
            self._note("store.key_left", account.id, error)

    def _skipped(self, account_id: str, error: StoreError) -> None:
        self._note("store.record_skipped", account_id, error)

    def _note(self, event: str, account_id: str, error: StoreError) -> None:
        if self._log:
            self._log.write(event, account=account_id, case=error.case)
