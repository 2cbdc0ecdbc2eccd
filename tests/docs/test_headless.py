"""docs/headless.md: what it says to type is typed here as it stands, with the sandbox in the provider's place."""

import os
import re
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from tests.support import desktop as desktops
from tests.support.command import browser_script
from tests.support.connected import announce

from signedin.testing.free_ports import free_ports
from signedin_adapters.cli import parsing
from signedin_adapters.cli.command_table import module
from signedin_adapters.cli.program import Program
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.realm import API_KEY

PAGE = (Path(__file__).parents[2] / "docs" / "headless.md").read_text(encoding="utf-8")
ROW = re.compile(r"\| (?P<where>.+?) \| (?P<way>.+?) \| (?P<key>.+?) \| `(?P<command>.+)` \| (?P<tried>.+) \|")
TABLE = PAGE.partition("## What to type")[2].partition("\n## ")[0]
SPOKEN = re.compile(r"(?:`|\$ )(?:[A-Z_]+=\S+ )*signedin ([^`\n]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    where: str
    way: str
    key: str
    command: str
    tried: str


ROWS = [
    Row(**{**row.groupdict(), "command": row["command"].replace("\\|", "|")})
    for row in map(ROW.fullmatch, TABLE.splitlines())
    if row
]
OTHERS = [row for row in ROWS if row.way in ("the sandbox", "signed in by hand before")]
SIGN_INS = [row for row in ROWS if row.tried.startswith("yes") and row not in OTHERS]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A provider, a person who allows everything, and the machine of codex; not on the ports that codex has."""
    with Sandbox(auto_approve=True, codex_ports=free_ports(2), device_interval=1).running() as sandbox:
        yield sandbox


@pytest.fixture
def place(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose default provider is acme, which has secrets; with a browser, a passphrase and a key in the reach."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    announce(sandbox, str(home))
    (home / "config.toml").write_text(
        f'provider = "acme"\n[providers.acme]\nissuer = "{sandbox.issuer}"\nclient_id = "dynamic_agent_client"\n'
        f'registration = "agent"\nresource = "{sandbox.api_base}"\napi_base = "{sandbox.api_base}"\n'
        'scopes = ["openid", "profile", "email", "offline_access", "resource.invoke", "chatgpt.tokens.use.direct"]\n'
        f'[providers.keys]\nregistration = "api-key"\napi_base = "{sandbox.api_base}"\n'
    )
    (tmp_path / "passphrase").write_text("correct horse\n")
    for name in [name for name in os.environ if name.startswith(("SIGNEDIN_", "SSH_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIGNEDIN_HOME", str(home))
    monkeypatch.setenv("BROWSER", str(browser_script(tmp_path)))
    monkeypatch.setenv("OPENAI_API_KEY", API_KEY)
    monkeypatch.setenv("PATH", f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}")
    return tmp_path


def here(command: str, place: Path) -> str:
    """The command with what this machine has in the place of what the page's reader has."""
    stand_ins = {
        "--provider codex": "--provider sandbox-codex",
        "--api-key": "--provider keys --api-key",
        "/run/secrets/signedin": str(place / "passphrase"),
        "1456": str(free_ports(1)[0]),
    }
    for theirs, ours in stand_ins.items():
        command = command.replace(theirs, ours)
    return command


@contextmanager
def typed(command: str) -> Generator["subprocess.Popen[str]"]:
    pipe = subprocess.PIPE
    with subprocess.Popen(["sh", "-c", command], stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: "subprocess.Popen[str]", begins: str) -> str:
    """The address that stands alone on its line."""
    assert process.stderr is not None
    while not (line := process.stderr.readline()).startswith(begins):
        assert line, "it ended early"
    return line.strip()


def play_the_person(process: "subprocess.Popen[str]", row: Row, sandbox: Sandbox) -> None:
    """What the way says that a person does; where a browser or a code does it, nothing."""
    if "--no-browser" not in row.command:
        return
    answer = sandbox.sign_in(address(process, f"{sandbox.issuer}/api"))
    if row.way == "paste":
        assert process.stdin is not None
        process.stdin.write(f"{answer}\n")
        process.stdin.flush()
    else:
        subprocess.run([os.environ["BROWSER"], answer], check=True, timeout=20)


@pytest.mark.linux
@pytest.mark.parametrize("row", SIGN_INS, ids=lambda row: row.command)
def test_a_sign_in_is_as_the_page_says(
    row: Row, place: Path, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The command signs in, and the key lies where its row has it."""
    with desktops.session(tmp_path_factory.mktemp("run")) as desktop:
        environment = desktop.environment if row.key == "the keyring" else {}
        if environment:
            desktop.log_in()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            with typed(here(row.command, place)) as process:
                play_the_person(process, row, sandbox)
                out, err = process.communicate(timeout=30)
            assert process.returncode == 0, err
    assert out.startswith("Signed in as ")
    held_by = [_holder(session) for session in (place / "home").glob("apps/signedin/accounts/*/session")]
    assert held_by == ([] if row.key == "nowhere" else [row.key])


def _holder(session: Path) -> str:
    """Where the key of the session lies, in the words of the page."""
    if (session.parent / "key.wrapped").exists():
        return "a file, wrapped"
    return "a file" if (session.parent / "key").exists() else "the keyring"


def test_the_sandbox_in_a_job_needs_nothing(place: Path) -> None:
    """Not even a home: the command starts it, and the next one finds it."""
    (place / "home" / "sandbox.json").unlink()
    (place / "home" / "config.toml").unlink()
    start, login = next(row.command for row in ROWS if row.way == "the sandbox").split(" & ")
    with typed(f"exec {start}") as sandbox:
        assert sandbox.stdout is not None
        assert sandbox.stdout.readline().startswith("The sandbox listens on ")
        ran = subprocess.run(["sh", "-c", login], capture_output=True, text=True, timeout=30, check=False)

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("Signed in as ")


def test_a_job_looks_before_it_works(place: Path) -> None:
    """The code says that nobody is signed in; nothing waits for a person."""
    command = next(row.command for row in ROWS if row.way == "signed in by hand before")

    assert subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=False).returncode == 3


def test_every_row_is_tried_or_says_why_not() -> None:
    """And none is left over."""
    untried = [row for row in ROWS if row.tried.startswith("no: ")]

    assert len(SIGN_INS) + len(OTHERS) + len(untried) == len(ROWS) == TABLE.count("\n| ") - 1


@pytest.mark.parametrize("spoken", sorted({match.strip() for match in SPOKEN.findall(PAGE)} - {""}))
def test_what_the_text_says_to_run_can_be_typed(spoken: str) -> None:
    """Each command that is mentioned anywhere is one, with options that it has."""
    for command in spoken.replace("signedin ", "").split(" & "):
        name, *arguments = command.split()
        made = parsing.parser(name, import_module(module(name)), Program())
        assert made.parse_args(arguments)
