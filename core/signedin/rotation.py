"""Owns rotation: a refresh token is spent once, by one process, and what comes back is never lost.

It reads as it happens. Claim the account; whoever waits takes what another process made meanwhile, without the claim.
Read again: a newer session, a sign-out, an unsaved answer of another process, a doubt, a back-off in force each end it
without a request. Save what lies in memory alone. Write the intent. One POST. Commit the answer before anybody looks at
it. Prove whose the new ID token is. Publish, release.

It runs on a thread of its own (`exchange`), never on a caller's, and never retries a redemption.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import anyio

from signedin import commands as cmd
from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.classify.grant import refresh_outcome
from signedin.classify.transport import STRANDED
from signedin.context import Unsaved
from signedin.errors import ProviderError, SignedinError, StoreError, TransportFailed, UnknownAccount
from signedin.exchange import EXCHANGE_SECONDS
from signedin.identity import IDENTITY_SECONDS, proved
from signedin.oauth.id_token import OF_THE_TIME, Identity, IdTokenInvalid, names_another
from signedin.ports import Claim, Clock, Store
from signedin.record import AccountRecord, Health, Stored
from signedin.saving import of_the_same_number
from signedin.session import Session
from signedin.sign_out import finish, revoke_session
from signedin.states import Flag
from signedin.stored_state import is_rebound, newer_session
from signedin.waits import in_force

STORE_SECONDS = 10.0
"""How long the store may take under a claim: two readings and two commits, with a keyring's 3 s."""
CLAIM_SECONDS = EXCHANGE_SECONDS + IDENTITY_SECONDS + STORE_SECONDS
"""How long to wait for another process' redemption: no healthy holder takes longer."""
_DOUBTFUL_ANSWERS = ("provider-outage", "ok-status-error-body")
"""Answers that do not say whether the token was spent."""
Take = Callable[[ev.Event], Callable[[], None]]
"""Takes an event into the account at once; what it gives back is done when the claim is released."""


class Rotation:
    """One redemption for one account, from the claim to the events that say what came of it.

    `adopt` gets the record that came with a session, made here or in another process, before that session is told of.
    """

    def __init__(
        self,
        *,
        store: Store,
        server: AuthorizationServer,
        record: AccountRecord,
        clock: Clock,
        take: Take,
        adopt: Callable[[AccountRecord], None],
    ) -> None:
        self._store, self._server, self._record, self._clock = store, server, record, clock
        self._take, self._adopt = take, adopt
        self._afterwards: list[Callable[[], None]] = []
        self._stamp: object = None

    def run(self, command: cmd.RefreshToken) -> None:
        """Spend the session's refresh token unless somebody else already did. Never raises SignedinError."""
        try:
            if command.unsaved is Unsaved.SIGN_IN:
                self._store.save_record(self._record)
            deadline, look = time.monotonic() + CLAIM_SECONDS, self._look_while_waiting(command)
            with self._store.claim(self._record.id, deadline=deadline, meanwhile=look) as claim:
                self._under_claim(claim, command)
        except _MadeElsewhere as made:
            self._tell(made.event)
        except SignedinError as error:
            self._tell(self._without_claim(command, error))
        finally:
            for rest in self._afterwards:
                rest()

    def _tell(self, *events: ev.Event) -> None:
        """What is known is taken, and noted for other processes, before the claim is released."""
        self._afterwards += [self._take(event) for event in events]

    # waiting ------------------------------------------------------------------------------------------------------

    def _look_while_waiting(self, command: cmd.RefreshToken) -> Callable[[], None]:
        """What the holder of the claim makes of the account is taken as soon as it is there, without the claim."""

        def look() -> None:
            stamp = self._store.stamp(self._record.id)
            if stamp == self._stamp:
                return
            try:
                made = self._made_elsewhere(self._store.load(self._record.id), command)
            except StoreError:
                return
            self._stamp = stamp
            if made is not None:
                raise _MadeElsewhere(made)

        return look

    def _without_claim(self, command: cmd.RefreshToken, error: SignedinError) -> ev.Event:
        """Never uncoordinated; but what another process made of the account while this one waited is taken up."""
        if isinstance(error, UnknownAccount):
            return ev.RefreshAbandoned(at=self._clock())  # another process removed it whole
        if error.case == "signed-out-elsewhere":
            return self._unwanted(command.session)
        outcome = refresh_outcome(error, at=self._clock(), was_in_doubt=False)
        if error.case != "lock-timeout":
            return outcome
        try:
            return self._made_elsewhere(self._store.load(self._record.id), command) or outcome
        except SignedinError:
            return outcome

    # under the claim ----------------------------------------------------------------------------------------------

    def _under_claim(self, claim: Claim, command: cmd.RefreshToken) -> None:
        stored = claim.read()
        if made := self._made_elsewhere(stored, command):
            return self._tell(made)
        if held_back := self._held_back(stored, command):
            return self._tell(*held_back)
        if command.unsaved is not None:
            if (later := of_the_same_number(stored.session, command.session)) is not None:
                return self._tell(ev.SessionAdopted(at=self._clock(), session=claim.commit(later)))
            saved = claim.commit(command.session, sign_in=command.unsaved is Unsaved.SIGN_IN)
            self._tell(ev.SessionSaved(at=self._clock(), session=saved))
            command, stored = replace(command, session=saved, unsaved=None), claim.read()
        claim.intend()
        try:
            fresh = self._spend(claim, command.session)
        except ProviderError as error:
            return self._tell(self._believe(claim, command, error, stored))
        return self._keep(claim, command.session, fresh)

    def _made_elsewhere(self, stored: Stored, command: cmd.RefreshToken) -> ev.Event | None:
        """What another process made of the account meanwhile, if anything. A sign-in outranks an older sign-out."""
        session = command.session
        if stored.signed_out and command.unsaved is not Unsaved.SIGN_IN:
            self._afterwards.append(self._finish_sign_out)
            return ev.RefreshAbandoned(at=self._clock())
        if stored.session is None or stored.session.generation <= session.generation:
            return None
        if is_rebound(stored.record, self._server.provider):
            case, generation = "configuration-changed", stored.session.generation
            return ev.RefreshRefused(at=self._clock(), case=case, generation=generation)
        newer = newer_session(stored, than=session.generation)
        if newer is None:
            return self._another_users(stored.session)
        self._adopt(stored.record)
        return ev.SessionAdopted(at=self._clock(), session=newer)

    def _held_back(self, stored: Stored, command: cmd.RefreshToken) -> tuple[ev.Event, ...]:
        """Why nothing may be sent now, although nobody made anything newer; empty where nothing stands against it."""
        at, session = self._clock(), command.session
        if stored.copied:
            return (ev.RefreshRejected(at=at, case="copied-to-second-machine"),)
        if command.unsaved is not None:
            return ()  # what lies there, and any doubt of it, is older than the session in hand
        if stored.answered:
            unsaved = "unsaved-elsewhere"
            raised = ev.FlagRaised(at=at, flag=Flag.STORAGE_DEGRADED, case=unsaved)
            return raised, ev.RefreshFailed(at=at, case=unsaved)
        if stored.in_doubt and session.alive(at) and not command.refused:
            return (ev.RefreshFailed(at=at, case=_left_by(stored.health, session), in_doubt=True),)
        health = stored.health
        if health is None or command.asked or command.refused or not _in_force(health, session, at):
            return ()
        case, since, until = health.case or "unclassified", health.backed_off_at, health.retry_at or at
        return (ev.BackOffFound(at=at, case=case, since=since, until=until, in_doubt=stored.in_doubt),)

    def _spend(self, claim: Claim, session: Session) -> Session:
        """One POST. Whatever breaks before it was sent leaves no doubt behind. Raises ProviderError."""
        begun = False

        async def send() -> Session:
            nonlocal begun
            begun = True
            return await self._server.refresh(self._record, session)

        try:
            return anyio.run(send)
        except OSError as error:  # no descriptors are left for an event loop
            if begun:
                raise
            message = "The system gave this process nothing to send with."
            raise TransportFailed(message, kind="connect", sent=False, case=STRANDED) from error
        finally:
            if not begun:
                claim.withdraw()

    def _believe(self, claim: Claim, command: cmd.RefreshToken, error: ProviderError, before: Stored) -> ev.Event:
        """A verdict on the grant is believed only after the store was read once more."""
        outcome = refresh_outcome(
            error,
            at=self._clock(),
            was_in_doubt=before.in_doubt,
            ending_codes=self._server.provider.ending_codes,
        )
        if not (isinstance(outcome, ev.RefreshFailed) and outcome.in_doubt):
            claim.withdraw()
        if isinstance(outcome, ev.RefreshRejected):
            return self._made_elsewhere(claim.read(), command) or outcome
        return outcome

    def _keep(self, claim: Claim, session: Session, fresh: Session) -> None:
        """The answer is committed before anybody looks at it, but for whose it says that it is."""
        subject, id_token = self._record.subject, fresh.id_token
        is_others = id_token is not None and subject is not None and names_another(id_token, subject)
        fresh = replace(fresh, generation=session.generation, another_users=is_others)
        try:
            committed = claim.commit(fresh)
        except StoreError as error:
            return self._keep_in_memory(fresh, error)
        self._tell(*self._server.clock_events(self._clock()))
        if is_others:
            return self._tell(self._another_users(committed))
        if id_token is not None and id_token != session.id_token:
            return self._tell(*self._proved(claim, committed))
        return self._tell(ev.TokenRefreshed(at=self._clock(), session=committed))

    def _keep_in_memory(self, fresh: Session, error: StoreError) -> None:
        """After a sign-out nobody wants it; else it is used, and saved as soon as that can be."""
        if error.case == "signed-out-elsewhere":
            return self._tell(self._unwanted(fresh))
        unsaved = fresh.with_generation(fresh.generation + 1)
        if fresh.another_users:
            return self._tell(self._another_users(unsaved))
        return self._tell(ev.TokenRefreshed(at=self._clock(), session=unsaved, durable=False, case=error.case))

    def _proved(self, claim: Claim, committed: Session) -> tuple[ev.Event, ...]:
        """Only now is the signature of a new ID token looked at: what comes with a false one is kept and never used.

        Where nothing but its times is wrong, our clock is as likely to be, and the identity counts as not proved yet.
        What is beside the state comes first, so that whoever waited for the session finds it too.
        """
        at, flag = self._clock(), Flag.IDENTITY_UNVERIFIED
        try:
            identity = proved(committed, server=self._server, record=self._record)
        except IdTokenInvalid as error:
            if error.reason not in OF_THE_TIME:
                return (self._another_users(committed),)
            identity = None
        refreshed = ev.TokenRefreshed(at=at, session=committed)
        if identity is None:
            return ev.FlagRaised(at=at, flag=flag, case="identity-unverified"), refreshed
        self._note_labels(claim, identity)
        return ev.FlagCleared(at=at, flag=flag), refreshed

    def _note_labels(self, claim: Claim, identity: Identity) -> None:
        """What the user is called and pays with may have changed since the sign-in. What is not saved now is later.

        Still under the claim: nobody removes the account meanwhile. What others made of its record stands.
        """
        with suppress(SignedinError):
            saved = claim.read().record
            told = replace(saved, email=identity.email or saved.email, plan=identity.plan or saved.plan)
            if told != saved:
                self._store.save_record(told)
            self._adopt(told)

    def _another_users(self, committed: Session) -> ev.Event:
        """Our own tokens are spent, and these are never used."""
        return ev.RefreshRefused(at=self._clock(), case="refresh-token-other-user", generation=committed.generation)

    # after a sign-out ---------------------------------------------------------------------------------------------

    def _unwanted(self, session: Session) -> ev.Event:
        """The account was signed out meanwhile: tokens that came too late are revoked, once nobody waits for us."""

        def revoke() -> None:
            revoke_session(server=self._server, record=self._record, session=session)
            self._finish_sign_out()

        self._afterwards.append(revoke)
        return ev.RefreshAbandoned(at=self._clock())

    def _finish_sign_out(self) -> None:
        """Whoever signed the account out did not wait for this process."""
        finish(store=self._store, server=self._server, record=self._record)


class _MadeElsewhere(Exception):
    """Another process was faster."""

    def __init__(self, event: ev.Event) -> None:
        self.event = event


def _left_by(health: Health | None, session: Session) -> str:
    """What left the doubt: the answer that was noted of this very session, else one that never came."""
    case = health.case if health is not None and health.generation == session.generation else None
    return case if case in _DOUBTFUL_ANSWERS else "request-timeout-ambiguous"


def _in_force(health: Health, session: Session, at: float) -> bool:
    """Whether another process noted of this very session that it backs off still."""
    noted = health.generation == session.generation
    return noted and in_force(since=health.backed_off_at, until=health.retry_at, at=at)
