"""Owns the account that the suites of a store work with: invented, with a canary in its tokens, and how it changes."""

import time
from dataclasses import replace

from signedin.model_list import ModelList
from signedin.ports import Store
from signedin.record import AccountRecord, PendingRevocation
from signedin.secret import Secret
from signedin.session import Session

ACCOUNT = "a1b2c3"
CANARY = "canary-7f3a"


def sample_record(account_id: str = ACCOUNT, **changes: object) -> AccountRecord:
    """A record before its first sign-in, with whatever is changed in it."""
    record = AccountRecord(
        id=account_id,
        provider="acme",
        label=account_id,
        issuer="https://id.example",
        token_endpoint="https://id.example/token",  # noqa: S106
        api_base="https://api.example/v1",
        client_id="client-1",
        redirect_path="/auth/callback",
        created_at=1_000.0,
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def sample_session(name: str = "first", **changes: object) -> Session:
    """A session whose tokens carry the canary and this name."""
    session = Session(
        generation=0,
        access_token=Secret(f"{CANARY}-access-{name}"),
        refresh_token=Secret(f"{CANARY}-refresh-{name}"),
        id_token=Secret(f"{CANARY}-id-{name}"),
        scopes=("openid", "offline_access"),
        issued_at=1_000.0,
        expires_at=4_600.0,
        refresh_at=4_300.5,
        earliest_refresh_at=1_060.0,
        plan_enabled=True,
        host_id="",
    )
    return replace(session, **changes)  # type: ignore[arg-type]


def sample_models(account_id: str = ACCOUNT, **changes: object) -> ModelList:
    """A list of two models for the account, with whatever is changed in it."""
    listed = ModelList(
        account_id=account_id,
        provider="acme",
        api_base="https://api.example/v1",
        client_id="client-1",
        subject=None,
        models=(("m-2", "Model Two"), ("m-1", "Model One")),
        fetched_at=1_000.5,
        tried_at=1_000.5,
        etag='"v1"',
    )
    return replace(listed, **changes)  # type: ignore[arg-type]


def soon() -> float:
    """A deadline that a free claim meets at once."""
    return time.monotonic() + 5.0


def commit(store: Store, session: Session, *, account_id: str = ACCOUNT, sign_in: bool = False) -> Session:
    """Claim and commit in one go."""
    with store.claim(account_id, deadline=soon()) as claim:
        return claim.commit(session, sign_in=sign_in)


def sign_out(store: Store, *, keep_for_revocation: bool = False) -> None:
    """Mark the account and clear it."""
    ended = store.mark_signed_out(ACCOUNT)
    store.clear(ACCOUNT, ended=ended, keep_for_revocation=keep_for_revocation)


def kept(session: Session) -> PendingRevocation:
    """What `clear` keeps of a session of the sample record."""
    return PendingRevocation(record=sample_record(), token=session.refresh_token or Secret(""))
