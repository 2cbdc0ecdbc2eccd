"""Owns the Python environments of the peers: one each, made by pip under `.bench` when it is first wanted.

They are beside the project's own, which must not hold them. Nothing of a peer is run while one is made. One that cannot
be made is left out, which `left_out` says.
"""

import glob
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from importlib.metadata import distributions

from results.place import ENVIRONMENTS

REQUIREMENTS = {
    "agentctx": ("agentctx>=0.6,<1",),
    "chatgpt-auth": ("chatgpt-auth>=0.1,<1",),
    "chatgpt-oauth": ("chatgpt-oauth>=0.2,<1",),
    "chatgpt-plan-auth": ("chatgpt-plan-auth>=1,<2",),
    "chatmock": ("chatmock>=1.40,<2",),
    "codex-auth": ("codex-auth>=0.1,<1",),
    "codex-auth-helper": ("codex-auth-helper>=1.10,<2",),
    "oauth-cli-kit": ("oauth-cli-kit>=0.1,<1",),
    "oauth-codex": ("oauth-codex>=4,<5",),
    "references": (
        "authlib>=1.6,<2",
        "google-auth>=2.40,<3",
        "httpx>=0.28,<1",
        "msal>=1.32,<2",
        "openai>=3.20,<4",
        "requests>=2.32,<3",
    ),
}
"""What each environment holds: a peer, or the packages that are known to all."""
PATIENCE = 600.0
"""Seconds that pip gets for one of them."""


def program(environment: str, name: str = "python") -> str | None:
    """The path of a program of the environment; None where that cannot be had."""
    return os.path.join(ENVIRONMENTS, environment, "bin", name) if is_there(environment) else None


@cache
def is_there(environment: str) -> bool:
    """Whether it can be had: it is made where it is missing, which is tried once."""
    place = os.path.join(ENVIRONMENTS, environment)
    if _is_ready(place, environment):
        return True
    print(f"  installing {environment}", flush=True)
    try:
        _make(place, environment)
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(place, ignore_errors=True)
        print(f"  left out: {environment} could not be installed ({_last_line(error)})", flush=True)
        return False
    return True


def left_out(*environments: str) -> list[str]:
    """A line that names those that cannot be had and says how to get them; none where all are there."""
    missing = [name for name in dict.fromkeys(environments) if not is_there(name)]
    how = "`make bench` installs them with pip, once that reaches its index"
    return [f"left out: {', '.join(missing)}; {how}"] if missing else []


def versions(*environments: str) -> list[str]:
    """A line of what pip chose for those that are there; none where none is."""
    found: list[str] = []
    for environment in environments:
        packages = glob.glob(os.path.join(ENVIRONMENTS, environment, "lib", "python*", "site-packages"))
        installed = {each.name.lower(): each.version for each in distributions(path=packages)}
        names = (requirement.partition(">")[0] for requirement in REQUIREMENTS[environment])
        found += (f"{name} {installed[name]}" for name in names if name in installed)
    return [", ".join(found)] if found else []


def _is_ready(place: str, environment: str) -> bool:
    try:
        with open(os.path.join(place, "ready"), encoding="utf-8") as file:
            return bool(json.load(file) == _made_from(environment))
    except OSError:
        return False


def _make(place: str, environment: str) -> None:
    shutil.rmtree(place, ignore_errors=True)
    _run(sys.executable, "-m", "venv", place)
    pip = (os.path.join(place, "bin", "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
    _run(*pip, "install", "--no-input", *REQUIREMENTS[environment])
    with open(os.path.join(place, "ready"), "w", encoding="utf-8") as file:
        json.dump(_made_from(environment), file)


def _made_from(environment: str) -> list[str]:
    return [sys.version, *REQUIREMENTS[environment]]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)


def _last_line(error: Exception) -> str:
    said = getattr(error, "stderr", None) or str(error)
    return str(said).strip().splitlines()[-1] if str(said).strip() else type(error).__name__
