"""A simulated process: one real account over real files, whose threads are strands."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from tests.support.simulated.machine import Clocks
from tests.support.simulated.server import PROVIDER, Server
from tests.support.simulated.strand import Strand, here, point, still_lives

from signedin import events as ev
from signedin.account import Account
from signedin.code_exchange import CodeExchange
from signedin.errors import ConnectionFailed, SignInFailed
from signedin.oauth.authorization import Authorization
from signedin.record import AccountRecord
from signedin.secret import Secret
from signedin.session import Session
from signedin.timekeeper import Timekeeper
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.home import AppPaths

ATTEMPT_SECONDS = 600.0


class Deadlines(Timekeeper):
    """The account's own, without a thread: they pass when the world says so."""

    def _attend(self) -> None:
        pass

    def pass_by(self) -> None:
        """What is due happens."""
        self._fire_what_is_due()


class Turns:
    """A lock of the account's that is held over a reading: whoever waits for it stands at a point."""

    def __init__(self) -> None:
        self._holder: Strand | None = None
        self._depth = 0

    def __enter__(self) -> None:
        while self._depth and self._holder is not here():
            point("opening")
        self._holder, self._depth = here(), self._depth + 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1


class Keyring:
    """`KeyHolder` of the desktop that all processes run on."""

    kind, place = "keyring", "the desktop"

    def __init__(self) -> None:
        self._keys: dict[str, Secret] = {}

    def probe(self) -> None:
        """It is there."""

    def fetch(self, account_id: str) -> Secret | None:
        """The key, if there is one."""
        return self._keys.get(account_id)

    def keep(self, account_id: str, key: Secret) -> None:
        """Keep it."""
        still_lives()
        self._keys[account_id] = key

    def delete(self, account_id: str) -> None:
        """Forget it."""
        still_lives()
        self._keys.pop(account_id, None)


@dataclass
class SignIn:
    """An attempt whose browser has been to the server."""

    id: str
    deadline: float
    timeout_case: str = "callback-never-arrives"
    ended: bool = False

    def end(self, case: str | None, *, saved: bool) -> None:
        """What it came to."""
        self.ended = True

    async def done(self) -> None:
        """Nobody waits."""


@dataclass
class Token:
    """What a caller was given: the session, or why there is none.

    `since` is when the call began, `alone` that nothing else of the process stood in the middle of reading then.
    """

    since: float
    alone: bool = True
    session: Session | None = None
    error: ConnectionFailed | None = None


@dataclass
class Complaints:
    """A log that keeps what must never be written."""

    lines: list[str] = field(default_factory=list[str])

    def write(self, event: str, **fields: object) -> None:
        """One line."""
        if event in ("exchange.failed", "listener.failed"):
            self.lines.append(f"{event} {fields}")


class Process:
    """`account` is the real thing; `given` are the tokens that callers got and nobody judged yet, `last` the latest."""

    def __init__(
        self, name: str, *, paths: AppPaths, keyring: Keyring, clocks: Clocks, server: Server, record: AccountRecord
    ) -> None:
        self.name, self.clocks = name, clocks
        self.strands: list[Strand] = []
        self.given: list[Token] = []
        self.last: Token | None = None
        self.log = Complaints()
        self.alive = True
        self._attempts = 0
        self._endings: list[Future[bool | None]] = []
        self.store = FileStore(paths, keyring, kind="keyring", clock=clocks.time)
        self.account = Account(
            record=record,
            provider=PROVIDER,
            app_name="Acme Notes",
            store=self.store,
            http=server,
            listen=_nobody_listens,
            log=self.log,
            clock=clocks.time,
        )
        vars(self.account)["_opening"] = Turns()
        self.run("open", self.account.open)

    def __str__(self) -> str:
        return self.name

    def run(self, name: str, work: Callable[[], object]) -> None:
        """Begin a strand; it stands at its start."""
        self.strands.append(Strand(name, work, process=self))

    def kill(self) -> None:
        """kill -9. The kernel frees what the process held."""
        self.alive = False
        for strand in self.strands:
            strand.kill()
        for mark in vars(self.store)["_answer_marks"].values():
            mark.drop()

    @property
    def could_not_sign_out(self) -> bool:
        """Whether somebody was told that a sign-out left tokens behind."""
        return any(ending.done() and ending.exception() is not None for ending in self._endings)

    # what people and programs do ------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Somebody wants a token, and takes what there is at once."""
        token = Token(self.clocks.elapsed, alone=sum(not strand.done for strand in self.strands) == 1)
        try:
            offer = self.account.offer()
        except ConnectionFailed as error:
            token.error = error
        else:
            token.session = None if isinstance(offer, Future) else offer
        self.given.append(token)
        self.last = token

    def look_after_deadlines(self) -> None:
        """What the clock made due happens, though nobody asks."""
        deadlines = self.account.timekeeper
        assert isinstance(deadlines, Deadlines)
        deadlines.pass_by()

    def refresh(self) -> None:
        """Somebody wants a fresh one."""
        self._unless_refused(self.account.request_refresh)

    def retry(self) -> None:
        """Somebody presses “try again”."""
        self._unless_refused(self.account.retry)

    def unauthorized(self) -> None:
        """The API refuses the token in hand."""
        self.account.open()
        context = self.account.context
        if context.session is not None:
            self.account.post(ev.ApiUnauthorized(at=self.clocks.wall, generation=context.generation))

    def sign_out(self, revoke: bool) -> None:
        """Somebody signs out."""
        self.account.open()
        self._endings.append(self.account.sign_out(revoke=revoke))

    def sign_in(self) -> None:
        """Somebody signs in, and the browser comes back at once."""
        self.account.open()
        self._attempts += 1
        attempt = SignIn(f"{self.name}-{self._attempts}", self.clocks.wall + ATTEMPT_SECONDS)
        try:
            self.account.begin(attempt, _code_exchange(self.account))
        except SignInFailed:
            return
        code = ev.CodeReceived(at=self.clocks.wall, attempt_id=attempt.id, code=Secret("code"), client_id="client")
        self.account.post(code)

    def _unless_refused(self, ask: Callable[[], Any]) -> None:
        try:
            ask()
        except ConnectionFailed as error:
            self.given.append(Token(self.clocks.elapsed, error=error))


def _code_exchange(account: Account) -> CodeExchange:
    authorization = Authorization(
        issuer=PROVIDER.issuer,
        client_id="client",
        registering=False,
        redirect_uri="http://127.0.0.1:1/auth/callback",
        scopes=PROVIDER.scopes,
        resource=None,
        state=Secret("state"),
        nonce=None,
        code_verifier=Secret("verifier"),
    )
    return CodeExchange(
        store=account.store,
        server=account.server,
        record=account.record,
        authorization=authorization,
        clock=account.clock,
    )


def _nobody_listens(**_: Any) -> Any:
    raise AssertionError
