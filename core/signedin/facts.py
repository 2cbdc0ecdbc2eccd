"""Owns the facts of `status`: what lies on disk for an app, as it was read without key, lock or network.

Shapes only, filled by a store's peek and judged by `signedin.status`. On the path of `status`: it imports nothing.
All times are Unix seconds; `math.inf` stands for a credential that never runs out.
"""


class Fault:
    """A file that could not be taken at its word. `case` is an id of the catalogue; `message` is for people."""

    __slots__ = ("case", "message", "path")

    def __init__(self, *, case: str, path: str, message: str) -> None:
        self.case, self.path, self.message = case, path, message


class SessionFacts:
    """The first line of a session file: everything about the tokens except the tokens.

    Authenticated only once the second line was opened; `status` shows it, the account believes it after opening.
    `key_in` names what holds the sealing key: "keyring", "file" or "passphrase". `writer` is the version that wrote it.
    `signed_in` is the generation of the sign-in that the session began with: a sign-out ends it by that number.
    """

    __slots__ = (
        "account_id",
        "another_users",
        "api_base",
        "earliest_refresh_at",
        "expires_at",
        "generation",
        "has_refresh_token",
        "host_id",
        "issued_at",
        "issuer",
        "key_id",
        "key_in",
        "plan_enabled",
        "refresh_at",
        "scopes",
        "signed_in",
        "token_endpoint",
        "writer",
        "written_at",
    )

    def __init__(
        self,
        *,
        account_id: str,
        generation: int,
        issued_at: float,
        expires_at: float,
        refresh_at: float,
        earliest_refresh_at: float | None,
        has_refresh_token: bool,
        scopes: tuple[str, ...],
        plan_enabled: bool | None,
        host_id: str,
        another_users: bool,
        issuer: str,
        token_endpoint: str,
        api_base: str | None,
        key_id: str,
        key_in: str,
        writer: str,
        written_at: float,
        signed_in: int = 0,
    ) -> None:
        self.account_id, self.generation, self.signed_in = account_id, generation, signed_in
        self.issued_at, self.expires_at, self.refresh_at = issued_at, expires_at, refresh_at
        self.earliest_refresh_at, self.has_refresh_token = earliest_refresh_at, has_refresh_token
        self.scopes, self.plan_enabled, self.host_id = scopes, plan_enabled, host_id
        self.another_users = another_users
        self.issuer, self.token_endpoint, self.api_base = issuer, token_endpoint, api_base
        self.key_id, self.key_in = key_id, key_in
        self.writer, self.written_at = writer, written_at


class HealthFacts:
    """How the account fared last; to be ignored once the session has a newer generation."""

    __slots__ = ("backed_off_at", "case", "flags", "generation", "last_verified_at", "retry_at", "state")

    def __init__(
        self,
        *,
        generation: int,
        state: str,
        case: str | None,
        flags: tuple[str, ...],
        retry_at: float | None,
        last_verified_at: float | None,
        backed_off_at: float | None = None,
    ) -> None:
        self.generation, self.state, self.case, self.flags = generation, state, case, flags
        self.retry_at, self.backed_off_at, self.last_verified_at = retry_at, backed_off_at, last_verified_at


class AccountFacts:
    """One account as it lies on disk. What could not be read keeps its default and is named in `faults`.

    `intent` means that a refresh token was about to be spent under the session's generation; with `refreshing` False
    its writer is dead, or, with `answered`, holds an answer that it cannot save. `refreshing` and `signing_in` say
    whether somebody holds the lock for that right now; an account that nobody ever signed in to has the app's lock.
    `copied` means that the session names another machine than this one.
    """

    __slots__ = (
        "answered",
        "api_base",
        "client_id",
        "copied",
        "created_at",
        "email",
        "faults",
        "health",
        "id",
        "intent",
        "issuer",
        "label",
        "model",
        "plan",
        "provider",
        "refreshing",
        "revocation_pending",
        "session",
        "signed_out",
        "signing_in",
        "subject",
        "token_endpoint",
        "workspace",
    )

    def __init__(
        self,
        *,
        id: str,  # noqa: A002
        provider: str = "",
        label: str = "",
        issuer: str = "",
        token_endpoint: str = "",
        api_base: str | None = None,
        client_id: str | None = None,
        subject: str | None = None,
        workspace: str | None = None,
        email: str | None = None,
        plan: str | None = None,
        model: str | None = None,
        created_at: float = 0.0,
        session: SessionFacts | None = None,
        health: HealthFacts | None = None,
        signed_out: bool = False,
        intent: bool = False,
        answered: bool = False,
        refreshing: bool = False,
        signing_in: bool = False,
        revocation_pending: bool = False,
        copied: bool = False,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self.id, self.provider, self.label, self.issuer = id, provider, label, issuer
        self.token_endpoint, self.api_base = token_endpoint, api_base
        self.client_id, self.subject, self.workspace = client_id, subject, workspace
        self.email, self.plan, self.model = email, plan, model
        self.created_at = created_at
        self.session, self.health = session, health
        self.signed_out, self.intent, self.copied = signed_out, intent, copied
        self.answered, self.refreshing, self.signing_in = answered, refreshing, signing_in
        self.revocation_pending, self.faults = revocation_pending, faults


class AttemptFacts:
    """The last failed or pending sign-in of the app; `case` is None while it is pending.

    `provider` is None where an older version wrote it down.
    """

    __slots__ = ("account_id", "at", "case", "provider")

    def __init__(self, *, account_id: str, case: str | None, at: float, provider: str | None = None) -> None:
        self.account_id, self.case, self.at, self.provider = account_id, case, at, provider


class AppFacts:
    """One app as it lies on disk: its accounts, oldest first, and what the user chose.

    `signing_in` says whether somebody holds the lock for a first sign-in right now: one to an account to come.
    """

    __slots__ = ("accounts", "attempt", "default_account", "faults", "home", "signing_in", "slug", "store")

    def __init__(
        self,
        *,
        home: str,
        slug: str,
        accounts: tuple[AccountFacts, ...] = (),
        attempt: AttemptFacts | None = None,
        default_account: str | None = None,
        store: str | None = None,
        signing_in: bool = False,
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self.home, self.slug, self.accounts, self.attempt = home, slug, accounts, attempt
        self.default_account, self.store = default_account, store
        self.signing_in, self.faults = signing_in, faults
