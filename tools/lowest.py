"""Runs tests in an environment that has the lowest version of everything that `pyproject.toml` allows.

    .venv/bin/python tools/lowest.py [TEST…]

So the lower bounds there are versions that were tried. It takes a minute or two, and fetches packages from wherever pip
is set up to. The environment lies in a directory of its own, and goes with it.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOWEST = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?>=(?P<version>[\w.]+)")
TESTS = (
    "tests/adapters/cli/test_ask.py",
    "tests/adapters/cli/test_login.py",
    "tests/adapters/cli/test_logout.py",
    "tests/adapters/cli/test_models.py",
    "tests/adapters/cli/test_status.py",
    "tests/adapters/openai",
    "tests/adapters/test_http.py",
    "tests/adapters/web/test_mounting.py",
    "tests/core/oauth",
    "tests/core/test_auth.py",
    "tests/core/test_sync.py",
)
"""Something of everything: signing in, asking and signing out, the stores, both servers, both ways to wait."""


def lowest() -> list[str]:
    """`name==version` for each requirement of the project and of its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    found = [LOWEST.fullmatch(each) for each in required]
    return sorted({f"{each['name']}=={each['version']}" for each in found if each is not None})


def main() -> int:
    """Make the environment, run the tests in it, and take it away."""
    with tempfile.TemporaryDirectory(prefix="signedin-lowest-") as directory:
        constraints = Path(directory) / "lowest.txt"
        constraints.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
        venv.create(Path(directory) / "venv", with_pip=True)
        python = str(Path(directory) / "venv" / "bin" / "python")
        project = f"{ROOT}[openai,sandbox,web]"
        runners = ("hypothesis", "pytest>=9.0", "pytest-timeout", "trio>=0.31")
        install = [python, "-m", "pip", "install", "--quiet", "--constraint", str(constraints)]
        subprocess.run([*install, "--editable", project, *runners], check=True)
        tests = sys.argv[1:] or TESTS
        return subprocess.run(
            [python, "-m", "pytest", "-p", "no:cacheprovider", *tests], cwd=ROOT, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
