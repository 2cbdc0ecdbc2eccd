"""The cases of a sign-in whose answer does not come back from the browser, or is another's.

Why no answer came is not seen from here: the reasons stand by likelihood under `callback-never-arrives`.
"""

from signedin.cases import moves
from signedin.cases.case import Case
from signedin.states import Category

CASES = (
    Case(
        id="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The browser never came back",
        meaning="The sign-in waited for your browser to return to this machine, and it did not before the time was up.",
        signal="The deadline passed, and no answer to this attempt had come.",
        by_itself="The attempt ends, and whoever was signed in before still is.",
        remedy=(
            "Run {login} again; if the browser is on another machine, paste the address it ends at into the terminal."
        ),
    ),
    Case(
        id="callback-never-arrives-ssh",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The browser and the terminal are on two machines",
        meaning=(
            "Over SSH your browser runs on the machine you sit at, and the address it ends at leads back to that one. "
            "The sign-in waits on the server."
        ),
        signal="No answer came, and SSH_CONNECTION or SSH_TTY is set.",
        by_itself="Over SSH, {login} names the ways that work from there before it waits.",
        remedy="Run {login} again and paste the whole address that the browser ends at into the terminal.",
        seen=("openai/codex#2668", "openai/codex#2021", "openai/codex#4602"),
    ),
    Case(
        id="callback-container",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.ENVIRONMENT,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The sign-in runs inside a container",
        meaning=(
            "A container's address 127.0.0.1 is its own, and a browser outside does not reach it. Publishing the port "
            "does not change that."
        ),
        signal="No answer came, and this is a container, a dev container or a codespace.",
        by_itself="In a container, {login} names the ways that work from there before it waits.",
        remedy="Run {login} again in the container and paste the whole address that the browser ends at.",
        seen=("mifunedev/openharness#287", "CoderLuii/HolyClaude#21", "anthropics/claude-code#20793"),
    ),
    Case(
        id="authorize-url-broken",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The address was cut when it was copied",
        meaning=(
            "Some terminals wrap or cut a long address, and the provider's page then says that something is missing. "
            "Nothing of that reaches this machine."
        ),
        signal="No answer came, and the address had to be copied by hand.",
        by_itself="The address stands alone on a line, and a short one beside it leads there too.",
        remedy="Run {login} again and open the short address, or let the key that is named copy the long one.",
        seen=(
            "earendil-works/pi#4173",
            "anthropics/claude-code#35311",
            "google-antigravity/antigravity-cli#315",
        ),
    ),
    Case(
        id="extra-verification-forced",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The provider asked for one more proof",
        meaning=(
            "It wanted a phone number, a second factor or your company's sign-in first. The time for this sign-in ran "
            "out over that."
        ),
        signal="No answer came; the page in the browser asks for a number, a code or a company's sign-in.",
        by_itself="{login} waits for ten minutes; --timeout gives more.",
        remedy="Finish that step once on the provider's own site, then run {login} again.",
        seen=("openai/codex#34934", "openai/codex#37923", "openai/codex#20161"),
    ),
    Case(
        id="callback-wsl2",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.ENVIRONMENT,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The browser in Windows does not reach this Linux",
        meaning="The sign-in waits inside WSL, and not every network mode of WSL lets Windows reach 127.0.0.1 there.",
        signal="No answer came, and WSL_DISTRO_NAME or WSL_INTEROP is set.",
        by_itself="In WSL, {login} says how to paste the answer before it waits.",
        remedy="Run {login} again and paste the whole address that the browser ends at.",
        seen=("openai/codex#8112", "anomalyco/opencode#30013", "microsoft/WSL#7641"),
    ),
    Case(
        id="browser-session-invalid",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The browser holds a stale session of the provider's",
        meaning=(
            "Old cookies make the provider's page end with an error about an invalid session, and it sends the browser "
            "nowhere."
        ),
        signal="No answer came; the provider's page speaks of an invalid session.",
        by_itself="Every attempt has an address of its own, so nothing old is used again from here.",
        remedy="Run {login} --no-browser and open the address in a private window.",
        seen=("openai/codex#2668", "numman-ali/opencode-openai-codex-auth#89"),
    ),
    Case(
        id="callback-localhost-ipv6",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.ENVIRONMENT,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The browser took localhost for another address",
        meaning="The name localhost stands for 127.0.0.1 and for ::1, and the browser tried one where nobody listens.",
        signal="No answer came, and the browser was to come back to localhost by name.",
        by_itself="127.0.0.1 is used wherever the provider allows it; for localhost both addresses are listened on.",
        remedy="Run {login} again and paste the address that the browser could not load.",
        seen=("openai/codex#4319", "Alishahryar1/free-claude-code#1279", "shanliuling/dsh-image-gen#53"),
    ),
    Case(
        id="consent-page-stuck",
        kind="candidate",
        parent="callback-never-arrives",
        category=Category.TRANSIENT,
        exit_code=3,
        action="sign_in",
        move=moves.TIMED_OUT,
        title="The provider's page never finished",
        meaning="The page that asks you loads without end, or asks a second time, because a step of it was used up.",
        signal="No answer came; the provider's page hangs or starts over.",
        remedy="Run {login} --no-browser and open the new address in another browser.",
        seen=("openai/codex#2834", "router-for-me/CLIProxyAPI#1451", "bman654/clodex#142"),
    ),
    Case(
        id="state-mismatch-stale-tab",
        category=Category.TRANSIENT,
        exit_code=3,
        action="sign_in",
        move=moves.TURNED_AWAY,
        title="An old tab answered",
        meaning=(
            "An address reached the sign-in that belongs to another attempt. It was turned away and changed nothing."
        ),
        signal="An answer came, and its state is not this attempt's.",
        by_itself="The tab is told so, and the sign-in keeps waiting for its own answer.",
        remedy="Close older sign-in tabs and finish the newest one.",
        seen=("bman654/clodex#142", "ndycode/codex-multi-auth#652", "getsentry/sentry#117940"),
    ),
    Case(
        id="two-logins-at-once",
        kind="candidate",
        parent="state-mismatch-stale-tab",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        move=moves.TURNED_AWAY,
        title="Two sign-ins were open at once",
        meaning=(
            "You finished one sign-in in the browser, and its answer reached the other. Each takes its own answer "
            "alone, so neither signs in the wrong account."
        ),
        signal="The answer of another attempt came while this one was waiting.",
        by_itself="An account has one sign-in at a time; a second one is told who is signing in, and since when.",
        remedy="Finish the sign-in that you began last, and close the tabs of the other.",
        seen=("Soju06/codex-lb#472", "lidge-jun/opencodex#2543"),
    ),
)
