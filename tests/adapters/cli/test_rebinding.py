"""Whether an account's session may still be sent where the configuration says."""

import json
from pathlib import Path

from tests.support.command import Run

from signedin_adapters.sandbox import Sandbox


def test_a_sandbox_that_is_gone_has_not_moved(codex: Sandbox, home: Path, run: Run) -> None:
    """Its accounts stand as they stood: there is nothing to ask about them."""
    (home / "sandbox.json").unlink()
    ran = run("status", "--json")
    assert (ran.code, ran.json()["state"], ran.json()["case"]) == (0, "connected", None)


def test_a_sandbox_that_moved_is_named(codex: Sandbox, home: Path, run: Run) -> None:
    """Nothing of the session is sent to another place than it was made with."""
    file = home / "sandbox.json"
    there = json.loads(file.read_text()) | {"issuer": "http://127.0.0.1:9"}
    file.write_text(json.dumps(there))
    assert run("status", "--json").json()["case"]["id"] == "configuration-changed"
