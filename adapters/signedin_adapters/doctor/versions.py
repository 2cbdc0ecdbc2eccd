"""Owns which versions are told to whoever helps."""

import platform
from importlib import metadata

from signedin.version import VERSION

_NAMED = ("anyio", "cryptography", "httpx", "keyring", "psutil", "truststore")


def versions() -> dict[str, object]:
    """Ours, Python's, the system's, and those of the libraries that a sign-in rests on."""
    return {
        "signedin": VERSION,
        "python": platform.python_version(),
        "os": f"{platform.system()} {platform.release()}",
        **{name: metadata.version(name) for name in _NAMED},
    }
