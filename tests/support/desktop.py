"""A desktop session without a screen: a D-Bus of its own, and gnome-keyring on it while somebody is logged in."""

import os
import shutil
import signal
import subprocess
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

NEEDS = "needs gnome-keyring (apt install gnome-keyring dbus)"
PASSWORD = "secret"
SERVICE_NAME = "org.freedesktop.secrets"
WAIT_SECONDS = 10.0

BUS = """\
<busconfig>
  <type>session</type>
  <listen>unix:dir={runtime}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
"""A bus that starts nothing by itself: whether a Secret Service is on it is the test's choice."""


class Desktop:
    """The session: `environment` is what a program in it sees. `log_in` unlocks the keyring, `lock` locks it."""

    def __init__(self, runtime: Path, address: str) -> None:
        self._home, self._connection = runtime, _jeepney().io.blocking.open_dbus_connection(bus=address)
        self._daemon: subprocess.Popen[str] | None = None
        self.environment = {
            "DBUS_SESSION_BUS_ADDRESS": address,
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(runtime / "data"),
        }

    def log_in(self) -> None:
        """Start the keyring with its password; returns once it is on the bus, unlocked."""
        jeepney = _jeepney()
        rule = jeepney.MatchRule(type="signal", interface="org.freedesktop.DBus", member="NameOwnerChanged")
        rule.add_arg_condition(0, SERVICE_NAME)
        rule.add_arg_condition(1, "")  # the owner before: nobody
        self._connection.send_and_get_reply(jeepney.message_bus.AddMatch(rule))
        with self._connection.filter(rule) as arrivals:
            self._daemon = self._start()
            self._connection.recv_until_filtered(arrivals, timeout=WAIT_SECONDS)
        assert not self._collection().is_locked()

    def log_out(self) -> None:
        """Stop the keyring; what it holds stays on disk."""
        if self._daemon is not None:
            self._daemon.terminate()
            self._daemon.send_signal(signal.SIGCONT)
            self._daemon.wait()
            self._daemon = None

    def lock(self) -> None:
        """Lock the keyring, as a desktop does when it is left alone."""
        self._collection().lock()

    def hang(self) -> None:
        """Stop the keyring in its tracks: it stays on the bus and answers nobody."""
        if self._daemon is not None:
            self._daemon.send_signal(signal.SIGSTOP)

    def unlock(self) -> None:
        """Log in anew, which unlocks it."""
        self.log_out()
        self.log_in()

    def entries(self, service: str) -> dict[str, str]:
        """The keyring's own word on what it holds for a service: secrets by user name."""
        items = self._collection().search_items({"service": service})
        return {item.get_attributes()["username"]: item.get_secret().decode() for item in items}

    def close(self) -> None:
        """End it all."""
        self.log_out()
        self._connection.close()

    def _start(self) -> "subprocess.Popen[str]":
        daemon = subprocess.Popen(
            ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={"PATH": os.environ["PATH"], "HOME": str(self._home), **self.environment},
        )
        assert daemon.stdin is not None
        with daemon.stdin as stdin:
            stdin.write(PASSWORD)
        return daemon

    def _collection(self) -> Any:
        secretstorage: Any = pytest.importorskip("secretstorage", reason=NEEDS)
        return secretstorage.get_default_collection(self._connection)


def _jeepney() -> Any:
    pytest.importorskip("jeepney.io.blocking", reason=NEEDS)
    return pytest.importorskip("jeepney", reason=NEEDS)


@contextmanager
def session(runtime: Path) -> Generator[Desktop]:
    """A session bus with nobody on it. Skips the test where the programs for it are not installed."""
    if not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")):
        pytest.skip(NEEDS)
    _jeepney()
    runtime.chmod(0o700)
    config = runtime / "bus.conf"
    config.write_text(BUS.format(runtime=runtime), encoding="utf-8")
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bus:
        assert bus.stdout is not None
        try:
            with closing(Desktop(runtime, bus.stdout.readline().strip())) as desktop:
                yield desktop
        finally:
            bus.terminate()
