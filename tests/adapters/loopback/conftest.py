"""What the tests of the listener need of this machine."""

import pytest
from tests.support.taken_ports import occupied


@pytest.fixture
def ipv6() -> None:
    """Skips the test where there is no `::1`."""
    try:
        occupied("::1").close()
    except OSError:
        pytest.skip("needs IPv6 on the loopback interface")
