"""An authorization server and API on loopback, for trying, testing and embedding offline.

It stands in for the servers of a provider and is strict: what the real ones would refuse, it refuses. Everything
lives in memory, nothing in it is secret, and it never reaches beyond this machine. Needs the extra ``sandbox``
(starlette, uvicorn), but only once `Sandbox` or `serve` is asked for: the table of faults loads without it.
"""

from typing import TYPE_CHECKING, Any

from signedin_adapters.sandbox.armed import FaultSpec
from signedin_adapters.sandbox.faults import FAULTS, Fault

if TYPE_CHECKING:
    from signedin_adapters.sandbox.request_log import RequestRecord
    from signedin_adapters.sandbox.server import Sandbox, serve
    from signedin_adapters.sandbox.visitor import VisitRefused

__all__ = ["FAULTS", "Fault", "FaultSpec", "RequestRecord", "Sandbox", "VisitRefused", "serve"]

_HOMES = {"RequestRecord": "request_log", "Sandbox": "server", "VisitRefused": "visitor", "serve": "server"}


def __getattr__(name: str) -> Any:
    """Load the server, and with it starlette and uvicorn, when it is first named (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
