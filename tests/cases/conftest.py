"""A user for each test of a case; the test is about the case that its marker names."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests.support.command import Run
from tests.support.user import ASPECTS, User

from signedin_adapters.sandbox import Sandbox

FAILED = pytest.StashKey[bool]()


@pytest.fixture
def user(request: pytest.FixtureRequest, run: Run, sandbox: Sandbox, home: Path) -> Iterator[User]:
    """The user. What the test left open is a failure: all five things are asked for, or left out with a reason."""
    marker = request.node.get_closest_marker("case")
    assert marker is not None, "a test of a case names it: @pytest.mark.case"
    sandbox.earliest_refresh_at = "absent"
    user = User(marker.args[0], run, sandbox, home)
    yield user
    sandbox.earliest_refresh_at = "seconds"
    if not request.node.stash.get(FAILED, False):
        assert set(ASPECTS) == user.asked, f"not asked for: {', '.join(sorted(set(ASPECTS) - user.asked))}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers a failure: what a failed test did not come to is no news."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
