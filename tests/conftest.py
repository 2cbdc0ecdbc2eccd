"""Fixtures that tests of every part share; a plugin says what becomes of tests that cannot run here."""

pytest_plugins = ("tests.support.skips",)
