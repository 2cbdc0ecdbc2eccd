"""Fixtures that tests of every part share; a plugin says what becomes of tests that cannot run here."""

import signal

from hypothesis import HealthCheck, settings

pytest_plugins = (
    "tests.support.skips",
    "tests.support.case_tests",
    "tests.support.command_line",
    "tests.support.keyrings",
)

# A busy machine is no finding.
settings.register_profile("signedin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("signedin")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A run in the background has Ctrl-C ignored, and its children would inherit that: the tests press it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
