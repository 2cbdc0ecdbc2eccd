"""Models not appearing."""

import pytest
from tests.support.user import User

from signedin_adapters.sandbox import Sandbox


@pytest.mark.case("model-not-in-plan")
def test_a_model_that_the_plan_does_not_have(user: User) -> None:
    """The way to choose another is named, and the session is as good as before."""
    user.signs_in()
    user.types("ask", "--model", "gpt-none", "Hello")
    user.was_told("signedin models")
    user.stands("connected", flags=["models_blocked"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("model-not-in-plan")
def test_a_model_that_is_refused_in_words_alone(user: User, codex: Sandbox) -> None:
    """There is no code to go by; the sentence is understood, and not repeated."""
    with user.struck_by("model-refused"):
        user.types("ask", "Hello")
    assert "not supported" not in user.ran.err
    user.was_told("signedin models")
    user.stands("connected", flags=["models_blocked"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("catalogue-empty")
def test_a_list_with_nothing_on_it(user: User) -> None:
    """None is made up in its place; the next time it is there."""
    user.signs_in()
    with user.struck_by("models-empty"):
        user.types("models")
    user.was_told("gave no list")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("models")


@pytest.mark.case("usage-limit-hit")
def test_a_plan_that_is_used_up(user: User, codex: Sandbox) -> None:
    """When it begins anew is told, for the provider said so; nobody has to sign in for it."""
    with user.struck_by("usage-limit"):
        user.types("ask", "Hello")
    user.was_told("you can ask again at", "(in 1")
    user.stands("connected", flags=["usage_paused"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("app-usage-limit-hit")
def test_a_share_that_is_used_up(user: User) -> None:
    """Within the answer or before it: nothing is billed in another way, and nothing is asked twice."""
    user.signs_in()
    with user.struck_by("stream-failed-limit"):
        user.types("ask", "Hello")
    user.was_told("usage page")
    with user.struck_by("api-429-limit"):
        user.types("ask", "Hello")
    user.was_told("usage page")
    user.stands("connected", flags=["usage_paused"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("plan-use-off")
@pytest.mark.parametrize("command", [("models",), ("ask", "Hello")])
def test_models_without_leave_to_use_the_plan(user: User, command: tuple[str, ...]) -> None:
    """Nothing is sent; the way to allow it is named, and it works."""
    with user.struck_by("identity-only"):
        user.types("login", "--provider", "sandbox")
    user.sandbox.requests.clear()
    user.types(*command)
    assert not [asked for asked in user.sandbox.requests if asked.path.startswith("/v1/")]
    user.was_told("signedin login --enable-plan")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session("refresh")
    assert user.types("login", "--enable-plan").code == user.types(*command).code == 0


@pytest.mark.case("client-not-recognised")
def test_an_api_that_does_not_know_who_asks(user: User, codex: Sandbox) -> None:
    """It turns this tool away and not the sign-in, which is kept."""
    with user.struck_by("api-403-detail"):
        user.types("ask", "Hello")
    user.was_told("originator")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("account-id-header-wrong")
def test_a_workspace_that_is_not_the_tokens(user: User, codex: Sandbox) -> None:
    """It is no other account and no other user: the workspace is read anew at the next sign-in."""
    with user.struck_by("workspace-invalid"):
        user.types("ask", "Hello")
    user.was_told("signedin login --again")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("workspace-deactivated")
def test_a_workspace_that_was_switched_off(user: User, codex: Sandbox) -> None:
    """Its administrator or another workspace helps; the sign-in is good."""
    with user.struck_by("workspace-deactivated"):
        user.types("ask", "Hello")
    user.was_told("signedin login --new")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("stream-incomplete")
@pytest.mark.parametrize("fault", ["stream-cut", "stream-incomplete"])
def test_an_answer_that_breaks_off(user: User, fault: str) -> None:
    """What came is shown; it is for the user to ask again."""
    user.signs_in()
    with user.struck_by(fault):
        user.types("ask", "Hello")
    assert user.ran.out.startswith("You asked")
    assert sum(asked.path == "/v1/responses" for asked in user.sandbox.requests) == 1
    user.was_told("Ask again")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("catalogue-drift")
def test_a_model_that_came_since(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """None is built in: what the provider lists today is what is shown, and may be chosen at once."""
    user.signs_in()
    user.types("models")
    monkeypatch.setattr("signedin_adapters.sandbox.api.MODELS", [{"slug": "sandbox-new"}])
    assert user.types("models").out.split() == ["*", "sandbox-new"]
    user.types("use", "sandbox-new")
    user.was_warned("sandbox-new is used from now on")
    user.stands("connected")
    user.leaves_out("logged", because="nothing is wrong: what a provider does not list, it does not tell of")
    user.leaves_out("diagnosed", because="as above")
    user.keeps_the_session("models")


@pytest.mark.case("scopes-missing")
def test_a_token_without_the_scope_that_a_route_wants(user: User) -> None:
    """Signing in again would bring the same token, so nobody is asked to, and no refresh is spent."""
    user.signs_in()
    user.sandbox.requests.clear()
    with user.struck_by("api-scopes-missing"):
        user.types("ask", "--model", "sandbox-large", "Hello")
    assert [asked.path for asked in user.sandbox.requests] == ["/v1/responses"]
    user.was_told("Update this tool")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("route-or-capability-unsupported")
def test_a_request_that_a_plan_does_not_pay_for(user: User) -> None:
    """It is refused as it is, and never sent in another way."""
    user.signs_in()
    with user.struck_by("capability-unsupported"):
        user.types("ask", "Hello")
    user.was_told("Leave that feature out")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("usage-check-unavailable")
def test_a_plan_that_cannot_be_checked(user: User) -> None:
    """The service that knows the plan is down: a moment later it works."""
    user.signs_in()
    with user.struck_by("api-usage-unavailable"):
        user.types("ask", "--model", "sandbox-large", "Hello")
    user.was_told("Try again in a moment")
    user.stands("connected")
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()
