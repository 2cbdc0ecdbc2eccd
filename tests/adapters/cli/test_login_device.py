"""`signedin login --device`: a code that somebody types into a browser elsewhere, here over HTTP."""

import json
import re
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.command import SIGNEDIN, STATUS_KEYS, Person, Run

from signedin_adapters.sandbox import Sandbox

PROVIDERS = ("sandbox-native", "sandbox-codex")
CODE = re.compile(r"\b[A-Z]{4}-[A-Z]{4,5}\b")


@pytest.fixture
def devices(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A sandbox whose users decide by themselves, and whose devices may ask every second."""
    monkeypatch.setattr(sandbox, "auto_approve", False)
    monkeypatch.setattr(sandbox, "device_interval", 1)
    monkeypatch.setenv("TERM", "xterm-256color")
    return sandbox


@contextmanager
def waiting(*arguments: str) -> Generator["subprocess.Popen[str]"]:
    """The command with its streams on pipes; ended with the block, if it has not ended by itself."""
    with subprocess.Popen(
        [SIGNEDIN, "login", "--device", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def code_of(process: "subprocess.Popen[str]") -> str:
    """The code, which stands alone on its line; the rest of what people are told is read with it."""
    assert process.stderr is not None
    code = ""
    while "Waiting for the code to be typed" not in (line := process.stderr.readline()):
        assert line, "it ended early"
        code = line.strip() if CODE.fullmatch(line.strip()) else code
    return code


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_person_signs_in_with_a_code(devices: Sandbox, provider: str) -> None:
    """The code is in a box, the time runs, and the rest happens by itself once somebody allowed it elsewhere."""
    person = Person("login", "--provider", provider, "--device")
    person.reads("left, c copies the code")
    code = next(iter(CODE.findall(person.screen)))
    assert f"│    {code}    │" in person.screen
    assert "Only type this code if you began" in person.screen
    devices.approve_device(code)

    assert person.leaves() == 0
    assert "ada@example.com" in person.screen
    assert "Opening your browser" not in person.screen


@pytest.mark.parametrize("provider", PROVIDERS)
def test_programs_get_one_object(devices: Sandbox, provider: str) -> None:
    """What people have to know is in lines on stderr, without a picture."""
    with waiting("--provider", provider, "--json") as process:
        devices.approve_device(code_of(process))
        out, err = process.communicate(timeout=20)

    assert process.returncode == 0
    said = json.loads(out)
    assert said.keys() == STATUS_KEYS
    assert said["state"] == "connected"
    assert not {"█", "\x1b"} & set(err)


def test_no_is_an_answer(devices: Sandbox) -> None:
    """As it is in a browser that comes back."""
    with waiting("--provider", "sandbox-native") as process:
        devices.approve_device(code_of(process), deny=True)
        _, err = process.communicate(timeout=20)

    assert process.returncode == 3
    assert "signedin: You declined." in err


@pytest.mark.parametrize(
    ("provider", "fault", "said", "remedy"),
    [
        (
            "sandbox-codex",
            "device-disabled",
            "Signing in with a code is switched off",
            "login --provider {} --no-browser",
        ),
        ("sandbox-codex", "device-expired", "The code expired", "login --provider {} --device for a new code"),
        ("sandbox-native", "device-expired", "The code expired", "login --provider {} --device for a new code"),
    ],
)
def test_what_is_in_the_way_is_a_case(
    run: Run, devices: Sandbox, provider: str, fault: str, said: str, remedy: str
) -> None:
    """With the way out."""
    devices.faults.inject(fault)
    ran = run("login", "--device", "--provider", provider)

    assert ran.code == 3
    assert f"signedin: {said}." in ran.err
    assert f"run signedin {remedy.format(provider)}" in ran.err.replace("Run", "run")


def test_a_time_of_ones_own_may_end_it_earlier(run: Run, devices: Sandbox) -> None:
    """Otherwise it lasts as long as the code."""
    ran = run("login", "--device", "--provider", "sandbox-native", "--timeout", "0.2", "--json")

    assert ran.code == 3
    assert ran.json()["error"]["case"] == "device-code-expired"


@pytest.mark.parametrize(
    "other", [("--port", "1455"), ("--api-key",), ("--enable-plan",)], ids=lambda other: str(other[0])
)
def test_what_belongs_to_another_way_is_bad_usage(run: Run, devices: Sandbox, other: tuple[str, ...]) -> None:
    """Exit 2, and nothing is asked of the provider."""
    devices.requests.clear()
    ran = run("login", "--device", "--provider", "sandbox-native", *other)

    assert ran.code == 2
    assert other[0] in ran.err
    assert not list(devices.requests)


def test_no_browser_is_opened_whether_one_is_asked_for_or_not(devices: Sandbox) -> None:
    """`--no-browser` goes without saying."""
    with waiting("--provider", "sandbox-native", "--no-browser") as process:
        devices.approve_device(code_of(process))
        assert process.wait(timeout=20) == 0


def test_a_provider_without_it_says_what_to_do(run: Run, home: Path) -> None:
    """Known from its profile: nothing is sent."""
    ran = run("login", "--provider", "chatgpt", "--device")

    assert ran.code == 7
    assert (
        "does not offer signing in with a code: run signedin login --provider chatgpt --no-browser, and paste"
        in ran.err
    )


def test_a_provider_that_turns_out_to_have_none_is_no_wrong_setting(
    run: Run, devices: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known once its metadata was read."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    (home / "config.toml").write_text(f'[providers.acme]\nissuer = "{devices.issuer}"\nclient_id = "acme"\n')
    ran = run("login", "--provider", "acme", "--device")

    assert ran.code == 7
    assert "does not offer signing in with a code" in ran.err
    assert "setting" not in ran.err
