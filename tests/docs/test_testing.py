"""docs/testing.md: every snippet of it is a test that passes, in a project that has nothing but what is installed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.snippets import snippets

PAGE = "docs/testing.md"


def test_every_snippet_is_a_test_that_passes(tmp_path: Path) -> None:
    """Each as a module of its own, with warnings for errors."""
    blocks = [snippet for snippet in snippets(PAGE) if snippet.language == "python"]
    for block in blocks:
        (tmp_path / f"test_line_{block.line}.py").write_text(block.code)
    options = ["-rp", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir", str(tmp_path)]
    command = [sys.executable, "-m", "pytest", *options]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for block in blocks:
        assert f"PASSED test_line_{block.line}.py::" in ran.stdout, f"line {block.line}"


def test_the_first_one_is_five_lines() -> None:
    """As promised above it."""
    first = snippets(PAGE)[0]
    _, _, body = first.code.partition("def test_")
    assert len(body.strip().splitlines()[1:]) == 5
