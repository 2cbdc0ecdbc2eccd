"""What becomes of tests that cannot run here: another system's are deselected, the others name what they need.

A reason to skip reads "needs chromium (apt install chromium)". The last line of a run gathers them, and under
`CI=true` each of them is a failure: a machine that is set up for the tests runs them all.
"""

import os
import sys
from collections.abc import Generator

import pytest

SYSTEMS = {"linux": "linux", "macos": "darwin", "windows": "win32"}


def pytest_configure(config: pytest.Config) -> None:
    """Registers a marker for each system."""
    for marker in SYSTEMS:
        config.addinivalue_line("markers", f"{marker}: runs on this system alone and is deselected on others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselects the tests of other systems."""
    elsewhere = [item for item in items if not _belongs_here(item)]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if _belongs_here(item)]


def _belongs_here(item: pytest.Item) -> bool:
    systems = [platform for marker, platform in SYSTEMS.items() if item.get_closest_marker(marker)]
    return not systems or sys.platform in systems


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None]:
    """Writes the last line, under pytest's own, and fails a run in CI that skipped something."""
    terminal: pytest.TerminalReporter | None = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped: list[pytest.TestReport] = terminal.stats.get("skipped", []) if terminal else []
    in_ci = os.environ.get("CI") == "true"
    if skipped and in_ci and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    yield
    if terminal is None or not skipped:
        return
    if in_ci:
        for report in skipped:
            terminal.write_line(f"CI=true, so this skip is a failure: {report.nodeid}: {_reason(report)}", red=True)
    needs = dict.fromkeys(_reason(report).removeprefix("needs ") for report in skipped)
    terminal.write_line(f"{_counts(terminal)}: {', '.join(needs)} would run the rest", yellow=True)


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    return (longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)).removeprefix("Skipped: ")


def _counts(terminal: pytest.TerminalReporter) -> str:
    counts = {outcome: len(terminal.stats.get(outcome, [])) for outcome in ("failed", "error", "passed", "skipped")}
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count or outcome == "passed")
