"""Owns the check of the browser: whether there is something to open one with. It opens none."""

import os
import shutil
import sys

from signedin_adapters.browser import openers
from signedin_adapters.doctor.check import Check, Finding, ok, skipped, warning
from signedin_adapters.doctor.patient import Patient

_ANY_URL = "http://127.0.0.1/"
_BY_HAND = "{login} works all the same: open the address that it prints on any machine, and paste the one it ends at."


def _opener(patient: Patient) -> Finding:
    if patient.provider is not None and patient.provider.takes_key:
        return skipped("An API key comes from no browser.")
    if sys.platform == "win32":  # not run
        return ok("The system opens addresses itself.")
    found = next(
        (command[0] for command in openers(_ANY_URL, os.environ, sys.platform) if shutil.which(command[0])), ""
    )
    if found:
        return ok(f"{os.path.basename(found)} opens addresses. Whether a window shows is not known.")
    if os.environ.get("BROWSER", "").strip():
        return warning(
            "BROWSER names no program with a window that is installed.", action=_BY_HAND, case="text-browser-hijack"
        )
    return warning("Nothing here opens a browser.", action=_BY_HAND, case="no-browser-headless")


CHECKS = (Check(id="browser.opener", look=_opener),)
