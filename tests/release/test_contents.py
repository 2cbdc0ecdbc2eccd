"""What is uploaded: whole, nothing beside it, and described as it is."""

import tarfile
import tomllib
import zipfile
from configparser import ConfigParser
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from tests.support import released
from tests.support.released import Release, python

import signedin

pytestmark = pytest.mark.timeout(180)  # whoever comes first builds

INFO = f"signedin-{signedin.__version__}.dist-info"
OF_ITS_OWN = {"PKG-INFO"}
"""What the sdist has beside the tree."""


@pytest.fixture
def wheel(release: Release) -> zipfile.ZipFile:
    """The wheel, opened."""
    return zipfile.ZipFile(release.wheel)


@pytest.fixture
def metadata(wheel: zipfile.ZipFile) -> Message:
    """What an index shows of it."""
    return Parser().parsestr(wheel.read(f"{INFO}/METADATA").decode())


def files(directory: Path) -> set[str]:
    """Everything below, by its path from there."""
    return {path.relative_to(directory).as_posix() for path in directory.rglob("*") if path.is_file()}


def test_twine_takes_both(release: Release) -> None:
    """Also the description, as an index renders it."""
    said = python("-m", "twine", "check", "--strict", str(release.wheel), str(release.sdist))
    assert said.count("PASSED") == 2


def test_check_wheel_contents_finds_nothing(release: Release, tree: Path) -> None:
    """Two packages, and nothing that belongs elsewhere."""
    assert "OK" in python("-m", "check_wheel_contents", str(release.wheel), cwd=tree)


def test_the_wheel_is_both_packages_and_nothing_else(wheel: zipfile.ZipFile, tree: Path) -> None:
    """Every module, `py.typed`, the pages' own files; no test, no tool, no document."""
    names = {name for name in wheel.namelist() if not name.startswith(INFO)}
    assert names == files(tree / "core") | files(tree / "adapters")
    assert {"signedin/py.typed", "signedin_adapters/py.typed", "signedin_adapters/web/static/page.html"} <= names


def test_the_wheel_says_whose_it_is(wheel: zipfile.ZipFile, metadata: Message, tree: Path) -> None:
    """The licence goes along."""
    assert wheel.read(f"{INFO}/licenses/LICENSE") == (tree / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "MIT"


def test_the_sdist_is_the_whole_tree(release: Release, tree: Path) -> None:
    """With tests, documents and tools: whoever packages signedin can prove it again."""
    with tarfile.open(release.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert names == files(tree) | OF_ITS_OWN


def test_the_sdist_makes_the_same_wheel(release: Release, tmp_path: Path) -> None:
    """Byte by byte, wherever it is unpacked."""
    with tarfile.open(release.sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    again = released.built(tmp_path / f"signedin-{signedin.__version__}", tmp_path / "dist")
    assert again.wheel.name == release.wheel.name
    assert again.wheel.read_bytes() == release.wheel.read_bytes()


def test_the_metadata_says_what_the_project_says(metadata: Message, tree: Path) -> None:
    """One version, the README as it is, and the requirements of `pyproject.toml`."""
    project = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    assert metadata["Version"] == signedin.__version__ == project["version"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload() == (tree / "README.md").read_text()
    plain = {text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text}
    assert set(map(Requirement, plain)) == set(map(Requirement, project["dependencies"]))
    assert set(metadata.get_all("Provides-Extra", [])) == set(project["optional-dependencies"])


def test_the_entry_points_are_the_projects(wheel: zipfile.ZipFile, tree: Path) -> None:
    """The command, and what the core finds its adapters by."""
    project = tomllib.loads((tree / "pyproject.toml").read_text())["project"]
    told = ConfigParser(delimiters=("=",))
    told.read_string(wheel.read(f"{INFO}/entry_points.txt").decode())
    expected = {"console_scripts": project["scripts"], **project["entry-points"]}
    assert {name: dict(told[name]) for name in told.sections()} == expected
