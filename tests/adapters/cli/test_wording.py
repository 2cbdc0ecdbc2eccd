"""How a status is put into words."""

import pytest

from signedin.facts import AccountFacts, SessionFacts
from signedin.states import State
from signedin.status import Status
from signedin_adapters.cli import wording


def connected(plan_enabled: bool | None) -> Status:
    """A session that may use the plan, or may not, or at a provider where that is no question."""
    session = SessionFacts(
        account_id="a1",
        generation=1,
        issued_at=0.0,
        expires_at=60.0,
        refresh_at=50.0,
        earliest_refresh_at=None,
        has_refresh_token=True,
        scopes=(),
        plan_enabled=plan_enabled,
        host_id="",
        another_users=False,
        issuer="https://id.example",
        token_endpoint="https://id.example/token",
        api_base=None,
        key_id="k",
        key_in="file",
        writer="1.0.0",
        written_at=0.0,
    )
    return Status(State.CONNECTED, session=session)


@pytest.mark.parametrize(
    ("provider", "plan", "plan_enabled", "said"),
    [
        ("chatgpt", None, True, "your ChatGPT plan, not API billing"),
        ("chatgpt", None, False, "ChatGPT, plan use is off"),
        ("codex", "plus", None, "your ChatGPT Plus plan, not API billing"),
        ("codex", "self_serve_business", None, "your ChatGPT Self Serve Business plan, not API billing"),
        ("codex", "unknown", None, "your ChatGPT plan, not API billing"),
        ("codex", None, None, "your ChatGPT plan, not API billing"),
        ("openai", None, None, "your API key, API billing"),
        ("acme", None, None, "acme"),
        ("acme", "team\x1b[2J", None, "acme, Team[2J plan"),
        ("sandbox", None, True, "sandbox, plan use allowed"),
        ("sandbox", None, False, "sandbox, plan use is off"),
    ],
)
def test_what_pays_is_said_with_the_plans_own_name(
    provider: str, plan: str | None, plan_enabled: bool | None, said: str
) -> None:
    """Where the server tells it; what could steer a terminal is left out."""
    account = AccountFacts(id="a1", provider=provider, plan=plan)
    assert wording.plan(account, connected(plan_enabled)) == said
