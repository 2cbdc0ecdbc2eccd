"""`config.toml` of the home, read strictly: a mistake is a ConfigurationError that names file, line and key.

It never writes the file, and knows no provider: what a table `[providers.NAME]` means is the providers' matter.
"""

from signedin_adapters.config.settings import Config, Network, path, read

__all__ = ["Config", "Network", "path", "read"]
