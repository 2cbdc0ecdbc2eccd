"""A user for each test of a case; the test is about the case that its marker names."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from tests.support.broken_disk import BrokenDisk, OwnMounts, own_mounts
from tests.support.command import Run
from tests.support.user import ASPECTS, User

from signedin_adapters.sandbox import Sandbox

FAILED = pytest.StashKey[bool]()


@pytest.fixture
def user(
    request: pytest.FixtureRequest, run: Run, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[User]:
    """The user. What the test left open is a failure: all five things are asked for, or left out with a reason."""
    marker = request.node.get_closest_marker("case")
    assert marker is not None, "a test of a case names it: @pytest.mark.case"
    monkeypatch.setattr(sandbox, "earliest_refresh_at", "absent")
    user = User(marker.args[0], run, sandbox, home)
    yield user
    if not request.node.stash.get(FAILED, False):
        assert set(ASPECTS) == user.asked, f"not asked for: {', '.join(sorted(set(ASPECTS) - user.asked))}"


@pytest.fixture(scope="module")
def mounts() -> Iterator[OwnMounts]:
    """Where the disks are."""
    with own_mounts() as mounts:
        yield mounts


@pytest.fixture
def disk(
    mounts: OwnMounts, sandbox: Sandbox, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BrokenDisk]:
    """A small disk that is well, with a home that knows the sandbox; the log lies elsewhere."""
    monkeypatch.setenv("SIGNEDIN_LOG", str(tmp_path / "signedin.jsonl"))
    directory = tmp_path / "disk"
    directory.mkdir()
    with BrokenDisk(mounts, directory) as disk:
        disk.take(home / "sandbox.json")
        monkeypatch.setenv("SIGNEDIN_HOME", str(disk.seen_from_here))
        yield disk


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remembers a failure: what a failed test did not come to is no news."""
    report = yield
    if call.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report
