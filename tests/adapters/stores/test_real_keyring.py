"""A real Secret Service: gnome-keyring on a D-Bus of its own, unlocked, locked, and gone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]

pytestmark = [
    pytest.mark.linux,
    pytest.mark.skipif(
        not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
        reason="needs a Secret Service (apt install gnome-keyring dbus)",
    ),
]

SETUP = """
import sys
from signedin.errors import StoreError
from signedin.testing.stores import *
from signedin_adapters.stores.opening import choose, keyring
from signedin.record import Preferences
store = keyring(app="demo")
"""
SIGN_IN = """
store.probe()
print(choose(app="demo", preferences=Preferences(), secret=True))
store.save_record(sample_record())
committed = commit(store, sample_session(), sign_in=True)
assert keyring(app="demo").load(ACCOUNT).session == committed
store.clear(ACCOUNT, keep_for_revocation=False)
import keyring as library
print(library.get_password("signedin:demo", ACCOUNT))
"""
LOCKED = """
import secretstorage
store.save_record(sample_record())
committed = commit(store, sample_session(), sign_in=True)
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
assert store.load(ACCOUNT).session == committed
for _ in range(2):
    try:
        keyring(app="demo").load(ACCOUNT)
    except StoreError as error:
        print(error.case)
"""
START = """
mkfifo "$HOME/password"; printf secret > "$HOME/password" &
gnome-keyring-daemon --foreground --unlock --components=secrets < "$HOME/password" > /dev/null 2>&1 &
daemon=$!
"$PYTHON" -c "$WAIT"
"$PYTHON" -c "$CODE"
kill $daemon
"""
WAIT = """
import time, secretstorage
for _ in range(200):
    try:
        if not secretstorage.get_default_collection(secretstorage.dbus_init()).is_locked():
            break
    except Exception:
        pass
    time.sleep(0.02)
"""


def run_on_a_bus(tmp_path: Path, code: str) -> str:
    """Run Python on a new session bus, with a home and an unlocked keyring of its own."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    roots = os.pathsep.join(str(REPOSITORY / root) for root in ("core", "adapters"))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": roots,
        "PYTHON": sys.executable,
        "WAIT": WAIT,
        "CODE": SETUP + code,
    }
    ran = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", START],
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "Traceback" not in ran.stderr, ran.stderr
    return ran.stdout


def test_a_real_keyring_holds_the_key_and_gives_it_up(tmp_path: Path) -> None:
    """Probe, choice, sign-in, a second handle, and nothing left after the sign-out."""
    assert run_on_a_bus(tmp_path, SIGN_IN).split() == ["keyring", "None"]


def test_a_real_keyring_that_is_locked_keeps_the_session(tmp_path: Path) -> None:
    """Who has the key goes on; who has not is told that it is locked, and nothing is lost."""
    assert run_on_a_bus(tmp_path, LOCKED).split() == ["keyring-locked"] * 2
