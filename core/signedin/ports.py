"""Owns the ports: what the core asks of its adapters. The core knows these protocols and no adapter by name.

Each docstring states the caller's duties, the guarantees and every error. Contract suites: `signedin.testing`.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from signedin.errors import TransportFailed
from signedin.model_list import ModelList
from signedin.oauth.callback import Callback
from signedin.oauth.messages import Request, Response
from signedin.record import AccountRecord, AttemptNote, Health, PendingRevocation, Preferences, Stored
from signedin.session import Session

if TYPE_CHECKING:
    import httpx

CLEARING_SECONDS = 3.0
"""How long a store waits for somebody's claim before it removes anything: a stopped holder delays no sign-out."""


class Claim(Protocol):
    """The sole right to redeem and commit for one account, from `Store.claim` to its end."""

    def read(self) -> Stored:
        """What the store holds now, read again under the claim. Raises StoreError.

        A commit that a crash cut off after its session was whole and durable is ended first. `in_doubt` speaks of an
        intent that this claim found, `answered` of one that somebody else's failed commit left.
        """
        ...

    def intend(self) -> None:
        """Write durably that the refresh token is about to be spent. Raises StoreError; then nothing may be sent."""
        ...

    def commit(self, session: Session, *, sign_in: bool = False) -> Session:
        """Make the session durable and give it back with its generation: later than the store's and than its own.

        After the return, a crash or a power cut leaves the new session; before it, the old one; never neither.
        With `sign_in` the session outranks every sign-out before; a sign-out after ends it, whatever was refreshed
        since. Without it, a sign-out since the last sign-in makes the commit fail with
        StoreError(case="signed-out-elsewhere") and the session must be revoked; so does a record that is gone.

        The generation is later than that of an answer, too, that another process could not save.

        Raises StoreError. Then, until a later commit or the end of the process, others find an intent of this claim
        `answered`: its token is spent, and the session that it was spent for lies in this process' memory.
        """
        ...

    def withdraw(self) -> None:
        """The intent came to nothing: the token was certainly not sent."""
        ...


class Store(Protocol):
    """Where one app's accounts live. Every method is synchronous, may block, and is called from any thread."""

    kind: str
    """What `status` calls it: "keyring", "file", "memory" or another's name."""
    place: str
    """Where it lies: two stores of the same place hold the same accounts."""

    def probe(self) -> None:
        """Prove that a session could be written now, before a browser opens. Raises StoreError with its case."""
        ...

    def records(self) -> Sequence[AccountRecord]:
        """All accounts of the app, oldest first. A record that cannot be read is left out, and logged by its file."""
        ...

    def save_record(self, record: AccountRecord) -> None:
        """Create or replace an account's record, durably. Raises StoreError.

        Its case is "account-exists-already", and its message names the label, where another account has the identity.
        """
        ...

    def load(self, account_id: str) -> Stored:
        """Open everything held for the account. Raises StoreError; UnknownAccount where there is no record."""
        ...

    def stamp(self, account_id: str) -> object:
        """A cheap value (two stats) that changes with every commit and sign-out by any process. Never raises."""
        ...

    def claim(
        self, account_id: str, *, deadline: float, meanwhile: Callable[[], None] = lambda: None
    ) -> AbstractContextManager[Claim]:
        """Wait for the sole right until `deadline` (monotonic seconds); StoreError(case="lock-timeout") after it.

        `meanwhile` is called again and again while it waits; what it raises ends the wait.
        """
        ...

    def sign_in_claim(self, account_id: str) -> AbstractContextManager[None]:
        """The sole right to sign in to the account, among all processes of this machine, for the length of the block.

        Accounts do not exclude each other, except those that nobody ever signed in to: of these one at a time. It ends
        with its process, however that ends, and may be entered on one thread and left on another; a forked child
        neither holds nor frees it. Never waits for another sign-in: StoreError(case="login-in-progress") names the
        process and the time that it began, as far as they are known. Raises StoreError.
        """
        ...

    def mark_signed_out(self, account_id: str, *, revoke: bool = True) -> int:
        """Write the signed-out marker durably, without waiting for any claim. A later sign-in alone outranks it.

        Gives the generation of the last session that it ended, saved or not. `revoke` is remembered for whoever has
        to finish the sign-out (`Stored.left`). Raises StoreError.
        """
        ...

    def clear(self, account_id: str, *, ended: int, keep_for_revocation: bool, unsaved: Session | None = None) -> None:
        """Remove what the marker of generation `ended` ended and, with the last secret, the key. The record stays.

        Nothing is removed where somebody signed in since, and no marker is written. With `keep_for_revocation` the
        refresh token stays for that alone, sealed, also where it cannot be opened now; that of `unsaved` takes its
        place where it is newer than what lies there. What was kept before stays too.
        Waits up to CLEARING_SECONDS for the claim, as `drop_revocation` and `forget` do. Raises StoreError.
        """
        ...

    def pending_revocation(self, account_id: str) -> PendingRevocation | None:
        """The oldest refresh token that `clear` kept; None where there is none. Raises StoreError.

        One that waited 30 days is removed; one that cannot be opened now is passed over where another can.
        """
        ...

    def drop_revocation(self, account_id: str, pending: PendingRevocation) -> None:
        """Its revocation is confirmed: remove this refresh token and, with the last secret, the key."""
        ...

    def forget(self, account_id: str) -> None:
        """Remove the account whole: record, tokens, key. Raises StoreError."""
        ...

    def note_health(self, account_id: str, health: Health) -> None:
        """Write how the account fares, but for what `stored_state.noted` keeps. Best effort: never raises."""
        ...

    def keep_models(self, models: ModelList) -> None:
        """Keep an account's list of models in place of the one before. Best effort: never raises.

        A sign-in's commit, `clear` and `forget` drop it: it is the list of one grant.
        """
        ...

    def kept_models(self, account_id: str) -> ModelList | None:
        """The list of models that was kept last; None where there is none that can be read. Never raises."""
        ...

    def note_attempt(self, note: AttemptNote | None) -> None:
        """Write what became of the last sign-in, None when it went well. Best effort: never raises."""
        ...

    def attempt(self) -> AttemptNote | None:
        """The last failed or pending sign-in of the app, if any. Never raises."""
        ...

    def host_id(self) -> str:
        """This machine's own id, `urn:uuid:…`, made on first use. It is no credential. Raises StoreError."""
        ...

    def preferences(self) -> Preferences:
        """What the user chose for the app. A broken file counts as no choice."""
        ...

    def save_preferences(self, preferences: Preferences) -> None:
        """Replace the choices, durably. Raises StoreError."""
        ...


class Http(Protocol):
    """Carries one OAuth request. TLS is verified; no redirect, retry or content coding; at most 1 MiB comes back."""

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send once and give the whole answer within `seconds`, whatever its status. Raises TransportFailed alone.

        A redirect, a content coding and an answer of more than 1 MiB raise it, too, each as a kind of its own.
        """
        ...

    def client(self, *, base_url: str, auth: Any) -> "httpx.AsyncClient":
        """A new `httpx.AsyncClient` with the same TLS and proxy settings, for the API. The caller closes it."""
        ...

    def sync_client(self, *, base_url: str, auth: Any) -> "httpx.Client":
        """The same as an `httpx.Client`, for threads."""
        ...

    def failure(self, error: Exception, *, url: str) -> TransportFailed:
        """What an exception of such a client means for a request to `url`, as an error to raise."""
        ...


class Listener(Protocol):
    """A bound loopback listener, ready before any browser opens."""

    redirect_uri: str
    """What the authorization request must carry, with the real port."""
    short_url: str
    """`http://127.0.0.1:PORT/`, which redirects to the authorization URL once `wait` was called."""

    async def wait(
        self, *, authorize_url: str, judge: Callable[[str], Callback], astray: Callable[[str], None]
    ) -> Callback:
        """Give the first callback that `judge` accepts.

        `judge` takes the raw query and raises CallbackRejected for what is not ours: that hit is answered 400 and the
        wait goes on, as it does where a browser speaks TLS: of what cannot be read, `astray` is told the case. Never
        ends by itself: the caller sets the deadline. Raises SignInFailed(case="port-in-use-own-attempt") where a newer
        sign-in took the port: no callback can come then.
        """
        ...

    async def finish(self, *, ok: bool, title: str, text: str) -> None:
        """Tell the waiting browser how the sign-in ended. Harmless where no browser waits (paste)."""
        ...


class Listen(Protocol):
    """Opens a listener. Raises SignInFailed where no port can be had, with the case (`port-in-use-other-tool`, which
    names who has the ports as far as the system tells, `port-excluded-windows`, `listener-silent`)."""

    def __call__(
        self, *, host: str, ports: Sequence[int], path: str, app_name: str
    ) -> AbstractAsyncContextManager[Listener]:
        """Bind the first port of `ports` that is free (0: any) for the length of the block.

        An earlier sign-in of this user that still waits on a fixed port is asked for it, and no other program ever is.
        """
        ...


class OpenBrowser(Protocol):
    """Shows a URL in the user's browser, detached."""

    def __call__(self, url: str) -> bool:
        """True where an opener took it: that is no proof that anyone saw it."""
        ...


class Log(Protocol):
    """Writes one line a call. Fields outside the allow-list are dropped. Never raises."""

    def write(self, event: str, **fields: object) -> None:
        """Write what happened, by its low-cardinality name."""
        ...


class Clock(Protocol):
    """Wall-clock Unix seconds, so that tests can move time."""

    def __call__(self) -> float:
        """Now."""
        ...
