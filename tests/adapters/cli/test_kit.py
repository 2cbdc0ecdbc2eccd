"""The account commands of another app: its name, its words, its accounts."""

import argparse
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import anyio
import pytest
from tests.support.command import STATUS_KEYS, Ran, Run
from tests.support.command_line import sign_in

from signedin import Connection, Snapshot
from signedin.cases import CASES, Case
from signedin.errors import MisuseError
from signedin_adapters.cli import commands, exit_codes
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.cli.kit import ALWAYS, OURS, USUAL, Kit
from signedin_adapters.sandbox import Sandbox

ACME = commands("Acme Notes", "acme account")
FEWEST = commands("Acme Notes", "acme account", only=())
PINNED = commands("Acme Notes", "acme account", provider="sandbox")
OF_THE_DOCS = ("logout", "models", "use")
OPTIONAL = tuple(name for name in COMMANDS if name not in (*OURS, *ALWAYS))


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Type `acme account …` in this process."""

    def type_(*arguments: str, kit: Kit = ACME) -> Ran:
        capsys.readouterr()
        code = kit.run(arguments)
        out, err = capsys.readouterr()
        return Ran(code=code, out=out, err=err)

    return type_


def commands_in(text: str) -> set[str]:
    """What stands behind the host's name, or behind ours, as a command does."""
    assert "signedin" not in text
    return set(re.findall(r"acme account ([a-z]+)", text))


# its accounts -------------------------------------------------------------------------------------------------------


def test_the_accounts_are_those_of_the_app(sandbox: Sandbox, home: Path, type_: Run, run: Run) -> None:
    """Whoever signs in by the host's command is who its connection finds, and `signedin` itself knows nobody."""
    assert type_("login", "--provider", "sandbox").code == exit_codes.OK

    assert looked().email == "ada@example.com"
    assert "Signed in as ada@example.com (Acme Notes, " in type_().out
    assert run("status").code == exit_codes.NOT_SIGNED_IN

    assert type_("logout", "--yes").code == exit_codes.OK
    assert looked().state.value == "disconnected"


def looked() -> Snapshot:
    async def look() -> Snapshot:
        async with Connection.open(app_name="Acme Notes") as connection:
            return connection.snapshot

    return anyio.run(look)


def test_the_object_and_the_exit_code_are_the_same(type_: Run, home: Path, sandbox: Sandbox) -> None:
    """A script that reads `signedin status --json` reads this."""
    sign_in(sandbox, home, app_name="Acme Notes")
    ran = type_("status", "--json")

    assert ran.code == exit_codes.OK
    assert ran.json().keys() == STATUS_KEYS
    assert ran.json()["app"] == "acme-notes"


def test_a_pinned_provider_is_the_only_one(sandbox: Sandbox, type_: Run) -> None:
    """It is signed in to without a word, no option names another, and no remedy says its name."""
    assert "Run acme account login." in type_("models", kit=PINNED).err
    assert type_("login", kit=PINNED).code == exit_codes.OK
    assert type_("status", "--json", kit=PINNED).json()["provider"] == "sandbox"
    assert type_("login", "--provider", "chatgpt", kit=PINNED).code == exit_codes.USAGE
    assert "--provider" not in type_("login", "--help", kit=PINNED).out
    assert type_("login", "--new", "--label", "work", kit=PINNED).err.count("--provider") == 0
    assert "providers" not in PINNED.commands


def test_another_apps_accounts_are_not_its_business(type_: Run) -> None:
    """There is no `--app`."""
    assert type_("status", "--app", "signedin").code == exit_codes.USAGE
    assert "--app" not in type_("status", "--help").out


# its words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        (),
        ("status", "--json"),
        ("login", "--provider", "nobody"),
        ("login", "--device", "--provider", "sandbox"),
        ("login", "--api-key"),
        ("login", "--label", ""),
        ("models",),
        ("refresh",),
        ("usage",),
        ("accounts",),
        ("doctor",),
        ("diagnose",),
        ("providers",),
        ("explain",),
        ("explain", "offlien"),
        ("explain", "stale-lock"),
        ("forget", "nobody"),
        ("switch", "nobody"),
        ("logout",),
        ("stauts",),
        ("demo",),
        ("--version",),
        ("status", "--wrong"),
        *((name, "--help") for name in USUAL),
    ],
    ids=" ".join,
)
def test_nobody_reads_of_us(type_: Run, sandbox: Sandbox, arguments: tuple[str, ...]) -> None:
    """Whatever is said, well or ill, names the host's own commands."""
    ran = type_(*arguments)
    assert commands_in(ran.out + ran.err) <= {*ACME.commands, "stauts", "demo"}


@pytest.mark.parametrize(
    ("fault", "arguments"),
    [
        ("callback-denied", ("login",)),
        ("code-client-gone", ("login",)),
        ("next-503", ("models",)),
        ("models-empty", ("models",)),
        ("revoke-503", ("logout", "--yes")),
    ],
)
def test_nobody_reads_of_us_when_it_fails(
    type_: Run, sandbox: Sandbox, home: Path, fault: str, arguments: tuple[str, ...]
) -> None:
    """The error, and what status, doctor and diagnose make of it."""
    if arguments != ("login",):
        sign_in(sandbox, home, app_name="Acme Notes")
    sandbox.faults.inject(fault, None)
    ran = [type_(*arguments, kit=PINNED), *(type_(name, kit=PINNED) for name in ("status", "doctor", "diagnose"))]
    assert commands_in("".join(each.out + each.err for each in ran)) <= {*PINNED.commands}


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_no_case_names_a_command_that_there_is_not(case: Case) -> None:
    """Whatever the host leaves out: what to do is said, and sends nobody to what does not exist."""
    without_one = [[name for name in OPTIONAL if name != left_out] for left_out in OPTIONAL]
    for only, provider in product([*without_one, OF_THE_DOCS, ()], [None, "sandbox"]):
        host = commands("Acme Notes", "acme account", only=only, provider=provider)
        advice = host._program().advice
        for text in (advice(case), advice(case, at_sign_in=True), host.remedy(case.remedy), host.remedy(case.meaning)):
            assert re.fullmatch(r"\w.*[^.,:; ]\.", text)
            assert commands_in(text) <= {*host.commands}
            assert not re.search(r"[{}]", text)
        assert commands_in(host.remedy(case.by_itself)) <= {*host.commands}


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.id)
def test_every_case_is_explained_in_its_words(type_: Run, case: Case) -> None:
    """As text, with the command for each step."""
    ran = type_("explain", case.id)
    assert ran.code == exit_codes.OK
    assert commands_in(ran.out.partition("Reports")[0]) <= {*ACME.commands}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Run {login} again; if it repeats, {doctor} shows why.", "Run acme account login again."),
        ("Choose a listed model: {models}, then {use}.", "Choose a listed model."),
        ("Try again. If it stays, run {doctor}: it says why. Then wait.", "Try again."),
        ("the oldest; {switch} LABEL sets a default", "the oldest"),
        ("Run {models}.", ""),
        ("Run {status}. It asks nobody: it looks.", "Run acme account status. It asks nobody: it looks."),
    ],
)
def test_a_text_ends_where_a_command_is_missing(text: str, said: str) -> None:
    """What follows might build on it."""
    assert FEWEST.remedy(text) == said


def test_a_host_with_the_fewest_commands_sends_nobody_astray(type_: Run, sandbox: Sandbox) -> None:
    """Errors, status and accounts do without what is not there."""
    asked = [("status",), ("login", "--provider", "sandbox"), ("status", "--verify"), ("login", "--account", "nobody")]
    for arguments in (*asked, ("models",), ("--help",), ("login", "--help")):
        ran = type_(*arguments, kit=FEWEST)
        assert commands_in(ran.out + ran.err) <= {"login", "status"}
    assert type_("models", kit=FEWEST).code == exit_codes.USAGE


# declaring it -------------------------------------------------------------------------------------------------------


def test_the_usual_commands_are_all_that_look_after_an_account() -> None:
    """`demo`, `sandbox` and `completion` stay with `signedin`; `ask` is there for a host that wants it."""
    assert set(ACME.commands) == {*COMMANDS} - {"ask", *OURS}
    assert "ask" in commands("Acme Notes", "acme account", only=["ask"]).commands
    assert commands("Acme Notes", "acme", only=["logout"]).commands == ("status", "login", "logout")


@pytest.mark.parametrize("name", [*OURS, "logn"])
def test_what_a_host_cannot_have_is_refused_at_once(name: str) -> None:
    """A slip shows when the program starts, and not when a user types it."""
    with pytest.raises(MisuseError, match=name):
        commands("Acme Notes", "acme account", only=["login", name])


def test_argparse_hands_over_all_that_stands_behind_the_name() -> None:
    """Options, `--help` and `--` among it: none is the host's."""
    parser = argparse.ArgumentParser(prog="acme")
    parser.add_argument("--quiet", action="store_true")
    ACME.add_to(parser.add_subparsers(dest="command"))
    for arguments in (["--help"], ["login", "--no-browser"], ["--json"], [], ["ask", "--", "--quiet"], ["-h", "x"]):
        assert parser.parse_args(["account", *arguments]).arguments == arguments


def test_the_hosts_help_has_one_line_of_it() -> None:
    """In the host's words."""
    parser = argparse.ArgumentParser(prog="acme")
    own = commands("Acme Notes", "acme me", summary="your plan, 100% yours")
    own.add_to(parser.add_subparsers(), name="me")
    assert re.search(r"^ +me +your plan, 100% yours$", parser.format_help(), re.MULTILINE)


def test_the_summary_heads_the_help(type_: Run) -> None:
    """As a sentence."""
    own = commands("Acme Notes", "acme me", summary="your plan, and who pays")
    assert "\n\nYour plan, and who pays.\n\n" in type_("--help", kit=own).out


HOST = """
import argparse, sys
from signedin_adapters.cli import commands
parser = argparse.ArgumentParser(prog="acme")
account = commands("Acme Notes", "acme account")
account.add_to(parser.add_subparsers(dest="command"))
options = parser.parse_args()
if options.command == "account":
    sys.exit(account.main(options.arguments))
print(*sorted(sys.modules))
"""


@pytest.fixture
def host(tmp_path: Path, home: Path) -> list[str]:
    """A program of its own, as a host would write it."""
    path = tmp_path / "acme.py"
    path.write_text(HOST)
    return [sys.executable, str(path)]


def test_declaring_it_costs_nothing_heavy(host: list[str]) -> None:
    """A host's other commands import none of ours, and nothing that ours need."""
    imported = set(subprocess.run(host, capture_output=True, text=True, check=True).stdout.split())
    ours = {name for name in imported if name.startswith("signedin_adapters.cli.")}
    assert ours == {"signedin_adapters.cli.kit", "signedin_adapters.cli.command_table"}
    assert not imported & {"anyio", "asyncio", "httpx", "cryptography", "dataclasses", "json"}


def test_the_process_ends_as_the_command_does(host: list[str]) -> None:
    """With its exit code, and without a word where its reader has gone away."""
    ended = subprocess.run([*host, "account"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (exit_codes.NOT_SIGNED_IN, "Not signed in. Run acme account login.\n")
    gone = subprocess.Popen([*host, "account", "explain"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert gone.stdout is not None
    gone.stdout.close()
    assert gone.communicate()[1] == b""
    assert gone.returncode == exit_codes.OK


def test_a_broken_pipe_is_the_hosts_where_the_process_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` raises it, and nothing else."""

    class Gone:
        closed, encoding = False, "utf-8"

        def isatty(self) -> bool:
            return False

        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    with pytest.raises(BrokenPipeError):
        ACME.run(["status"])
