"""Owns `FailingStore`: any store, and what can go wrong with one, by the case that a user meets."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from signedin import cases
from signedin.errors import StoreError
from signedin.model_list import ModelList
from signedin.ports import Claim, Store
from signedin.record import AccountRecord, AttemptNote, Health, PendingRevocation, Preferences, Stored
from signedin.session import Session

_UNSEALS = ("load", "read", "pending_revocation")
_SEALS = ("probe", "commit")
_WRITES = (
    *_SEALS,
    "intend",
    "save_record",
    "mark_signed_out",
    "clear",
    "drop_revocation",
    "forget",
    "save_preferences",
)
_WAITS = ("claim", "clear", "drop_revocation", "forget")

PLACES: dict[str, tuple[str, ...]] = {
    "account-exists-already": ("save_record",),
    "disk-full-or-readonly": _WRITES,
    "file-corrupt-truncated": _UNSEALS,
    "file-permission-or-owner": (*_UNSEALS, *_WRITES),
    "keyring-backend-missing": (*_UNSEALS, *_SEALS),
    "keyring-denied": (*_UNSEALS, *_SEALS),
    "keyring-hung": (*_UNSEALS, *_SEALS),
    "keyring-locked": (*_UNSEALS, *_SEALS),
    "keyring-silent-nonwrite": _SEALS,
    "lock-timeout": _WAITS,
    "login-in-progress": ("sign_in_claim",),
    "schema-newer": _UNSEALS,
    "session-undecryptable": _UNSEALS,
    "signed-out-elsewhere": ("commit",),
    "store-unavailable": (*_UNSEALS, *_WRITES),
}
"""The cases of a store, each with the methods of `Store` and `Claim` that it strikes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Trouble:
    """A case, and the methods that it strikes. Two that say the same are two."""

    case: str
    methods: tuple[str, ...]


class FailingStore:
    """A store over another one, which fails when a test says so.

        store = FailingStore(MemoryStore())
        with store.failing("keyring-locked"):
            ...

    What the store under it raises comes through; what is best effort, and the stamp, never fails.
    """

    def __init__(self, store: Store) -> None:
        self.kind, self.place = store.kind, store.place
        self._store = store
        self._troubles: list[_Trouble] = []

    @contextmanager
    def failing(self, case: str, *methods: str) -> Generator[None]:
        """Raise StoreError of this case within the block: where it strikes in earnest, or at these methods.

        Blocks add up: at one method the earlier case strikes, and the end of a block takes away its own alone. Raises
        ValueError for a case that no store has, naming those that there are.
        """
        if case not in PLACES:
            raise ValueError(f"no store fails with {case!r}; there are {', '.join(PLACES)}")
        trouble = _Trouble(case=case, methods=methods or PLACES[case])
        self._troubles.append(trouble)
        try:
            yield
        finally:
            self._troubles.remove(trouble)

    def probe(self) -> None:
        """Fail, or prove the store."""
        self._may_fail("probe")
        self._store.probe()

    def records(self) -> Sequence[AccountRecord]:
        """What the store has."""
        return self._store.records()

    def save_record(self, record: AccountRecord) -> None:
        """Fail, or save it."""
        self._may_fail("save_record")
        self._store.save_record(record)

    def load(self, account_id: str) -> Stored:
        """Fail, or open what is held."""
        self._may_fail("load")
        return self._store.load(account_id)

    def stamp(self, account_id: str) -> object:
        """The store's own."""
        return self._store.stamp(account_id)

    @contextmanager
    def claim(
        self, account_id: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> Generator[Claim]:
        """Fail, or a claim that fails as the store does."""
        self._may_fail("claim")
        with self._store.claim(account_id, deadline=deadline, meanwhile=meanwhile) as claim:
            yield _FailingClaim(claim, self._may_fail)

    def sign_in_claim(self, account_id: str) -> AbstractContextManager[None]:
        """Fail, or the store's own."""
        self._may_fail("sign_in_claim")
        return self._store.sign_in_claim(account_id)

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Fail, or mark it."""
        self._may_fail("mark_signed_out")
        return self._store.mark_signed_out(account_id, revoke=revoke)

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool, unsaved: Session | None = None) -> None:
        """Fail, or clear it."""
        self._may_fail("clear")
        self._store.clear(account_id, ended=ended, keep_for_revocation=keep_for_revocation, unsaved=unsaved)

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """Fail, or what is kept."""
        self._may_fail("pending_revocation")
        return self._store.pending_revocation(account_id)

    def drop_revocation(self, account_id: str, pending: PendingRevocation) -> None:
        """Fail, or drop it."""
        self._may_fail("drop_revocation")
        self._store.drop_revocation(account_id, pending)

    def forget(self, account_id: str) -> None:
        """Fail, or forget it."""
        self._may_fail("forget")
        self._store.forget(account_id)

    def note_health(self, account_id: str, health: Health) -> None:
        """Note it."""
        self._store.note_health(account_id, health)

    def keep_models(self, models: ModelList) -> None:
        """Keep them."""
        self._store.keep_models(models)

    def kept_models(self, account_id: str) -> ModelList | None:
        """What was kept."""
        return self._store.kept_models(account_id)

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Note it."""
        self._store.note_attempt(note)

    def attempt(self) -> AttemptNote | None:
        """What was noted."""
        return self._store.attempt()

    def host_id(self) -> str:
        """The store's own."""
        return self._store.host_id()

    def preferences(self) -> Preferences:
        """What was chosen."""
        return self._store.preferences()

    def save_preferences(self, preferences: Preferences) -> None:
        """Fail, or save them."""
        self._may_fail("save_preferences")
        self._store.save_preferences(preferences)

    def _may_fail(self, method: str) -> None:
        for trouble in tuple(self._troubles):
            if method in trouble.methods:
                raise StoreError(f"{cases.find(trouble.case).title}.", case=trouble.case)


class _FailingClaim:
    """`signedin.ports.Claim` over another one."""

    def __init__(self, claim: Claim, may_fail: Callable[[str], None]) -> None:
        self._claim, self._may_fail = claim, may_fail

    def read(self) -> Stored:
        self._may_fail("read")
        return self._claim.read()

    def intend(self) -> None:
        self._may_fail("intend")
        self._claim.intend()

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        self._may_fail("commit")
        return self._claim.commit(session, sign_in=sign_in)

    def withdraw(self) -> None:
        self._claim.withdraw()
