"""The script with OpenAI's SDK, as its readers run it; a second server, which the environment names, sees nothing."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import acme_notes
from tests.support.command import Ran, ended
from tests.support.examples import EXAMPLES

import openai_script
from signedin.testing.raw_server import replying, serving
from signedin_adapters.sandbox import Sandbox

Captured = pytest.CaptureFixture[str]
QUESTION = ("Why", "is", "it", "so?")
SAID = "You asked: “Why is it so?” (4 words). This is sandbox-large in the signedin sandbox; nothing left this machine."


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving(replying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
            monkeypatch.setenv(name, "somebody-elses")
        yield
    assert server.connections == 0


def test_the_first_time(sandbox: Sandbox, home: Path) -> None:
    """Nobody is signed in: a browser opens, and then the answer is printed. A warning would be an error."""
    acme_notes.move_in(home)
    program = str(EXAMPLES / "openai_script.py")
    assert ended(sys.executable, "-W", "error", program, *QUESTION) == Ran(code=0, out=f"{SAID}\n", err="")


def test_from_then_on(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """No browser opens, and nothing is sent but what it is for."""
    acme_notes.sign_in(sandbox, home)
    sandbox.requests.clear()
    monkeypatch.setattr(sys, "argv", ["openai_script.py", *QUESTION])
    openai_script.main()
    assert capsys.readouterr() == (f"{SAID}\n", "")
    assert [request.path for request in sandbox.requests] == ["/v1/models", "/v1/responses"]


def test_a_case(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one sentence, and no traceback."""
    acme_notes.sign_in(sandbox, home)
    sandbox.faults.inject("api-429-limit", None)
    monkeypatch.setattr(sys, "argv", ["openai_script.py"])
    with pytest.raises(SystemExit, match=r"^Acme Notes: [^\n]+\.$"):
        openai_script.main()
