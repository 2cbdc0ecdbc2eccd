"""The plugin, in fresh processes that have nothing but what is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEVERAL = """
import pytest
from signedin import Connection, State, sync


def test_without_a_loop(signedin_sandbox):
    signedin_sandbox.sign_in("Acme Notes")
    with sync.Connection.open(app_name="Acme Notes") as connection:
        assert connection.state is State.CONNECTED


async def signs_in():
    async with Connection.open(app_name="Acme Notes") as connection:
        await connection.ensure_signed_in()
        assert connection.state is State.CONNECTED


@pytest.mark.anyio
async def test_by_anyio(signedin_sandbox):
    await signs_in()


@pytest.mark.asyncio
async def test_by_pytest_asyncio(signedin_sandbox):
    await signs_in()
"""
NO_EXTRA = """
import sys


class NoExtra:
    def find_spec(self, name, path=None, target=None):
        if name in ("starlette", "uvicorn"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, NoExtra())
"""
OURS = ("signedin", "signedin_adapters", "starlette", "uvicorn", "httpx", "joserfc", "keyring", "cryptography")
PLUGIN = ["signedin_adapters", "signedin_adapters.testing"]


def pytest_in(
    directory: Path, *arguments: str, program: str = "import pytest; pytest.main()"
) -> "subprocess.CompletedProcess[str]":
    """A run of pytest in a project of its own; `program` begins it."""
    command = [sys.executable, "-c", program, "-p", "no:cacheprovider", "--rootdir", str(directory), *arguments]
    environment = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def test_it_loads_nothing_until_it_is_used(tmp_path: Path) -> None:
    """Wherever signedin is installed, pytest starts as before: one module, which needs what is there already."""
    (tmp_path / "test_one.py").write_text("def test_it(signedin_sandbox):\n    pass\n")
    program = (
        "import sys, pytest\n"
        "there = set(sys.modules)\n"
        "import signedin_adapters.testing\n"
        "print('loads', *sorted(set(sys.modules) - there))\n"
        "pytest.main(sys.argv[1:])\n"
        f"print('loaded', *sorted(name for name in sys.modules if name.partition('.')[0] in {OURS}))\n"
    )
    first, *said, last = pytest_in(tmp_path, "--fixtures", "-q", program=program).stdout.splitlines()
    assert first.split() == ["loads", *PLUGIN]
    assert last.split() == ["loaded", *PLUGIN]
    assert any(line.startswith("signedin_sandbox -- ") for line in said)
    assert any("A stand-in for OpenAI's servers on this machine" in line for line in said)


@pytest.mark.parametrize(("mode", "options"), [("strict", ["-n", "2"]), ("auto", [])], ids=["strict, xdist", "auto"])
def test_it_holds_under_every_plugin(tmp_path: Path, mode: str, options: list[str]) -> None:
    """pytest-asyncio in both of its modes, anyio's own, pytest-xdist, and none at all."""
    (tmp_path / "test_several.py").write_text(SEVERAL)
    settings = (
        f"[pytest]\nasyncio_mode = {mode}\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    )
    (tmp_path / "pytest.ini").write_text(settings)
    ran = pytest_in(tmp_path, "-q", *options)
    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr


def test_a_missing_extra_is_one_line(tmp_path: Path) -> None:
    """Which says what to install."""
    (tmp_path / "conftest.py").write_text(NO_EXTRA)
    (tmp_path / "test_one.py").write_text("def test_it(signedin_sandbox):\n    pass\n")
    ran = pytest_in(tmp_path, "-q")
    assert "signedin_sandbox needs an extra: pip install 'signedin[sandbox]'" in ran.stdout
    assert "Traceback" not in ran.stdout
    assert "1 error" in ran.stdout
