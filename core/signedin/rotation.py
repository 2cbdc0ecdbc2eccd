"""Owns rotation: a refresh token is spent once, by one process, and what comes back is never lost.

Reads top to bottom as it happens: claim, read again, write the intent, one POST, commit, prove whose it is, release,
publish. It runs on an exchange's own thread (`exchange`), never on a caller's, and reports one event. It never retries
a redemption.
"""

import time
from collections.abc import Sequence

import anyio

from signedin import classify
from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.errors import ProviderError, SignedinError, StoreError
from signedin.exchange import EXCHANGE_SECONDS
from signedin.oauth.id_token import IdTokenInvalid
from signedin.ports import Claim, Clock, Store
from signedin.record import AccountRecord, Stored
from signedin.session import Session
from signedin.sign_out import revoke_session
from signedin.states import Flag
from signedin.stored_state import newer_session

IDENTITY_SECONDS = 10.0
"""How long the keys of a new ID token may take while others wait for the refreshed session."""
STORE_SECONDS = 10.0
"""How long the store may take under a claim: two readings and a commit, each with a keyring's 3 s."""
CLAIM_SECONDS = EXCHANGE_SECONDS + IDENTITY_SECONDS + STORE_SECONDS
"""How long to wait for another process' redemption: no healthy holder takes longer."""


class Rotation:
    """One redemption for one account, from the claim to the event that says what came of it."""

    def __init__(self, *, store: Store, server: AuthorizationServer, record: AccountRecord, clock: Clock) -> None:
        self._store, self._server, self._record, self._clock = store, server, record, clock
        self._unwanted: Session | None = None

    def run(self, session: Session) -> Sequence[ev.Event]:
        """Spend the session's refresh token unless somebody else already did. Never raises SignedinError."""
        try:
            with self._store.claim(self._record.id, deadline=time.monotonic() + CLAIM_SECONDS) as claim:
                outcomes = self._under_claim(claim, session)
        except SignedinError as error:
            return (self._without_claim(session, error),)
        if self._unwanted is not None:
            revoke_session(server=self._server, record=self._record, session=self._unwanted)
        return outcomes

    def _without_claim(self, session: Session, error: SignedinError) -> ev.Event:
        """Never uncoordinated; but what another process made of the account while this one waited is taken up."""
        outcome = classify.refresh_outcome(error, at=self._clock(), was_in_doubt=False)
        if error.case != "lock-timeout":
            return outcome
        try:
            return self._made_elsewhere(self._store.load(self._record.id), session) or outcome
        except SignedinError:
            return outcome

    def _under_claim(self, claim: Claim, session: Session) -> Sequence[ev.Event]:
        stored = claim.read()
        if made := self._made_elsewhere(stored, session):
            return (made,)
        claim.intend()
        try:
            fresh = self._spend(claim, session)
        except ProviderError as error:
            return (self._believe(claim, session, error, was_in_doubt=stored.in_doubt),)
        return self._keep(claim, session, fresh)

    def _spend(self, claim: Claim, session: Session) -> Session:
        """One POST. Whatever breaks before it was sent leaves no doubt behind. Raises ProviderError."""
        begun = False

        async def send() -> Session:
            nonlocal begun
            begun = True
            return await self._server.refresh(self._record, session)

        try:
            return anyio.run(send)
        finally:
            if not begun:
                claim.withdraw()

    def _believe(self, claim: Claim, session: Session, error: ProviderError, *, was_in_doubt: bool) -> ev.Event:
        """A verdict on the grant is believed only after the store was read once more."""
        outcome = classify.refresh_outcome(error, at=self._clock(), was_in_doubt=was_in_doubt)
        if not (isinstance(outcome, ev.RefreshFailed) and outcome.in_doubt):
            claim.withdraw()
        if isinstance(outcome, ev.RefreshRejected):
            return self._made_elsewhere(claim.read(), session) or outcome
        return outcome

    def _made_elsewhere(self, stored: Stored, session: Session) -> ev.Event | None:
        """What another process made of the account since `session`, if anything."""
        if stored.signed_out:
            return ev.RefreshAbandoned(at=self._clock())
        if stored.session is None or stored.session.generation <= session.generation:
            return None
        newer = newer_session(stored, than=session.generation)
        if newer is None:
            return self._another_users(stored.session)
        return ev.SessionAdopted(at=self._clock(), session=newer)

    def _another_users(self, committed: Session) -> ev.Event:
        """Our own tokens are spent, and these are never used."""
        return ev.RefreshRefused(at=self._clock(), case="refresh-token-other-user", generation=committed.generation)

    def _keep(self, claim: Claim, session: Session, fresh: Session) -> Sequence[ev.Event]:
        """The answer is committed before anybody looks at it."""
        try:
            committed = claim.commit(fresh.with_generation(session.generation))
        except StoreError as error:
            if error.case == "signed-out-elsewhere":
                self._unwanted = fresh
                return (ev.RefreshAbandoned(at=self._clock()),)
            unsaved = fresh.with_generation(session.generation + 1)
            return (ev.TokenRefreshed(at=self._clock(), session=unsaved, durable=False, case=error.case),)
        if fresh.id_token is None or fresh.id_token == session.id_token:
            return (ev.TokenRefreshed(at=self._clock(), session=committed),)
        return self._identified(committed)

    def _identified(self, committed: Session) -> Sequence[ev.Event]:
        """Only now is a new ID token looked at: somebody else's tokens are kept and never used.

        What is beside the state comes first, so that whoever waited for the session finds it too.
        """
        client_id = self._server.client_id_of(self._record)
        refreshed = ev.TokenRefreshed(at=self._clock(), session=committed)

        async def identify() -> None:
            with anyio.fail_after(IDENTITY_SECONDS):
                await self._server.identify(committed, client_id=client_id, nonce=None, subject=self._record.subject)

        try:
            anyio.run(identify)
        except IdTokenInvalid:
            return (self._another_users(committed),)
        except (SignedinError, TimeoutError):
            unverified = ev.FlagRaised(at=self._clock(), flag=Flag.IDENTITY_UNVERIFIED, case="identity-unverified")
            return (unverified, refreshed)
        return (ev.FlagCleared(at=self._clock(), flag=Flag.IDENTITY_UNVERIFIED), refreshed)
