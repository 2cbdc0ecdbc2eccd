"""The provider profiles: what is built in, what the sandbox left, what `config.toml` adds.

One file each; they are data. They never contact a server, and hold no credential.
"""

from signedin_adapters.providers.profiles import SANDBOXES, Known, default_name, find, known
from signedin_adapters.providers.sources import settings

__all__ = ["SANDBOXES", "Known", "default_name", "find", "known", "settings"]
