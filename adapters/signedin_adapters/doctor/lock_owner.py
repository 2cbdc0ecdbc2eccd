"""Owns the check of the locks: who holds one of the account's now. It takes none itself."""

import os
import re
import sys
import time
from collections.abc import Iterator

import psutil

from signedin_adapters.doctor.check import Check, Finding, ok, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.loopback.holder import fit_to_show
from signedin_adapters.stores import sign_in_lock
from signedin_adapters.stores.lock import held

_LOCK = re.compile(r"^\d+: FLOCK +\S+ +\S+ +(\d+) +[0-9a-f]+:[0-9a-f]+:(\d+) ")


def _owner(patient: Patient) -> Finding:
    if patient.account is None:
        return _signing_in(patient.paths.sign_in_lock) or skipped("There is no account here yet.")
    paths = patient.paths.account(patient.account.id)
    if patient.account.answered:
        return warning(f"{_holder(paths.answered)} holds new tokens that it cannot save.", case="unsaved-elsewhere")
    if held(paths.lock):
        return warning(
            f"{_holder(paths.lock)} renews or saves the session now.",
            action="That takes seconds. If it does not end, end the process, or continue it where it is stopped.",
            case="lock-timeout",
        )
    return (
        _signing_in(paths.sign_in_lock)
        or _signing_in(patient.paths.sign_in_lock)
        or ok("No process holds the account.")
    )


def _signing_in(path: str) -> Finding | None:
    if not held(path):
        return None
    told = sign_in_lock.in_progress(sign_in_lock.read(path), at=time.time(), path=path).message
    return warning(f"{told}.", case="login-in-progress")


def _holder(path: str) -> str:
    """The processes that hold the lock, for people, as far as the system tells."""
    return " and ".join(filter(None, map(_name, _pids(path)))) or "Another process"


def _pids(path: str) -> Iterator[int]:
    """Linux lists locks by their files; elsewhere whoever has the file open holds it, or waits for it."""
    if sys.platform != "linux":
        yield from (process.pid for process in psutil.process_iter() if _has_open(process.pid, path))
        return
    try:
        inode = os.stat(path).st_ino
        with open("/proc/locks", encoding="ascii") as locks:
            found = {int(lock[1]) for line in locks if (lock := _LOCK.match(line)) and int(lock[2]) == inode}
    except OSError:
        return
    yield from sorted(pid for pid in found if _has_open(pid, path))


def _has_open(pid: int, path: str) -> bool:
    if pid == os.getpid():
        return False
    try:
        return any(file.path == os.path.realpath(path) for file in psutil.Process(pid).open_files())
    except (psutil.Error, OSError, ValueError):
        return False


def _name(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        told, stopped = process.name(), process.status() == psutil.STATUS_STOPPED
    except (psutil.Error, OSError):
        return ""
    return f"{fit_to_show(told) or 'A program'} (process {pid}{', stopped' if stopped else ''})"


CHECKS = (Check(id="lock.owner", look=_owner, after=("store.permissions",), silence="store-unavailable"),)
