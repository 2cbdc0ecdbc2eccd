"""Owns the table of commands: what there is, in which order, and one line about each.

The module of a command has its name, and is imported only once it was chosen. On the path of `status`: no import of
its own.
"""

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Signing in",
        (
            ("status", "who is signed in, and how that fares (also without a command)"),
            ("login", "sign in: with a browser, a code or an API key"),
            ("logout", "sign out, and end the session at the provider"),
            ("refresh", "get a fresh access token now"),
            ("web", "all of it on a page in your browser"),
        ),
    ),
    (
        "Accounts",
        (
            ("accounts", "the accounts, and which one is used here"),
            ("switch", "make an account the default"),
            ("forget", "remove an account and its registration"),
        ),
    ),
    (
        "Using the plan",
        (
            ("models", "the models of this account"),
            ("use", "choose a model"),
            ("ask", "ask the model, and stream its answer"),
            ("usage", "what is left of the plan's limits"),
        ),
    ),
    (
        "Understanding",
        (
            ("explain", "what a case means, and what to do"),
            ("doctor", "look at everything that a connection needs"),
            ("diagnose", "read logs, and name what went wrong"),
            ("watch", "follow what happens to the connections"),
            ("providers", "the known providers, and where each setting came from"),
        ),
    ),
    (
        "Trying",
        (
            ("demo", "the whole job on this machine, against a stand-in server"),
            ("sandbox", "run the stand-in server"),
            ("completion", "completion for your shell"),
        ),
    ),
)

COMMANDS: dict[str, str] = {name: summary for _, group in GROUPS for name, summary in group}


def module(name: str) -> str:
    """Where the command lives."""
    return f"signedin_adapters.cli.{name}"
