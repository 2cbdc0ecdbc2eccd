"""Storage: a disk that is full or read-only, with the log on another one."""

import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager

import pytest
from tests.support.broken_disk import BrokenDisk
from tests.support.command import ONLY_LOOKING, Ran, Run
from tests.support.stage import TOKEN
from tests.support.user import User

from signedin_adapters.sandbox import RequestRecord, Sandbox

pytestmark = pytest.mark.linux

RENEWING = """
import sys
import anyio
from signedin import Connection

async def main():
    async with Connection.open(app_name="signedin", provider="sandbox") as connection:
        await connection.refresh()
        print("renewed", flush=True)
        sys.stdin.read()
        await connection.refresh()
        print("renewed", flush=True)

anyio.run(main)
"""
"""A program that is told by the end of its stdin to renew the session once more."""


@pytest.fixture
def run(run: Run, start: Run) -> Run:
    """The command as a process, with which what it could not save ends; what only looks is run here."""

    def run_or_start(*arguments: str) -> Ran:
        return (run if arguments[0] in ONLY_LOOKING else start)(*arguments)

    return run_or_start


@pytest.fixture
def signed_in_on(disk: BrokenDisk, user: User) -> BrokenDisk:
    """Ada signed in while the disk was well."""
    assert user.types("login", "--provider", "sandbox").code == 0, user.ran.err
    return disk


@contextmanager
def breaking(disk: BrokenDisk, sandbox: Sandbox) -> Generator[None]:
    """The disk becomes read-only between the server's answer to a refresh and the end of the block."""

    broken = threading.Event()

    def breaks(request: RequestRecord) -> None:
        if request.path == TOKEN and not broken.is_set():
            disk.make_read_only()
            broken.set()

    sandbox.on_request = breaks
    try:
        yield
    finally:
        sandbox.on_request = None
        assert broken.is_set(), "nothing was refreshed"
        disk.make_writable()


@pytest.mark.case("disk-full-or-readonly")
@pytest.mark.parametrize("broken", ["full", "read-only"])
def test_a_disk_that_could_not_take_the_new_tokens(user: User, signed_in_on: BrokenDisk, broken: str) -> None:
    """It is met before a token is spent, so nothing is lost."""
    user.sandbox.requests.clear()
    signed_in_on.break_down(broken)
    user.types("refresh")
    user.was_told("Free some space")
    signed_in_on.mend(broken)
    assert not [request for request in user.sandbox.requests if request.path == TOKEN]
    user.stands("connected", names_case=False)
    user.leaves_out("logged", because="the step is a refresh that failed: the case's own is one that was not saved")
    user.is_diagnosed()
    user.keeps_the_session("refresh")


@pytest.mark.case("disk-full-or-readonly")
def test_a_disk_that_breaks_while_the_new_tokens_come(user: User, signed_in_on: BrokenDisk) -> None:
    """They end with the command, which says so; the old access token is used while it lives."""
    with breaking(signed_in_on, user.sandbox):
        user.types("refresh")
    user.was_told()
    user.stands("connected", names_case=False, flags=["in_doubt"])
    user.logged()
    user.is_diagnosed()
    user.keeps_the_session()


@pytest.mark.case("disk-full-or-readonly")
def test_a_question_whose_tokens_were_renewed_on_the_way(user: User, signed_in_on: BrokenDisk) -> None:
    """It is answered, for the new token is good; that it ends with the command is said beside the answer."""
    user.sandbox.grants.expire_access()
    with breaking(signed_in_on, user.sandbox):
        user.types("ask", "Hello")
    user.was_warned("Hello", "The session cannot be saved", "signedin explain disk-full-or-readonly")
    user.stands("connected", names_case=False, flags=["in_doubt"])
    user.logged()
    user.is_diagnosed()
    user.has_lost_the_session()


@pytest.mark.case("unsaved-elsewhere")
def test_another_program_that_cannot_save_what_it_renewed(user: User, signed_in_on: BrokenDisk) -> None:
    """Nobody spends the token a second time; once there is a place for it, that program saves the session itself."""
    with ExitStack() as stack:
        with breaking(signed_in_on, user.sandbox):
            other = stack.enter_context(renewing())
            user.types("refresh")
            user.was_told("before you end the other process")
            user.stands("connected", names_case=True, flags=["storage_degraded"])
            user.logged()
            user.is_diagnosed("disk-full-or-readonly")
        other.goes_on()
        user.keeps_the_session("refresh")


class Renewing:
    """Another program that has the session renewed, in memory alone."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._said() == "renewed"

    def goes_on(self) -> None:
        """It renews it again, which saves it first."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._said() == "renewed"

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip()


@contextmanager
def renewing() -> Generator[Renewing]:
    """It runs, until the end of the block."""
    command = [sys.executable, "-c", RENEWING]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Renewing(process)
        finally:
            process.kill()
