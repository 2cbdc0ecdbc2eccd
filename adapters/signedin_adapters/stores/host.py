"""Owns the host id's file: this machine's own id beside a fingerprint that tells a copy of the home from the home.

The fingerprint is 32 bits of the system's machine id: enough to notice a copy, too little to recognise a machine.
Where a system has no machine id (some containers), a copy of the whole home is not noticed. On the path of `status`.
"""

import sys
from binascii import crc32

from signedin.errors import StoreError
from signedin_adapters.stores import trust
from signedin_adapters.stores.fields import Fields


def known(path: str) -> str | None:
    """The id that was minted on this machine, None where there is none yet or the file came from elsewhere."""
    data = trust.read(path)
    return None if data is None else parse(data, path)


def parse(data: bytes, path: str) -> str | None:
    """The id that these bytes tell, None where they came from another machine. Raises StoreError."""
    fields = Fields(data, path)
    here, there = fingerprint(), fields.optional_text("machine")
    return None if here and there and here != there else fields.text("host_id")


def copied(session_host_id: str, path: str) -> bool:
    """Whether a session that names this host id was made on another machine. A damaged file accuses nobody."""
    try:
        return bool(session_host_id) and session_host_id != known(path)
    except StoreError:
        return False


def fingerprint() -> str:
    """This machine's fingerprint, empty where the system gives none."""
    machine = _machine_id()
    return f"{crc32(machine):08x}" if machine else ""


def _machine_id() -> bytes:
    if sys.platform == "darwin":  # written to Apple's manual page of gethostuuid(2), not run
        from ctypes import CDLL, byref, c_long, create_string_buffer

        uuid, wait = create_string_buffer(16), (c_long * 2)(1, 0)
        return uuid.raw if CDLL(None).gethostuuid(uuid, byref(wait)) == 0 else b""
    if sys.platform == "win32":  # not run
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
            return str(winreg.QueryValueEx(key, "MachineGuid")[0]).encode()
    for path in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            with open(path, "rb") as file:
                machine = file.read(64).strip()
        except OSError:
            continue
        if len(machine) == 32:  # systemd writes "uninitialized" before the first boot is over
            return machine
    return b""
