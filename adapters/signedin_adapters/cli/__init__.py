"""The command line, where all adapters are put together. What each module owns stands in its own docstring."""

from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin_adapters.cli.kit import Kit


def main() -> int:
    """The whole process of the command `signedin`: run it, and give its exit code."""
    from signedin_adapters.cli.process import main

    return main()


def commands(
    app_name: str,
    prog: str,
    *,
    provider: str | None = None,
    only: Sequence[str] | None = None,
    summary: str | None = None,
) -> "Kit":
    """The account commands of your own app: `prog` is what your users type before their names, as in `acme account`.

    `app_name` is the one that you give to `Connection.open`; the accounts are the same. `provider` is the one that is
    signed in to, with no way to name another. `only` names the commands that there are, in place of all but `ask`;
    `login` and `status` are always among them. `summary` is your own line about it all, for the help. Raises
    MisuseError for a command that an app cannot have.
    """
    from signedin_adapters.cli.kit import Kit

    return Kit(app_name=app_name, prog=prog, provider=provider, only=only, summary=summary)
