"""Fixtures that tests of every part share; a plugin says what becomes of tests that cannot run here."""

from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.support.skips",)

# A busy machine is no finding.
settings.register_profile("signedin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("signedin")
