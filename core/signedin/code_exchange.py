"""Owns what is done with an authorization code: redeem it, prove who it names, commit the session.

It runs on an exchange's own threads. The issued registration is saved before the code is spent, so that a failed
exchange never makes the user register twice; tokens are validated before they are committed (a refresh does it the
other way round, see `rotation`).
"""

import time
from dataclasses import replace
from functools import partial

import anyio

from signedin import commands as cmd
from signedin import events as ev
from signedin.authorization_server import AuthorizationServer
from signedin.classify.grant import exchange_case
from signedin.classify.transport import STRANDED, transport_case
from signedin.errors import SignedinError, SignInFailed, StoreError, TransportFailed
from signedin.oauth.authorization import Authorization
from signedin.oauth.callback import CodeReceived
from signedin.oauth.id_token import Identity, IdTokenInvalid
from signedin.ports import Clock, Store
from signedin.record import AccountRecord
from signedin.rotation import CLAIM_SECONDS
from signedin.session import Session

REDEEM_SECONDS = 45.0
"""The total deadline from a code to a proved session: one redemption, and the keys with a second try."""


class CodeExchange:
    """One code's way to a session. `record` is the account's as the exchange leaves it.

    `refusal` is why the store did not take a session, where its message says more than the case.
    """

    refusal: StoreError | None = None

    def __init__(
        self,
        *,
        store: Store,
        server: AuthorizationServer,
        record: AccountRecord,
        authorization: Authorization,
        clock: Clock,
    ) -> None:
        self.record = record
        self._store, self._server, self._authorization, self._clock = store, server, authorization, clock

    def redeem(self, command: cmd.ExchangeCode) -> ev.Event:
        """Spend the code and validate what comes back, within `REDEEM_SECONDS`. Never raises SignedinError."""
        try:
            self._save_registration(command.client_id)
            session = anyio.run(partial(self._redeem, command))
        except SignedinError as error:
            case = exchange_case(error, registered=self._registered)
        except OSError:  # no descriptors are left for an event loop
            case = STRANDED
        else:
            return ev.CodeExchanged(at=self._clock(), attempt_id=command.attempt_id, session=session)
        return ev.CodeExchangeFailed(at=self._clock(), attempt_id=command.attempt_id, case=case)

    def commit(self, command: cmd.CommitSession, *, after: int) -> ev.Event:
        """Make the session durable, or say that it is not. Never raises SignedinError.

        `after` is the last generation that the account knows; saved or not, the session takes a later one. A user who
        has another account here already is refused; these tokens may share its grant, and are dropped as they are.
        """
        id_, session = command.attempt_id, command.session.with_generation(after)
        try:
            self._save()
            with self._store.claim(self.record.id, deadline=time.monotonic() + CLAIM_SECONDS) as claim:
                committed = claim.commit(session, sign_in=True)
        except SignedinError as error:
            if isinstance(error, StoreError) and error.case == "account-exists-already":
                self.refusal = error
                return ev.CodeExchangeFailed(at=self._clock(), attempt_id=id_, case=error.case)
            unsaved = session.with_generation(after + 1)
            case = error.case if error.case.startswith("keyring-") else "persist-failed-at-login"
            return ev.SessionCommitted(at=self._clock(), attempt_id=id_, session=unsaved, durable=False, case=case)
        return ev.SessionCommitted(at=self._clock(), attempt_id=id_, session=committed)

    @property
    def _registered(self) -> bool:
        """Whether the code was asked for with an id that the provider had issued to this account before."""
        return self._server.provider.registration == "agent" and not self._authorization.registering

    def _save_registration(self, client_id: str) -> None:
        """An issued id is on disk before anything is spent (practice of the ChatGPT flow)."""
        if self._server.provider.registration == "agent" and self.record.client_id != client_id:
            self.record = replace(self.record, client_id=client_id)
            self._save()

    def _save(self) -> None:
        """What the user chose since the attempt began, here or in another process, stands. Raises StoreError."""
        for saved in self._store.records():
            if saved.id == self.record.id:
                self.record = replace(self.record, model=saved.model, notice_shown=saved.notice_shown)
        self._store.save_record(self.record)

    async def _redeem(self, command: cmd.ExchangeCode) -> Session:
        """The session, once it is proved whose it is. What nobody will use is revoked, unless that may end another."""
        host_id = self._store.host_id()
        session: Session | None = None
        identity: Identity | None = None
        try:
            with anyio.fail_after(REDEEM_SECONDS):
                session = await self._obtain(command, host_id)
                identity = await self._identify(session, command.client_id)
                self.record = self._filled_in(identity, (await self._server.metadata()).token_endpoint)
        except Exception as error:
            if session is not None and not self._has_account(identity, command.client_id):
                await self._server.end(session, client_id=command.client_id)
            if isinstance(error, TimeoutError):
                raise _too_slow() from None
            raise
        return session

    def _has_account(self, identity: Identity | None, client_id: str) -> bool:
        """Whether this user is signed in here already: revoking a token may end all that the server gave them."""
        server, records = self._server, self._store.records()
        users = {(record.issuer, server.client_id_of(record), record.subject) for record in records}
        return identity is not None and (server.provider.issuer, client_id, identity.subject) in users

    async def _obtain(self, command: cmd.ExchangeCode, host_id: str) -> Session:
        received = CodeReceived(code=command.code, client_id=command.client_id)
        return await self._server.redeem(self._authorization, received, host_id=host_id)

    async def _identify(self, session: Session, client_id: str) -> Identity | None:
        """Who signed in; None at a provider that was not asked (OpenID Connect Core §3.1.3.3: else it must say)."""
        if "openid" in self._server.provider.scopes and session.id_token is None:
            raise IdTokenInvalid("malformed")
        return await self._server.identify(session, client_id=client_id, nonce=self._authorization.nonce)

    def _filled_in(self, identity: Identity | None, token_endpoint: str) -> AccountRecord:
        """The record with who signed in and where. Raises SignInFailed for another user or workspace than its own."""
        subject, workspace = (identity.subject, identity.workspace) if identity else (None, None)
        if self.record.subject not in (None, subject) or self.record.workspace not in (None, workspace):
            raise SignInFailed("The browser was signed in as somebody else.", case="wrong-account-or-workspace")
        provider = self._server.provider
        return replace(
            self.record,
            issuer=provider.issuer,
            token_endpoint=token_endpoint,
            api_base=provider.api_base,
            subject=subject,
            workspace=workspace,
            email=(identity.email if identity else None) or self.record.email,
            plan=identity.plan if identity else None,
            label=self._free_label(self._label or (identity.email if identity else None) or provider.name),
            redirect_path=self.record.redirect_path or provider.redirect_path,
            created_at=self.record.created_at or self._clock(),
        )

    @property
    def _label(self) -> str:
        """What the account is called by now: it may have got another name since the attempt began."""
        saved = (record.label for record in self._store.records() if record.id == self.record.id)
        return next(saved, "") or self.record.label

    def _free_label(self, wanted: str) -> str:
        """The wanted label, numbered where another account is called so already."""
        taken = {record.label for record in self._store.records() if record.id != self.record.id}
        label, number = wanted, 2
        while label in taken:
            label, number = f"{wanted}-{number}", number + 1
        return label


def _too_slow() -> TransportFailed:
    message = "The provider took too long to complete the sign-in."
    return TransportFailed(message, kind="deadline", sent=True, case=transport_case("deadline", sent=True))
