"""`status` judges from what lies on disk what the machine finds when it loads the account: held to the same answer."""

import math
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signedin import machine
from signedin.cases import CASES, is_bug
from signedin.context import Context
from signedin.events import StoreFailed
from signedin.facts import AccountFacts, AttemptFacts, Fault, HealthFacts, SessionFacts
from signedin.machine import Step
from signedin.provider import Provider
from signedin.record import AccountRecord, Health, Stored
from signedin.secret import Secret
from signedin.session import Session
from signedin.states import Flag, State
from signedin.status import Status, judge
from signedin.stored_state import loaded

NOW = 1_800_000_000.0
PROVIDER = Provider(
    name="acme", title="Acme", issuer="https://id.example", client_id="app", api_base="https://api.example"
)
RECORD = AccountRecord(
    id="a1", provider="acme", label="work", issuer=PROVIDER.issuer, api_base=PROVIDER.api_base, subject="ada"
)

case_ids = st.none() | st.just("refresh-token-other-user") | st.sampled_from(sorted(CASES))
flag_names = st.frozensets(st.sampled_from([flag.value for flag in Flag])).map(lambda names: tuple(sorted(names)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What lies there, in the words of both."""

    stored: Stored
    attempt: AttemptFacts | None
    provider: Provider

    def facts(self) -> AccountFacts:
        """As `status` reads it: without the key."""
        stored, session, health = self.stored, self.stored.session, self.stored.health
        return AccountFacts(
            id=stored.record.id,
            issuer=stored.record.issuer,
            api_base=stored.record.api_base,
            session=None if session is None else facts_of(session),
            health=None
            if health is None
            else HealthFacts(**{name: getattr(health, name) for name in Health.__slots__}),
            signed_out=stored.signed_out,
            intent=stored.in_doubt or stored.answered,
            answered=stored.answered,
            copied=stored.copied,
        )

    def judged(self) -> Status:
        """What `status` says."""
        return judge(self.facts(), at=NOW, attempt=self.attempt, rebound=self.provider != PROVIDER)

    def loaded(self) -> Step:
        """What the machine finds."""
        mine = self.attempt is not None and self.attempt.account_id == self.stored.record.id
        case = self.attempt.case if self.attempt is not None and mine else None
        return machine.step(State.DISCONNECTED, Context(), loaded(self.stored, self.provider, at=NOW, case=case))


def facts_of(session: Session) -> SessionFacts:
    """The header that a store writes over the session."""
    return SessionFacts(
        account_id=RECORD.id,
        generation=session.generation,
        issued_at=session.issued_at,
        expires_at=session.expires_at,
        refresh_at=session.refresh_at,
        earliest_refresh_at=session.earliest_refresh_at,
        has_refresh_token=session.refresh_token is not None,
        scopes=session.scopes,
        plan_enabled=session.plan_enabled,
        host_id=session.host_id,
        another_users=session.another_users,
        issuer=RECORD.issuer,
        token_endpoint="",
        api_base=RECORD.api_base,
        key_id="k",
        key_in="file",
        writer="0.1.0",
        written_at=NOW,
    )


@st.composite
def disks(draw: st.DrawFn) -> Disk:
    """Any combination that a store could hand out."""
    generation = draw(st.integers(1, 3))
    session = Session(
        generation=generation,
        access_token=Secret("at"),
        refresh_token=draw(st.none() | st.just(Secret("rt"))),
        issued_at=NOW - 3600,
        expires_at=draw(st.sampled_from([NOW - 1, NOW, NOW + 1, NOW + 3600, math.inf])),
        refresh_at=NOW,
        plan_enabled=draw(st.none() | st.booleans()),
        another_users=draw(st.sampled_from([False, False, False, True])),
    )
    health = Health(
        generation=draw(st.integers(1, 3)),
        state=draw(st.sampled_from(["connected", "expired", "error"])),
        case=(case := draw(case_ids)),
        flags=draw(flag_names),
        retry_at=None if case is not None and is_bug(case) else draw(st.none() | st.just(NOW + 60)),
    )
    stored = Stored(
        record=RECORD,
        session=draw(st.none() | st.just(session)),
        health=draw(st.none() | st.just(health)),
        signed_out=draw(st.booleans()),
        in_doubt=(intent := draw(st.sampled_from([None, "doubt", "answered"]))) == "doubt",
        answered=intent == "answered",
        copied=draw(st.booleans()),
    )
    owner = draw(st.sampled_from(["a1", "another"]))
    attempt = draw(st.none() | case_ids.map(lambda case: AttemptFacts(account_id=owner, case=case, at=NOW)))
    moved = draw(st.sampled_from([PROVIDER, PROVIDER, replace(PROVIDER, api_base="https://elsewhere.example")]))
    return Disk(stored=stored, attempt=attempt, provider=moved)


@given(disks())
def test_status_agrees_with_the_machine(disk: Disk) -> None:
    """State, case and flags are the same, whatever lies on disk."""
    status, step = disk.judged(), disk.loaded()

    assert status.state is step.state
    assert status.case == step.context.case
    assert set(status.flags) == {flag.value for flag in step.context.flags}


@given(disks())
def test_status_knows_the_time_of_the_next_try_where_another_process_left_it(disk: Disk) -> None:
    """What `status` promises is what the machine will do."""
    status, step = disk.judged(), disk.loaded()

    assert status.retry_at in (None, step.context.retry_at)


@pytest.mark.parametrize("case", ["session-undecryptable", "file-corrupt-truncated", "schema-newer", "keyring-locked"])
def test_a_file_that_cannot_be_taken_is_the_machines_failed_store(case: str) -> None:
    """A fault of the files, and the store's error for it, lead to the same place."""
    facts = AccountFacts(id="a1", faults=(Fault(case=case, path="/session", message="It is damaged"),))
    step = machine.step(State.DISCONNECTED, Context(), StoreFailed(at=NOW, case=case))
    status = judge(facts, at=NOW)

    assert (status.state, status.case) == (step.state, step.context.case)


def test_a_file_that_others_may_read_is_no_trouble() -> None:
    """The store reads it too; people are told elsewhere."""
    facts = AccountFacts(id="a1", faults=(Fault(case="file-too-open", path="/session", message="Others may read it"),))

    assert judge(facts, at=NOW).state is State.DISCONNECTED


def test_a_lock_that_is_held_shows_what_is_never_written() -> None:
    """Authorizing and Refreshing."""
    connected = AccountFacts(id="a1", session=_session())
    connected.refreshing = True
    assert judge(connected, at=NOW).state is State.REFRESHING
    connected.signing_in = True
    assert judge(connected, at=NOW).state is State.AUTHORIZING


def test_a_pending_sign_in_counts_as_long_as_its_lock_is_held() -> None:
    """Its process died: what it left is neither a sign-in nor a failure, over a session or over none."""
    pending = AttemptFacts(account_id="a1", case=None, at=NOW)
    for account in (AccountFacts(id="a1"), AccountFacts(id="a1", session=_session())):
        before = judge(account, at=NOW)
        account.signing_in = True
        assert judge(account, at=NOW, attempt=pending).state is State.AUTHORIZING
        account.signing_in = False
        after = judge(account, at=NOW, attempt=pending)
        assert (after.state, after.case, after.flags) == (before.state, None, before.flags)


def test_an_intent_is_a_doubt_once_its_writer_is_dead() -> None:
    """While somebody holds the lock it is a refresh."""
    account = AccountFacts(id="a1", session=_session(), intent=True)
    assert Flag.IN_DOUBT.value in judge(account, at=NOW).flags
    account.refreshing = True
    assert Flag.IN_DOUBT.value not in judge(account, at=NOW).flags


def _session() -> SessionFacts:
    return facts_of(
        Session(
            generation=1,
            access_token=Secret("at"),
            refresh_token=Secret("rt"),
            issued_at=NOW,
            expires_at=NOW + 3600,
            refresh_at=NOW + 3000,
        )
    )
