"""The cases of a connection that works and does not serve."""

from signedin.cases.case import Case
from signedin.states import Category, Flag

CASES = (
    Case(
        id="model-not-in-plan",
        category=Category.NEEDS_USER,
        exit_code=9,
        action="choose_model",
        flag=Flag.MODELS_BLOCKED,
        title="This model is not available to you",
        meaning="The provider refuses the model for your account. Signing in again does not change it.",
        remedy="Choose a listed model: {models}, then {use}.",
    ),
    Case(
        id="catalogue-empty",
        category=Category.TRANSIENT,
        exit_code=5,
        action="wait",
        title="The list of models could not be fetched",
        meaning="The provider gave no list, or an empty one.",
        remedy="Try {models} again in a moment.",
    ),
    Case(
        id="usage-limit-hit",
        category=Category.NEEDS_USER,
        exit_code=9,
        action="open_url",
        flag=Flag.USAGE_PAUSED,
        title="Usage limit reached",
        meaning="Your plan, or this app's share of it, is used up for now. Signing in again does not change it.",
        remedy="Wait, or manage usage in the provider's settings.",
    ),
    Case(
        id="usage-check-unavailable",
        category=Category.TRANSIENT,
        exit_code=5,
        action="wait",
        title="Your plan cannot be checked right now",
        meaning="The provider's usage service did not answer.",
        remedy="Try again in a moment.",
    ),
    Case(
        id="route-or-capability-unsupported",
        category=Category.BUG,
        exit_code=9,
        action="update",
        title="Plan use does not cover this",
        meaning="The request uses a route, a field or a tool that is not available with a ChatGPT sign-in.",
        remedy="Leave that feature out, or use an API key for it.",
    ),
    Case(
        id="scopes-missing",
        category=Category.BUG,
        exit_code=9,
        action="update",
        title="The token does not allow this route",
        meaning="The API refuses the token for want of a scope; signing in again with the same app changes nothing.",
        remedy="Update this tool.",
    ),
    Case(
        id="workspace-deactivated",
        category=Category.NEEDS_ADMIN,
        exit_code=9,
        action="ask_admin",
        title="This workspace is switched off",
        meaning="The provider serves the workspace that you are signed in to no longer. Your sign-in itself is good.",
        remedy="Ask the workspace's administrator, or run {login} --new and choose another workspace.",
    ),
    Case(
        id="client-not-recognised",
        category=Category.CONFIGURATION,
        exit_code=9,
        action="update",
        title="The provider turns this tool away",
        meaning=(
            "The API refuses the request without a reason, as it does where it does not know who asks. Your sign-in "
            "itself is good."
        ),
        remedy="Update this tool, or give it another name: originator under [providers.codex] in config.toml.",
    ),
    Case(
        id="stream-incomplete",
        category=Category.TRANSIENT,
        exit_code=5,
        action="wait",
        title="The answer broke off",
        meaning="The stream ended before the provider said that the answer was complete.",
        remedy="Ask again.",
    ),
)
