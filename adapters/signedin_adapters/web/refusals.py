"""Owns how an error is told to the page: its case, in plain words, and a status. Never a traceback, never a secret."""

from typing import Any

from signedin import cases
from signedin.errors import MisuseError, ProviderError, SignedinError, StoreError
from signedin_adapters.web.desk import Remedy
from signedin_adapters.web.view import ours, told

Told = dict[str, Any]

_STATUS = ((MisuseError, 400), (ProviderError, 502), (StoreError, 503))


def error(raised: SignedinError, remedy: Remedy = ours) -> Told:
    """The error as JSON: the catalogue's words where it has the case, else the message alone."""
    known = told(cases.CASES.get(raised.case), remedy)
    if known is None:
        return plain(raised.message, case=raised.case)
    return {"error": {**known, "case": raised.case, "message": raised.message}}


def plain(message: str, *, case: str = "bad-usage") -> Told:
    """What the catalogue does not explain, in the same shape."""
    told_as = {"id": case, "title": message, "meaning": "", "remedy": "", "action": "none", "button": None}
    return {"error": {**told_as, "case": case, "message": message}}


def status(raised: SignedinError) -> int:
    """The HTTP status: whose trouble it is."""
    return next((code for kind, code in _STATUS if isinstance(raised, kind)), 409)
