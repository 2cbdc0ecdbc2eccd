"""What `import signedin.testing` gives, and what it costs."""

import subprocess
import sys

import pytest

from signedin import ports, testing

PORTS = {name for name, value in vars(ports).items() if getattr(value, "_is_protocol", False) and name != "Protocol"}
SUITES = {"OpenBrowser": "BrowserContract", "Claim": "StoreContract", "Listener": "ListenContract"}
"""Those that are not named for their port: what comes of a port is tested with it."""
CONTRACTS = [name for name in testing.__all__ if name.endswith("Contract")]


def test_the_list_is_sorted() -> None:
    """And each name is there, with a docstring of its own."""
    assert testing.__all__ == sorted(testing.__all__) == dir(testing)
    for name in testing.__all__:
        assert getattr(testing, name).__doc__


def test_every_port_has_its_contract() -> None:
    """And the prompt, which is a function."""
    assert {SUITES.get(port, f"{port}Contract") for port in PORTS} | {"PromptContract"} == set(CONTRACTS)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As with any module."""
    with pytest.raises(AttributeError, match="no attribute 'FakeTime'"):
        _ = testing.FakeTime


def test_only_the_contracts_need_pytest() -> None:
    """A fake can stand in a demo or in a test of another framework."""
    fakes = ", ".join(sorted(set(testing.__all__) - set(CONTRACTS)))
    program = f"import sys; from signedin.testing import {fakes}; print('pytest' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_says_what_it_wants(name: str) -> None:
    """A suite whose fixture is missing names it, and one that is not subclassed is never run by mistake."""
    contract = getattr(testing, name)
    assert "A subclass overrides" in contract.__doc__
    assert not name.startswith("Test")
