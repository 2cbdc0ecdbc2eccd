"""Owns the records of an account that hold no secret: who it is, how it fares, what is on disk for it.

Shapes only. Reading and writing them is the stores' work; judging them is `status`' and the machine's.
"""

from dataclasses import dataclass, field

from signedin.secret import Secret
from signedin.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """One registration of one user at one provider within one app.

    `client_id` is None until the provider issued one; `subject` is None until a sign-in was completed.
    `workspace` is the id of the one that the user signed in to, None where the provider tells none: with another one it
    is another account. `redirect_path` is frozen by the registration.
    `token_endpoint` and `api_base` are what the last sign-in used: where the configuration says otherwise now, nothing
    is sent. `email` and `plan` are names for people, never an identity.
    """

    id: str
    provider: str
    label: str
    issuer: str
    token_endpoint: str = ""
    api_base: str | None = None
    client_id: str | None = None
    subject: str | None = None
    workspace: str | None = None
    email: str | None = None
    plan: str | None = None
    model: str | None = None
    redirect_path: str = ""
    created_at: float = 0.0
    notice_shown: bool = False

    @property
    def identity(self) -> tuple[str | None, ...] | None:
        """What no two accounts of an app have in common; None while nobody signed in to it."""
        return None if self.subject is None else (self.issuer, self.client_id, self.subject, self.workspace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the account fared last, beside its tokens; ignored once the session has a newer generation.

    Nothing is tried from `backed_off_at` until `retry_at`, both Unix seconds.
    """

    generation: int
    state: str
    case: str | None = None
    flags: tuple[str, ...] = ()
    retry_at: float | None = None
    backed_off_at: float | None = None
    last_verified_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptNote:
    """The last failed or pending sign-in of an app, so that a later `status` can say what became of it.

    `case` is None while it is pending, `provider` where an older version wrote the note.
    """

    account_id: str
    case: str | None
    at: float
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """Tokens that a sign-out ended and did not remove yet, up to `generation`; `revoke`: the provider is to be told."""

    generation: int
    revoke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Everything that a store holds for one account, read in one go.

    `in_doubt`: the refresh token may have been spent by a process that died before it could say. `answered`: it was
    spent, and a living process holds what came back and cannot save it. `left` is None unless the account is
    signed out and tokens still lie there.
    """

    record: AccountRecord
    session: Session | None = None
    health: Health | None = None
    signed_out: bool = False
    in_doubt: bool = False
    answered: bool = False
    copied: bool = False
    left: LeftBehind | None = None
    revocation_pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRevocation:
    """A refresh token whose revocation nobody confirmed yet; `record` names the addresses that it was made with."""

    record: AccountRecord
    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the user chose for an app: the default account and where the key lies (None: not asked yet)."""

    default_account: str | None = None
    store: str | None = None
    unknown: dict[str, object] = field(default_factory=dict[str, object])
