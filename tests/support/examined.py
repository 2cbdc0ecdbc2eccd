"""What `signedin doctor --json` found, check by check."""

from typing import Any

from tests.support.command import Ran


def checks(ran: Ran) -> dict[str, dict[str, Any]]:
    """The checks of the object, by their ids."""
    return {check["id"]: check for check in ran.json()["checks"]}


def results(ran: Ran) -> dict[str, str]:
    """What each check came to, but for those that are well or not there to be looked at."""
    return {
        name: check["result"]
        for name, check in checks(ran).items()
        if check["result"] not in ("ok", "skipped") or check["finding"].startswith("Not looked at")
    }
