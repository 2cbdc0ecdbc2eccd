"""What a run says of tests that cannot run here, tried on a small suite in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SUITE = """
import pytest

def test_that_runs(): ...

@pytest.mark.skip(reason="needs chromium (apt install chromium)")
def test_in_a_browser(): ...

@pytest.mark.{elsewhere}
def test_of_another_system(): raise AssertionError
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    elsewhere = "macos" if sys.platform == "linux" else "linux"
    path = tmp_path / "test_suite.py"
    path.write_text(SUITE.format(elsewhere=elsewhere), encoding="utf-8")
    return path


def run(suite: Path, *arguments: str, ci: str) -> tuple[int, list[str]]:
    ours = ["-p", "tests.support.skips", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *ours, *arguments, str(suite)]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(REPOSITORY), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    finished = subprocess.run(command, cwd=suite.parent, env=environment, capture_output=True, text=True, check=False)
    return finished.returncode, finished.stdout.splitlines()


def test_the_last_line_says_what_would_run_the_rest(suite: Path) -> None:
    """On somebody's machine a skip is no failure; the last line counts and names what is missing."""
    status, lines = run(suite, ci="")
    assert status == 0
    assert lines[-1] == "1 passed, 1 skipped: chromium (apt install chromium) would run the rest"
    assert "1 passed, 1 skipped, 1 deselected" in lines[-2]


def test_a_skip_in_ci_is_a_failure(suite: Path) -> None:
    """Under CI=true the run fails and says which test was skipped and why; another system's test is no skip."""
    status, lines = run(suite, ci="true")
    assert status == 1
    told = [line for line in lines if line.startswith("CI=true")]
    assert len(told) == 1
    assert told[0].endswith("test_suite.py::test_in_a_browser: needs chromium (apt install chromium)")


def test_side_by_side_the_same_is_said(suite: Path) -> None:
    """As `make test` runs them: a worker reports the skip, and the run counts, names and judges it."""
    status, lines = run(suite, "-p", "xdist.plugin", "-n", "1", ci="true")
    assert status == 1
    assert lines[-2].endswith("test_suite.py::test_in_a_browser: needs chromium (apt install chromium)")
    assert lines[-1] == "1 passed, 1 skipped: chromium (apt install chromium) would run the rest"
