"""Signing in the codex way: no nonce, workspaces, plans by name, two shapes of errors, revocation as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import pytest
from tests.support.connected import announce
from tests.support.stage import Stage, Visitor, at_rest, case_of

from signedin import Attempt, Connection, ConnectionFailed, Flag, InteractionRequired, SignInFailed, State
from signedin.connection import account_of
from signedin.errors import StoreError
from signedin.oauth.messages import Request, Response
from signedin.provider import ClaimNames
from signedin.record import AccountRecord
from signedin.testing.free_ports import free_ports
from signedin_adapters import providers
from signedin_adapters.http import HttpxClient
from signedin_adapters.sandbox.people import PEOPLE
from signedin_adapters.stores.files import FileStore

TOKEN, REVOKE = "/oauth/token", "/oauth/revoke"
ADA = PEOPLE["ada"]
PERSONAL, TEAM = ADA.workspaces


@dataclass(kw_only=True)
class Member(Visitor):
    """Somebody who says which workspace it is for."""

    workspace: str = PERSONAL
    url: str = ""

    async def decide(self, attempt: Attempt) -> str:
        self.url = attempt.url
        return self.sandbox.sign_in(attempt.url, self.person, deny=self.deny, workspace=self.workspace)


@dataclass
class CodexStage:
    """A stage whose sandbox plays the part of codex, on ports that are free."""

    stage: Stage

    def open(self, workspace: str = PERSONAL, **settings: Any) -> Any:
        """`Connection.open` for somebody of this workspace."""
        return self.stage.open(**({"provider": "sandbox-codex", "prompt": self.member(workspace)} | settings))

    def member(self, workspace: str = PERSONAL, **choices: Any) -> Member:
        """Somebody at the browser."""
        return Member(sandbox=self.stage.sandbox, workspace=workspace, **choices)


@pytest.fixture
def codex(stage: Stage) -> Iterator[CodexStage]:
    """Nobody is signed in, and people are asked."""
    sandbox = stage.sandbox
    before = sandbox.codex_ports, sandbox.error_shape, sandbox.refresh_rotates
    sandbox.codex_ports, sandbox.auto_approve = free_ports(2), False
    announce(sandbox, stage.home)
    yield CodexStage(stage)
    sandbox.codex_ports, sandbox.error_shape, sandbox.refresh_rotates = before


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked again is asked again at once."""
    monkeypatch.setattr("signedin.authorization_server.KEYS_PAUSES", (0.0, 0.0))


def record_of(connection: Connection) -> AccountRecord:
    """What is known of the account, as the store has it."""
    (found,) = (each for each in connection.accounts() if each.id == connection.snapshot.account_id)
    return found


async def failed(connection: Connection, member: Member | None = None) -> str:
    """The case that a sign-in fails with."""
    with pytest.raises(SignInFailed) as refused:
        await connection.sign_in(prompt=member)
    return refused.value.case


async def gives_up(connection: Connection) -> None:
    """A refresh that nobody needs any more."""
    with pytest.raises(InteractionRequired):
        await connection.refresh()


class Spoiled(HttpxClient):
    """Changes what a server says: members of its answers, by the path that is asked."""

    def __init__(self, path: str, **changes: object) -> None:
        super().__init__()
        self._path = path
        self.changes: Mapping[str, object] = changes

    async def send(self, request: Request, *, seconds: float) -> Response:
        """Send, and mishear."""
        answer = await super().send(request, seconds=seconds)
        if not self.changes or not request.url.endswith(self._path):
            return answer
        said = json.loads(answer.body) | dict(self.changes)
        kept = {name: value for name, value in said.items() if value is not ...}
        return replace(answer, body=json.dumps(kept).encode())


# Signing in.


async def test_a_person_signs_in_with_workspace_and_plan(codex: CodexStage) -> None:
    """Over `localhost`; who it is, for which workspace and on which plan is known from the claims."""
    async with codex.open() as connection:
        await connection.sign_in()
        seen, record = connection.snapshot, record_of(connection)
        assert (seen.state, seen.email, seen.plan, seen.plan_enabled) == (
            State.CONNECTED,
            "ada@example.com",
            "plus",
            None,
        )
        assert seen.workspace == record.workspace == ADA.workspace_id(PERSONAL)
        assert (record.plan, record.email, record.client_id) == ("plus", "ada@example.com", None)


async def test_the_request_is_what_such_a_server_takes(codex: CodexStage) -> None:
    """No nonce, no hint and no prompt, the second time neither, and our own name."""
    member = codex.member()
    async with codex.open(prompt=member) as connection:
        for _ in range(2):
            await connection.sign_in(consent=True)
            asked = parse_qs(urlsplit(member.url).query, strict_parsing=True)
            assert not {"nonce", "prompt", "login_hint", "resource"} & asked.keys()
            assert asked["originator"] == ["signedin"]
            assert asked["redirect_uri"][0].startswith("http://localhost:")


async def test_an_id_token_is_demanded_though_no_nonce_was_sent(codex: CodexStage) -> None:
    """Nobody is signed in without it being known who."""
    async with codex.open(http=Spoiled(TOKEN, id_token=...)) as connection:
        assert await failed(connection) == "id-token-invalid"
    assert codex.stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_the_access_token_tells_its_own_end(codex: CodexStage) -> None:
    """Whatever the answer says beside it."""
    async with codex.open(http=Spoiled(TOKEN, expires_in=60)) as connection:
        await connection.sign_in()
        expires_at = connection.snapshot.access_expires_at
        assert expires_at is not None
        assert 3500 < expires_at - codex.stage.clock() <= 3600


async def test_a_workspace_that_is_not_entitled_is_the_admins(codex: CodexStage) -> None:
    """It is no denial by the user."""
    codex.stage.sandbox.faults.inject("entitlement-missing")
    async with codex.open() as connection:
        assert await failed(connection) == "workspace-not-entitled"
    assert codex.stage.asked(TOKEN) == 0


# Workspaces.


async def test_two_workspaces_of_one_person_are_two_accounts(codex: CodexStage) -> None:
    """Each with tokens of its own; the address is the same."""
    async with codex.open() as one, codex.open(TEAM, new=True) as other:
        await one.sign_in()
        await other.sign_in()
        first, second = record_of(one), record_of(other)
        assert (first.subject, first.email) == (second.subject, second.email)
        assert (first.workspace, second.workspace) == (ADA.workspace_id(PERSONAL), ADA.workspace_id(TEAM))
        assert (first.label, second.label) == ("ada@example.com", "ada@example.com-2")
        assert await one.get_access_token() != await other.get_access_token()


async def test_the_same_workspace_is_not_signed_in_twice(codex: CodexStage) -> None:
    """The second account is refused; revoking its tokens might end the first one's session, so they are not."""
    async with codex.open() as one, codex.open(new=True) as other:
        await one.sign_in()
        assert await failed(other) == "account-exists-already"
        assert (one.state, other.state) == (State.CONNECTED, State.DISCONNECTED)
    assert [grant.ended for grant in codex.stage.sandbox.grants.all()[-2:]] == [None, None]


@pytest.mark.parametrize(("choice", "ended"), [({"workspace": TEAM}, None), ({"person": "emmy"}, "revoked")])
async def test_another_workspace_or_user_does_not_take_an_accounts_place(
    codex: CodexStage, choice: dict[str, str], ended: str | None
) -> None:
    """The session that was there stays in use; what came is revoked, unless it is the same user's."""
    async with codex.open() as connection:
        await connection.sign_in()
        before, known = await connection.get_access_token(), record_of(connection)
        assert await failed(connection, codex.member(**choice)) == "wrong-account-or-workspace"
        assert (connection.state, record_of(connection)) == (State.CONNECTED, known)
        assert await connection.get_access_token() == before
    assert [grant.ended for grant in codex.stage.sandbox.grants.all()[-2:]] == [None, ended]


async def test_a_workspace_that_was_not_known_is_taken_up_and_never_lost(codex: CodexStage) -> None:
    """A sign-in that names one settles it; one that names none any more is not that account's."""
    told = providers.find("sandbox-codex", home=codex.stage.home)
    silent = replace(told, claims=ClaimNames())
    for provider in (silent, told, silent):
        codex.stage.restart()
        async with codex.open(provider=provider) as connection:
            if connection.snapshot.workspace is None:
                await connection.sign_in()
            else:
                assert await failed(connection) == "wrong-account-or-workspace"
    assert record_of(connection).workspace == ADA.workspace_id(PERSONAL)


async def test_an_account_keeps_the_name_that_it_got_elsewhere(codex: CodexStage) -> None:
    """Signing in again gives it no other one; one that another account took meanwhile gets a number."""
    async with codex.open() as one, codex.open(TEAM, new=True) as other:
        await one.sign_in()
        await other.sign_in()
        store = account_of(one).store
        store.save_record(replace(record_of(one), label="work"))
        await one.sign_in()
        assert record_of(one).label == "work"
        store.save_record(replace(record_of(other), label="work"))
        await one.sign_in()
        assert record_of(one).label == "work-2"


async def test_a_provider_that_tells_no_workspace_has_none(stage: Stage) -> None:
    """And signs in as often as it likes."""
    async with stage.signed_in() as connection:
        await connection.sign_in()
        assert (connection.snapshot.workspace, connection.snapshot.plan) == (None, None)


# Refreshing.


async def test_refresh_tokens_rotate(codex: CodexStage) -> None:
    """The account stays the same, and the old token is spent."""
    async with codex.open() as connection:
        await connection.sign_in()
        account, known = account_of(connection), record_of(connection)
        spent = account.context.session
        await connection.refresh()
        held = account.context.session
        assert spent is not None
        assert held is not None
        assert (held.generation, held.refresh_token == spent.refresh_token) == (2, False)
        assert (record_of(connection), connection.flags) == (known, set())


async def test_an_answer_may_hold_the_access_token_alone(codex: CodexStage) -> None:
    """What it leaves out stays as it was."""
    codex.stage.sandbox.refresh_rotates = codex.stage.sandbox.refresh_returns_id_token = False
    http = Spoiled(TOKEN)
    async with codex.open(http=http) as connection:
        await connection.sign_in()
        account = account_of(connection)
        before, http.changes = account.context.session, {"expires_in": ...}
        await connection.refresh()
        after = account.context.session
        assert before is not None
        assert after is not None
        assert (after.refresh_token, after.id_token) == (before.refresh_token, before.id_token)
        assert after.access_token != before.access_token


@pytest.mark.parametrize("shape", ["flat", "object"])
@pytest.mark.parametrize(
    ("fault", "case"),
    [
        ("token-reused", "refresh-token-reused"),
        ("token-invalid-grant", "session-ended"),
    ],
)
async def test_both_shapes_of_a_refusal_end_the_grant(codex: CodexStage, shape: Any, fault: str, case: str) -> None:
    """By their code."""
    async with codex.open() as connection:
        await connection.sign_in()
        codex.stage.sandbox.error_shape = shape
        codex.stage.sandbox.faults.inject(fault)
        with pytest.raises(InteractionRequired):
            await connection.refresh()
        assert (connection.state, case_of(connection)) == (State.EXPIRED, case)


@pytest.mark.parametrize(
    ("said", "case"),
    [
        ({"error": {"code": "refresh_token_revoked"}}, "refresh-token-revoked"),
        ({"error": {"code": "app_session_terminated"}}, "session-ended"),
        ({"error": ..., "code": "token_invalidated"}, "refresh-token-revoked"),
        ({"error": ..., "detail": {"code": "token_revoked"}}, "refresh-token-revoked"),
    ],
)
async def test_this_server_has_more_codes_that_end_a_grant(
    codex: CodexStage, said: dict[str, object], case: str
) -> None:
    """In any of the places where it puts them."""
    http = Spoiled(TOKEN)
    async with codex.open(http=http) as connection:
        await connection.sign_in()
        codex.stage.sandbox.faults.inject("token-unknown-code")
        http.changes = said
        with pytest.raises(InteractionRequired):
            await connection.refresh()
        assert (connection.state, case_of(connection)) == (State.EXPIRED, case)


async def test_elsewhere_those_codes_end_nothing(stage: Stage) -> None:
    """The credential is kept."""
    http = Spoiled(TOKEN)
    async with stage.signed_in(http=http) as connection:
        stage.sandbox.faults.inject("token-unknown-code")
        http.changes = {"error": "refresh_token_revoked"}
        with pytest.raises(ConnectionFailed) as refused:
            await connection.refresh()
        assert (refused.value.case, connection.needs_sign_in) == ("unclassified", False)


# A plan that changes.


async def test_an_upgraded_plan_is_seen_after_a_refresh(codex: CodexStage) -> None:
    """Here, on the disk and in another process; what else was chosen meanwhile stands."""
    async with codex.open() as connection:
        await connection.sign_in()
        account_of(connection).store.save_record(replace(record_of(connection), model="m-1"))
        codex.stage.sandbox.plan = "pro"
        codex.stage.clock.advance(1)
        await connection.refresh()
        assert connection.snapshot.plan == "pro"
        assert (record_of(connection).plan, record_of(connection).model) == ("pro", "m-1")
        codex.stage.restart()
        async with codex.open() as other:
            assert other.snapshot.plan == "pro"


async def test_what_was_chosen_while_it_was_refreshed_stands(codex: CodexStage) -> None:
    """In this process and in another, on the disk and in hand: only what the answer tells is noted."""
    async with codex.open() as connection:
        await connection.sign_in()
        codex.stage.sandbox.plan = "pro"
        codex.stage.clock.advance(1)
        with codex.stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(connection.refresh)
                await held.arrived()
                connection.use_model("m-1")
                account_of(connection).store.save_record(replace(record_of(connection), label="work"))
                held.release()
        seen, record = connection.snapshot, record_of(connection)
        assert (
            (seen.plan, seen.model, seen.label) == (record.plan, record.model, record.label) == ("pro", "m-1", "work")
        )


async def test_an_account_that_is_forgotten_meanwhile_stays_forgotten(codex: CodexStage) -> None:
    """What a refresh tells of it is saved before that, or never."""
    async with codex.open() as connection:
        await connection.sign_in()
        account = account_of(connection)
        codex.stage.sandbox.plan = "pro"
        codex.stage.clock.advance(1)
        with codex.stage.holding_back(TOKEN) as held:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(gives_up, connection)
                await held.arrived()
                account.store.mark_signed_out(account.record.id)
                tasks.start_soon(anyio.to_thread.run_sync, account.store.forget, account.record.id)
                held.release()
        await at_rest()
        assert (connection.accounts(), connection.state) == ((), State.DISCONNECTED)


async def test_a_plan_that_cannot_be_saved_costs_nothing(codex: CodexStage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is committed by then; the next refresh tells it again."""

    def full(*_: object) -> None:
        raise StoreError("Full.", case="disk-full-or-readonly")

    async with codex.open() as connection:
        await connection.sign_in()
        codex.stage.sandbox.plan = "pro"
        with monkeypatch.context() as patch:
            patch.setattr(FileStore, "save_record", full)
            codex.stage.clock.advance(1)
            await connection.refresh()
        assert (connection.state, connection.snapshot.generation) == (State.CONNECTED, 2)
        assert connection.snapshot.plan == "plus"
        codex.stage.clock.advance(1)
        await connection.refresh()
        assert connection.snapshot.plan == record_of(connection).plan == "pro"


async def test_a_plan_is_believed_once_it_is_proved(codex: CodexStage) -> None:
    """While the keys are out of reach, the old one stands."""
    async with codex.open() as connection:
        await connection.sign_in()
    codex.stage.restart()
    async with codex.open() as connection:
        codex.stage.sandbox.plan = "pro"
        codex.stage.sandbox.faults.inject("jwks-503", None)
        codex.stage.clock.advance(1)
        await connection.refresh()
        assert Flag.IDENTITY_UNVERIFIED in connection.flags
        assert connection.snapshot.plan == "plus"


# Signing out.


async def test_signing_out_revokes_as_json(codex: CodexStage) -> None:
    """The sandbox takes nothing else there, and confirms it."""
    async with codex.open() as connection:
        await connection.sign_in()
        assert await connection.sign_out() is True
    assert codex.stage.asked(REVOKE) == 1
    assert codex.stage.sandbox.grants.all()[-1].ended == "revoked"


async def test_without_a_refresh_token_the_access_token_is_revoked(codex: CodexStage) -> None:
    """Without the client's name, which goes with the other kind alone."""
    async with codex.open(http=Spoiled(TOKEN, refresh_token=...)) as connection:
        await connection.sign_in()
        assert await connection.sign_out() is True
    assert codex.stage.sandbox.grants.all()[-1].ended == "revoked"
