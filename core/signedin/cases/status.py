"""The cases of what is told of a connection, and of what runs without anybody at hand. Advice alone."""

from signedin.cases.case import Case
from signedin.states import Category

CASES = (
    Case(
        id="status-false-positive",
        kind="advice",
        category=Category.NEEDS_USER,
        exit_code=0,
        action="none",
        title="Status says signed in, and every call fails",
        meaning=(
            "{status} tells what is known on this machine and asks nobody. A session that was ended elsewhere looks "
            "well until it is used."
        ),
        by_itself="The first use that the provider refuses corrects the status.",
        remedy="Run {status} --verify: it makes one cheap call and refreshes nothing.",
        seen=("anthropics/claude-code#95739", "openai/codex#47456", "pwrdrvr/PwrAgent#2099"),
    ),
    Case(
        id="status-false-negative",
        kind="advice",
        parent="status-false-positive",
        category=Category.NEEDS_USER,
        exit_code=0,
        action="none",
        title="A check says broken, and everything works",
        meaning="The check looked at something that you do not need, or at a trouble that has passed since.",
        by_itself="A success clears the trouble that came before it.",
        remedy="Go on; if {doctor} says it again, report it with {doctor} --bundle FILE.",
        seen=("ssdavidai/alfred#708",),
    ),
    Case(
        id="service-blocks-on-login",
        kind="advice",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="A service waits for a sign-in that nobody sees",
        meaning="What runs without anybody at hand cannot sign in, and must not begin to.",
        by_itself="Only {login} begins a sign-in; all else ends at once, with exit code 3 or 4, where one is needed.",
        remedy="Run {login} once by hand, as the user that the service runs as.",
        seen=("BerriAI/litellm#39514", "Team-Commonly/commonly#479"),
    ),
    Case(
        id="cannot-prompt",
        kind="advice",
        parent="service-blocks-on-login",
        category=Category.NEEDS_USER,
        exit_code=3,
        action="sign_in",
        title="There is no terminal to ask in",
        meaning="In CI, in hooks and in editors nobody can be asked anything.",
        by_itself="Nothing is asked there; the exact command to run is named instead.",
        remedy="Run the command that is named in a terminal.",
        seen=(
            "git-ecosystem/git-credential-manager#90",
            "git-ecosystem/git-credential-manager#91",
            "kubernetes/kubernetes#96289",
        ),
    ),
)
