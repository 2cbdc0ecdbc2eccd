"""Owns what is done with a device code: ask what became of it, and redeem what was granted.

Where the answer is the tokens themselves (RFC 8628 §3.5), they lie here until the machine wants them. What nobody will
want any more is revoked, whenever it comes. It runs on an exchange's own threads.
"""

import threading
from contextlib import suppress
from dataclasses import replace
from functools import partial

import anyio

from signedin import commands as cmd
from signedin import exchange
from signedin.authorization_server import AuthorizationServer
from signedin.classify.transport import STRANDED
from signedin.code_exchange import CodeExchange
from signedin.errors import SignedinError, SignInFailed, TransportFailed
from signedin.oauth.callback import CodeReceived
from signedin.oauth.device import Flow, authorization_of
from signedin.oauth.device_answer import CodeGranted, DeviceCode, Refused, Waiting
from signedin.ports import Clock, Store
from signedin.record import AccountRecord
from signedin.session import Session
from signedin.sign_out import revoke_session


class DeviceExchange(CodeExchange):
    """One device code's way to a session. `record` is the account's as the exchange leaves it."""

    def __init__(
        self,
        *,
        store: Store,
        server: AuthorizationServer,
        record: AccountRecord,
        flow: Flow,
        code: DeviceCode,
        host_id: str,
        clock: Clock,
    ) -> None:
        authorization = authorization_of(server.provider, client_id=flow.client_id)
        super().__init__(store=store, server=server, record=record, authorization=authorization, clock=clock)
        self._flow, self._code, self._host_id = flow, code, host_id
        self._granting = threading.Lock()
        self._granted: Session | CodeGranted | None = None
        self._over = False

    def poll(self) -> Waiting | Refused | None:
        """Ask once what became of the code, within `EXCHANGE_SECONDS`; None once it is granted. Never raises
        SignedinError."""
        try:
            found = anyio.run(partial(self._server.poll_device, self._flow, self._code, host_id=self._host_id))
        except TransportFailed as error:
            return Waiting(case=error.case)
        except SignedinError as error:
            return Refused(case=error.case)
        except OSError:  # no descriptors are left for an event loop
            return Waiting(case=STRANDED)
        if isinstance(found, Waiting | Refused):
            return found
        self._keep(found)
        return None

    def give_up(self) -> None:
        """The attempt is over: tokens that were granted and are not redeemed yet are revoked, apart."""
        with self._granting:
            self._over, unwanted, self._granted = True, self._granted, None
        if unwanted is not None:
            with suppress(exchange.NoThread):
                exchange.start(partial(self._drop, unwanted), name="revocation")

    def _keep(self, granted: Session | CodeGranted) -> None:
        with self._granting:
            if not self._over:
                self._granted = granted
                return
        self._drop(granted)

    def _drop(self, granted: Session | CodeGranted) -> None:
        """A code that nobody redeems ends by itself."""
        if isinstance(granted, Session):
            with suppress(OSError):  # as in `poll`
                revoke_session(server=self._server, record=self.record, session=granted)

    async def _obtain(self, command: cmd.ExchangeCode, host_id: str) -> Session:
        with self._granting:
            granted, self._granted = self._granted, None
        if granted is None:
            raise SignInFailed("The sign-in was given up.", case="login-cancelled")
        if isinstance(granted, Session):
            return granted
        authorization = replace(self._authorization, code_verifier=granted.code_verifier)
        received = CodeReceived(code=granted.code, client_id=command.client_id)
        return await self._server.redeem(authorization, received, host_id=host_id)
