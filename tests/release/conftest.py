"""A release, made once for all tests that look at it."""

from pathlib import Path

import pytest
from tests.support import released
from tests.support.released import Release


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources, in a directory of their own."""
    return released.tree(tmp_path_factory.mktemp("tree"))


@pytest.fixture(scope="session")
def release(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Wheel and sdist."""
    return released.built(tree, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def commands(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment that has the wheel without extras."""
    return released.installed(release.wheel, tmp_path_factory.mktemp("environment"))
