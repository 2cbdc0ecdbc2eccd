"""Adapters are found by name, and by no import."""

import pytest

from signedin import wiring
from signedin.errors import ConfigurationError


@pytest.mark.parametrize("port", ["browser", "http", "log", "loopback", "provider", "register", "store"])
def test_every_port_has_an_adapter_that_stands_in(port: str) -> None:
    """Where nobody names one."""
    assert callable(wiring.default(port))


@pytest.mark.parametrize("name", ["file", "keyring", "memory"])
def test_the_stores_are_there_by_name(name: str) -> None:
    """A third party's is one more entry."""
    assert callable(wiring.store_named(name))


def test_a_name_that_nobody_installed_is_answered_with_those_that_are() -> None:
    """In one line."""
    with pytest.raises(ConfigurationError, match="no store called 'vault'; installed: file, keyring, memory"):
        wiring.store_named("vault")
    with pytest.raises(ConfigurationError, match="no adapter called 'telepathy'"):
        wiring.default("telepathy")
