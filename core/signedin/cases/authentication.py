"""The cases of a sign-in that does not come to a session."""

from signedin.cases.case import Case
from signedin.states import Category, Flag

CASES = (
    Case(
        id="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The browser never came back",
        meaning="The sign-in waited for your browser to return to this machine, and it did not before the time was up.",
        remedy=(
            "Run {login} again; if the browser is on another machine, paste the address it ends at into the terminal."
        ),
    ),
    Case(
        id="state-mismatch-stale-tab",
        category=Category.TRANSIENT,
        exit_code=3,
        action="sign_in",
        title="An old tab answered",
        meaning=(
            "An address reached the sign-in that belongs to another attempt. It was turned away and changed nothing."
        ),
        remedy="Close older sign-in tabs and finish the newest one.",
    ),
    Case(
        id="user-denied-consent",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="You declined",
        meaning="The consent page was answered with no, so nothing was signed in and nothing was changed.",
        remedy="Run {login} if that was a slip.",
    ),
    Case(
        id="login-cancelled",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The sign-in was cancelled",
        meaning="The attempt was given up before it ended. What was there before is untouched.",
        remedy="Run {login} to start again.",
    ),
    Case(
        id="authorization-refused",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The provider refused the sign-in",
        meaning="The authorization server sent the browser back with an error instead of a code.",
        remedy="Run {login} again; if it repeats, {explain} and the provider's status page say more.",
    ),
    Case(
        id="registration-incomplete",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The registration did not finish",
        meaning=(
            "The provider answered without the client id that it should have issued, so there is nothing to sign in "
            "with."
        ),
        remedy="Run {login} again.",
    ),
    Case(
        id="registration-mismatch",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="Another registration answered",
        meaning="The answer carried the client id of another registration than this account's. It was not used.",
        remedy="Run {login} again, or {login} --new to add the other registration as an account of its own.",
    ),
    Case(
        id="registration-gone",
        category=Category.CONFIGURATION,
        exit_code=7,
        action="sign_in",
        title="The provider no longer knows this registration",
        meaning=(
            "The client id that was issued to this account is refused, after signing in with it as well. It may have "
            "been removed in the settings of your account there."
        ),
        remedy="Run {login} --replace to register anew: the account keeps its name.",
    ),
    Case(
        id="client-refused",
        category=Category.CONFIGURATION,
        exit_code=7,
        action="sign_in",
        title="The provider refused this client",
        meaning="The authorization server answered invalid_client. Your session was kept.",
        remedy="Run {login}; if it repeats, {login} --replace registers anew, and {providers} shows the settings.",
    ),
    Case(
        id="code-expired-or-used",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The code had expired or was used already",
        meaning="A sign-in code works once and for a short time. This one was refused. A plan that does not cover this "
        "is refused in the same words.",
        remedy="Run {login} and finish in the browser within a few minutes; if it repeats, see which plan you have.",
    ),
    Case(
        id="redirect-uri-mismatch",
        category=Category.BUG,
        exit_code=1,
        action="update",
        title="The redirect address does not match the registration",
        meaning="The token endpoint saw another redirect address than the authorization page.",
        remedy="Update this tool; if it is current, report it with its log.",
    ),
    Case(
        id="id-token-invalid",
        category=Category.NEEDS_USER,
        exit_code=1,
        action="sign_in",
        title="The proof of identity does not hold",
        meaning=(
            "The ID token's signature or contents are not what this sign-in asked for, so the tokens were thrown away."
        ),
        remedy="Run {login} again; if it repeats, do not trust the network you are on.",
    ),
    Case(
        id="identity-unverified",
        category=Category.TRANSIENT,
        exit_code=0,
        action="wait",
        flag=Flag.IDENTITY_UNVERIFIED,
        title="The identity could not be checked yet",
        meaning=(
            "The provider's signing keys are out of reach, so the new ID token was not verified. The session is kept."
        ),
        remedy="Nothing to do: it is checked at the next refresh.",
    ),
    Case(
        id="api-key-rejected",
        category=Category.NEEDS_USER,
        exit_code=4,
        action="sign_in",
        title="The API key was refused",
        meaning="The API does not know this key, or no longer. A key that is refused at its sign-in is not saved.",
        remedy="Make a key at the provider's page, then run {login} --api-key --again.",
    ),
    Case(
        id="env-key-overrides-login",
        category=Category.ENVIRONMENT,
        exit_code=0,
        action="none",
        title="OPENAI_API_KEY is set beside your sign-in",
        meaning=(
            "That variable is never used here. Other tools, and the provider's own SDK, take it before any sign-in, "
            "and what they do is billed to that key."
        ),
        remedy="Unset OPENAI_API_KEY where other tools are to use something else; {status} says who is signed in.",
    ),
    Case(
        id="wrong-account-or-workspace",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="Another account signed in",
        meaning="The browser was signed in as somebody else than this account. The account's own session was kept.",
        remedy="Run {login} --new to add the other account, or choose the right one in the browser.",
    ),
    Case(
        id="account-exists-already",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="Whoever signed in has an account here already",
        meaning="One person is one account of a provider's client, so no second one was made. The first is untouched.",
        remedy=(
            "Use that one with --account LABEL, or sign in as somebody else: sign out of the provider in your browser "
            "first, then try again."
        ),
    ),
    Case(
        id="workspace-not-entitled",
        category=Category.NEEDS_ADMIN,
        exit_code=3,
        action="ask_admin",
        title="Your workspace does not allow this",
        meaning="The workspace you chose has not been given access by its administrator.",
        remedy="Ask the workspace's administrator, or run {login} and choose your personal workspace.",
    ),
    Case(
        id="plan-consent-declined",
        category=Category.NEEDS_USER,
        exit_code=9,
        action="enable_plan",
        title="Plan use is off",
        meaning="You are signed in, but this app was not allowed to use your ChatGPT plan.",
        remedy="Run {login} --enable-plan and allow plan use on the consent page.",
    ),
    Case(
        id="plan-not-included",
        category=Category.NEEDS_USER,
        exit_code=9,
        action="open_url",
        title="Your plan does not include this",
        meaning="The account, workspace or region is not eligible. Signing in again does not change it.",
        remedy="See which plan you have on the provider's settings page.",
    ),
    Case(
        id="account-deactivated",
        category=Category.NEEDS_USER,
        exit_code=4,
        action="ask_admin",
        title="The provider disabled this account",
        meaning="The provider says that the account is deactivated. Nothing here can change that.",
        remedy="Contact the provider's support.",
    ),
    Case(
        id="device-code-disabled",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="Signing in with a code is switched off",
        meaning=(
            "The provider gives out no code to type into another browser: your account, its workspace or this app is "
            "not set up for it."
        ),
        remedy=(
            "Switch it on in the security settings of your account (a workspace's administrator does it for all), or "
            "run {login} --no-browser and paste the answer."
        ),
    ),
    Case(
        id="device-code-expired",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="The code expired",
        meaning="Nobody typed the code and allowed the sign-in before its time was up. It works no longer.",
        remedy="Run {login} --device for a new code, and type it within a few minutes.",
    ),
    Case(
        id="login-rate-limited",
        category=Category.TRANSIENT,
        exit_code=5,
        action="wait",
        title="Too many attempts",
        meaning="The provider asks this address to wait.",
        remedy="Wait a few minutes; every further try makes it longer.",
    ),
    Case(
        id="region-unsupported",
        category=Category.ENVIRONMENT,
        exit_code=5,
        action="none",
        title="This region is not served",
        meaning=(
            "The provider refuses requests from where this process appears to be; your browser may take another route."
        ),
        remedy="Give this process the same network route as your browser: HTTPS_PROXY or [network] proxy.",
    ),
    Case(
        id="persist-failed-at-login",
        category=Category.ENVIRONMENT,
        exit_code=6,
        action="none",
        flag=Flag.STORAGE_DEGRADED,
        title="Signed in, but not saved",
        meaning="The sign-in went well and the session could not be written, so it lasts only as long as this process.",
        remedy="Make room or make the directory writable, then run {login} --again.",
    ),
)
