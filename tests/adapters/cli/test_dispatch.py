"""From arguments to a command and back to an exit code."""

from types import SimpleNamespace

import pytest
from tests.support.command import Run

from signedin.cases import CASES
from signedin.errors import SignedinError
from signedin_adapters.cli import dispatch, errors, exit_codes, parsing
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.cli.program import Program


@pytest.mark.parametrize(
    ("arguments", "name", "rest"),
    [
        ([], None, []),
        (["status"], "status", []),
        (["--json", "status", "--verify"], "status", ["--json", "--verify"]),
        (["--account", "login", "status"], "status", ["--account", "login"]),
        (["--account=work", "ask", "status"], "ask", ["--account=work", "status"]),
        (["--json", "--", "status"], None, ["--json", "--", "status"]),
    ],
)
def test_the_command_is_the_first_word_that_is_no_options_value(
    arguments: list[str], name: str | None, rest: list[str]
) -> None:
    """Everything else stays in its order."""
    assert parsing.split(arguments) == (name, rest)


def test_help_names_every_command_in_a_line(run: Run) -> None:
    """The top-level help is a table."""
    ran = run("--help")

    assert ran.code == 0
    for name, summary in COMMANDS.items():
        assert f"  {name:<12} {summary}\n" in ran.out
    assert all(len(line) <= 80 for line in ran.out.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help_with_examples(run: Run, name: str) -> None:
    """Usage, options and examples that can be typed."""
    ran = run(name, "--help")

    assert ran.code == 0
    assert ran.out.startswith(f"usage: signedin {name}")
    assert f"  signedin {name}" in ran.out.partition("examples:")[2] or name == "status"


def test_the_version(run: Run) -> None:
    """As text and as an object."""
    assert run("--version").out.startswith("signedin ")
    assert run("--version", "--json").json().keys() == {"schema", "version"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("statsu",), "There is no command 'statsu'. Did you mean status? See signedin --help."),
        (("status", "--verfy"), "Unrecognized arguments: --verfy. See signedin status --help."),
        (("switch",), "The following arguments are required: LABEL. See signedin switch --help."),
        (
            ("login", "--port", "http"),
            "Argument --port: a port is a number from 1 to 65535. See signedin login --help.",
        ),
    ],
)
def test_wrong_usage_is_told_in_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """Exit 2, and where the help is."""
    ran = run(*arguments)

    assert (ran.code, ran.out, ran.err) == (2, "", f"signedin: {said}\n")


def test_an_error_is_one_object_in_json(run: Run) -> None:
    """On stdout, with nothing on stderr, and the same exit code."""
    ran = run("--account", "play", "--json")

    assert (ran.code, ran.err) == (2, "")
    assert ran.json().keys() == {"schema", "error"}
    assert ran.json()["error"].keys() == {"case", "message", "remedy"}
    assert ran.json()["error"]["case"] == "unknown-account"


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_told_and_explained_without_a_placeholder(run: Run, case: str) -> None:
    """Its remedy names commands as they are typed, and its exit code is the catalogue's."""
    told = errors.trouble(SignedinError("It failed.", case=case), Program())

    assert told.code == (CASES[case].exit_code or exit_codes.UNEXPECTED)
    assert told.remedy
    assert "{" not in told.remedy + told.meaning
    assert "{" not in run("explain", case).out


def test_a_fault_of_ours_says_its_place_and_nothing_of_what_it_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line: the exception's text may be anything."""

    def fail(_: object) -> int:
        raise RuntimeError("sk-secret")

    module = SimpleNamespace(EXAMPLES=(), add_arguments=lambda _: None, run=fail)
    monkeypatch.setattr(dispatch, "import_module", lambda _: module)
    ran = run("status")

    assert ran.code == exit_codes.UNEXPECTED
    assert ran.err.startswith("signedin: Something went wrong inside (RuntimeError")
    assert "sk-secret" not in ran.err
    assert "Traceback" not in ran.err


def test_a_host_app_names_its_own_commands() -> None:
    """The seam for apps that have these commands as their own."""
    program = Program(app_name="Acme Notes", prog="acme account")
    told = errors.trouble(SignedinError("The session was ended elsewhere.", case="refresh-token-revoked"), program)

    assert told.remedy == "Run acme account login."
    assert program.slug == "acme-notes"


def test_text_from_elsewhere_cannot_steer_a_terminal(run: Run) -> None:
    """Escape sequences are left out."""
    ran = run("--account", "\x1b[2Jplay")

    assert "\x1b" not in ran.err
