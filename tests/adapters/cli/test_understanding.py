"""`signedin explain`, `providers`, `watch` and `completion`."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, Run

from signedin.cases import CASES, HEADINGS
from signedin_adapters.cli.commands import COMMANDS
from signedin_adapters.cli.watch import Follower
from signedin_adapters.sandbox import Sandbox


def test_a_case_is_explained(run: Run) -> None:
    """What it means, what to do, and what it does to the connection."""
    ran = run("explain", "refresh-token-revoked")

    assert ran.code == 0
    assert "The session was ended elsewhere" in ran.out
    assert "Run signedin login." in ran.out
    assert "Connected → Expired" in ran.out


def test_an_explanation_is_an_object_too(run: Run) -> None:
    """Its keys are fixed."""
    said = run("explain", "offline", "--json").json()

    assert said.keys() == {
        "schema",
        "id",
        "title",
        "remedy",
        "action",
        "category",
        "meaning",
        "exit_code",
        "transition",
    }


def test_all_cases_are_listed(run: Run) -> None:
    """One line each, under the headings of trouble."""
    lines = run("explain").out.splitlines()

    assert [line.split()[0] for line in lines if line.startswith("  ")] == list(CASES)
    assert [line for line in lines if line and not line.startswith("  ")] == list(HEADINGS)


def test_a_case_that_there_is_not_is_told_with_its_neighbours(run: Run) -> None:
    """Exit 2."""
    ran = run("explain", "offlin")

    assert ran.code == 2
    assert "Did you mean offline?" in ran.err


def test_providers_say_where_each_setting_came_from(run: Run, home: Path) -> None:
    """Built in, or the line of the file."""
    (home / "config.toml").write_text(
        'provider = "acme"\n[providers.acme]\nissuer = "https://id.example"\nclient_id = "native-app"\n'
    )
    said = run("providers", "--json").json()["providers"]

    assert [(each["name"], each["default"]) for each in said] == [
        ("chatgpt", False),
        ("openai", False),
        ("sandbox", False),
        ("acme", True),
    ]
    assert {"key": "issuer", "value": "https://id.example", "source": f"{home}/config.toml:3"} in said[3]["settings"]
    assert "  issuer                 https://id.example  " in run("providers", "acme").out
    assert "* acme" in run("providers").out


def test_a_provider_that_there_is_not(run: Run) -> None:
    """Exit 7."""
    assert run("providers", "nope").code == 7


def test_watching_follows_what_other_processes_do(signed_in: Sandbox, run: Run) -> None:
    """From now on, one line a transition; Ctrl-C ends it with 130."""
    process = subprocess.Popen(
        [SIGNEDIN, "watch", "--lines", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "SessionCommitted" in process.stdout.readline()
    run("logout", "--yes")
    while "SignOutRequested" not in (line := process.stdout.readline()):
        assert line
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)

    assert "connected → disconnected" in line
    assert process.returncode == 130
    assert "Traceback" not in err


def test_watching_for_programs_is_one_object_a_line(signed_in: Sandbox) -> None:
    """The log's own lines, transitions alone."""
    process = subprocess.Popen([SIGNEDIN, "watch", "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    record = json.loads(process.stdout.readline())
    process.terminate()
    process.communicate()

    assert record["event"] == "connection.transition"
    assert {"schema", "run", "seq", "at", "account", "from", "trigger", "to", "case", "flags"} <= record.keys()


def test_there_is_nothing_to_watch_without_a_log(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 7."""
    monkeypatch.setenv("SIGNEDIN_LOG", "off")

    assert run("watch").code == 7


def test_a_follower_survives_rotation(tmp_path: Path) -> None:
    """Half a line is kept until its end comes; a new file is begun from its start."""
    path = tmp_path / "log"
    follower = Follower(str(path))
    assert list(follower.read()) == []
    path.write_bytes(b"one\ntw")
    assert list(follower.read()) == [b"one"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert list(follower.read()) == [b"two"]
    path.rename(tmp_path / "log.1")
    path.write_bytes(b"three\n")
    assert list(follower.read()) == [b"three"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(run: Run, shell: str) -> None:
    """And their options."""
    ran = run("completion", shell)

    assert ran.code == 0
    for name in COMMANDS:
        assert name in ran.out
    assert "enable-plan" in ran.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash (apt install bash)")
def test_bash_completes(run: Run, tmp_path: Path) -> None:
    """The script is one that bash takes."""
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").out)
    asked = f"source {script}; COMP_WORDS=(signedin lo); COMP_CWORD=1; _shtab_signedin signedin lo signedin; "
    ended = subprocess.run(
        ["bash", "-c", asked + 'echo "${COMPREPLY[@]}"'], capture_output=True, text=True, env=os.environ, check=False
    )

    assert set(ended.stdout.split()) == {"login", "logout"}, ended.stderr
