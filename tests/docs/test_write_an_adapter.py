"""docs/write-an-adapter.md: what it shows is run as it stands, in a project that has nothing but what is installed."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.support.snippets import ROOT, snippets

from signedin import ports, sign_in, testing, wiring

PAGE = "docs/write-an-adapter.md"
STORE, *PYTHON = [snippet for snippet in snippets(PAGE) if snippet.language == "python"]
STORE_MODULE = "sqlite_store"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A directory with the page's store in it."""
    (tmp_path / f"{STORE_MODULE}.py").write_text(STORE.code)
    return tmp_path


def test_every_snippet_is_a_test_that_passes(project: Path) -> None:
    """Each as a module of its own, with warnings for errors."""
    for snippet in PYTHON:
        (project / f"test_line_{snippet.line}.py").write_text(snippet.code)
    options = ["-rp", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio", "--rootdir", str(project)]
    environment = {"PATH": os.environ["PATH"], "HOME": str(project)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for snippet in PYTHON:
        assert f"PASSED test_line_{snippet.line}.py::" in ran.stdout, f"line {snippet.line}"


def test_its_store_is_the_example() -> None:
    """To the letter; it is shorter than sixty lines."""
    assert STORE.code == (ROOT / "examples" / "sqlite_store.py").read_text(encoding="utf-8")
    assert len(STORE.code.splitlines()) < 60


def test_a_store_that_has_a_name_is_found_by_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of `pyproject.toml`, as an installed package leaves them."""
    (declared,) = [snippet for snippet in snippets(PAGE) if snippet.language == "toml"]
    stores = tomllib.loads(declared.code)["project"]["entry-points"]["signedin.stores"]
    about = project / "acme_store-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-store\nVersion: 1.0\n")
    lines = "".join(f"{name} = {target}\n" for name, target in stores.items())
    (about / "entry_points.txt").write_text(f"[signedin.stores]\n{lines}")
    monkeypatch.syspath_prepend(str(project))
    for name in stores:
        opened = wiring.store_named(name)(app="Acme Notes", home=str(project / "home"), asking=None)
        assert opened.place.startswith(str(project))
        assert opened.records() == ()


def test_its_table_names_every_port_and_every_contract() -> None:
    """As they are called."""
    table = "".join(line for line in (ROOT / PAGE).read_text(encoding="utf-8").splitlines(True) if line[:1] == "|")
    contracts = {name for name in testing.__all__ if name.endswith("Contract")}
    assert set(re.findall(r"`(\w+Contract)`", table)) == contracts
    named = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert [name for name in named if not hasattr(ports, name)] == ["Prompt"]
    assert hasattr(sign_in, "Prompt")
