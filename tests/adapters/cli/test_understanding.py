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
from signedin_adapters.cli.command_table import COMMANDS
from signedin_adapters.cli.watch import Follower
from signedin_adapters.sandbox import Sandbox


def test_a_case_is_explained(run: Run) -> None:
    """What it means, what to do, and what it does to the connection."""
    ran = run("explain", "refresh-token-revoked")

    assert ran.code == 0
    assert "The session was ended elsewhere" in ran.out
    assert "Run signedin login." in ran.out
    assert "Refreshing → Expired: only signing in again helps" in ran.out
    assert "openai/codex" in ran.out or "codex-auth" in ran.out


@pytest.mark.parametrize("case", ["api-key-rejected", "api-401-loop", "refresh-token-other-user"])
def test_a_refusal_that_ends_no_grant_is_not_said_to(run: Run, case: str) -> None:
    """Though another sign-in is what helps."""
    assert "→ Error, needs_user; the credential is kept" in run("explain", case, "--json").json()["transition"]


@pytest.mark.parametrize("case", [case.id for case in CASES.values() if case.exit_code == 9])
def test_what_plan_limit_or_model_refuse_moves_no_state(run: Run, case: str) -> None:
    """Signing in again fixes none of it."""
    assert run("explain", case, "--json").json()["transition"].startswith("The state stays as it is")


@pytest.mark.parametrize(
    "case",
    ["port-in-use-own-attempt", "registration-gone", "user-denied-consent", "id-token-invalid"],
)
def test_what_ends_a_sign_in_leaves_what_was_there(run: Run, case: str) -> None:
    """It goes back to where it came from."""
    assert run("explain", case, "--json").json()["transition"].startswith("Authorizing → back to where")


def test_what_ends_nothing_moves_nothing(run: Run) -> None:
    """Another sign-in goes on, an old tab is turned away, and what never began ends nothing."""
    for case in ("login-in-progress", "state-mismatch-stale-tab", "port-in-use-other-tool", "listener-silent"):
        assert run("explain", case, "--json").json()["transition"].startswith("The state stays as it is")


def test_signing_out_elsewhere_is_signing_out(run: Run) -> None:
    """No sign-in has to be under way for it."""
    assert (
        run("explain", "signed-out-elsewhere", "--json")
        .json()["transition"]
        .endswith("→ Disconnected (SignedOutElsewhere).")
    )


def test_a_case_is_explained_for_a_provider(run: Run) -> None:
    """The command that signs in there, and its own page of settings."""
    ran = run("explain", "registration-gone", "--provider", "chatgpt")

    assert "Run signedin login --provider chatgpt --replace to register anew" in ran.out
    assert "The page: https://chatgpt.com/#settings/Security/linked-apps" in ran.out
    assert "The page" not in run("explain", "registration-gone").out


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
        "kind",
        "parent",
        "candidates",
        "signal",
        "by_itself",
        "exit_code",
        "transition",
        "event",
        "seen",
    }


def test_a_case_with_several_reasons_names_them_by_likelihood(run: Run) -> None:
    """Each of them says of which case it is one."""
    said = run("explain", "callback-never-arrives", "--json").json()

    assert said["candidates"][0] == "callback-never-arrives-ssh"
    assert "The sign-in runs inside a container (callback-container)" in run("explain", "callback-never-arrives").out
    assert run("explain", "callback-container", "--json").json()["parent"] == "callback-never-arrives"


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
        ("codex", False),
        ("openai", False),
        ("sandbox", False),
        ("sandbox-codex", False),
        ("sandbox-native", False),
        ("acme", True),
    ]
    assert {"key": "issuer", "value": "https://id.example", "source": f"{home}/config.toml:3"} in said[6]["settings"]
    assert "  issuer                 https://id.example  " in run("providers", "acme").out
    assert "* acme" in run("providers").out


def test_codex_is_listed_as_what_has_to_be_asked_for(run: Run) -> None:
    """In words, with the reason beside its settings."""
    (line,) = (line for line in run("providers").out.splitlines() if line.startswith("  codex "))
    assert line.endswith("built in, opt-in")
    assert [each["name"] for each in run("providers", "--json").json()["providers"] if each["opt_in"]] == ["codex"]
    assert "used where it is asked for by name. OpenAI made" in run("providers", "codex").out


def test_nested_settings_can_be_read(run: Run, home: Path) -> None:
    """Under the name of their group, each with its source; claims as paths, yes and no as words."""
    (home / "config.toml").write_text('[providers.codex]\noriginator = "Acme Notes"\n')
    lines = run("providers", "codex").out.splitlines()
    api = lines[lines.index("  api") :]
    assert api[1] == f"    headers.originator          Acme Notes  ({home}/config.toml:2)"
    assert "    models_by_priority          yes  (built in)" in api
    assert '    workspace                   "https://api.openai.com/auth".chatgpt_account_id  (built in)' in lines
    assert '    email                       email or "https://api.openai.com/profile".email  (built in)' in lines
    assert "  sends_nonce            no  (built in)" in lines
    said = run("providers", "codex", "--json").json()["providers"][0]["settings"]
    assert {"key": "api.headers.originator", "value": "Acme Notes", "source": f"{home}/config.toml:2"} in said


def test_endpoints_that_are_discovered_are_said_to_be(run: Run, home: Path) -> None:
    """Otherwise they would seem to be missing; those that are listed, or are not needed, do not."""
    (home / "config.toml").write_text(
        '[providers.acme]\nissuer = "https://id.example"\nclient_id = "native-app"\n'
        '[providers.keys]\nregistration = "api-key"\napi_base = "https://api.example/v1"\n'
    )
    said = "The endpoints are discovered"
    assert said in run("providers", "acme").out
    assert all(said not in run("providers", name).out for name in ("chatgpt", "codex", "keys"))


def test_a_provider_that_there_is_not(run: Run) -> None:
    """Exit 7, and a guess at what was meant."""
    ran = run("providers", "chatgtp")
    assert ran.code == 7
    assert "Did you mean chatgpt?" in ran.err


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
