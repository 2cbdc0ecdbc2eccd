"""What third parties test with: fakes of what a connection needs, and contract suites to subclass under pytest.

The sandbox, a server that keeps every rule, comes as a fixture: `signedin_adapters.testing`. Importing this package
imports nothing else until a name is used; pytest is needed by the contract suites alone.
"""

__all__ = [
    "BrowserContract",
    "ClockContract",
    "FailingStore",
    "FakeAttempt",
    "FakeBrowser",
    "FakeClock",
    "FakeHttp",
    "HttpContract",
    "ListenContract",
    "LogContract",
    "PromptContract",
    "StoreContract",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.testing.browser_contract import BrowserContract
    from signedin.testing.clock_contract import ClockContract
    from signedin.testing.failing_store import FailingStore
    from signedin.testing.fake_attempt import FakeAttempt
    from signedin.testing.fake_browser import FakeBrowser
    from signedin.testing.fake_clock import FakeClock
    from signedin.testing.fake_http import FakeHttp
    from signedin.testing.http_contract import HttpContract
    from signedin.testing.listen_contract import ListenContract
    from signedin.testing.log_contract import LogContract
    from signedin.testing.prompt_contract import PromptContract
    from signedin.testing.store_contract import StoreContract

_HOMES = {
    "BrowserContract": "browser_contract",
    "ClockContract": "clock_contract",
    "FailingStore": "failing_store",
    "FakeAttempt": "fake_attempt",
    "FakeBrowser": "fake_browser",
    "FakeClock": "fake_clock",
    "FakeHttp": "fake_http",
    "HttpContract": "http_contract",
    "ListenContract": "listen_contract",
    "LogContract": "log_contract",
    "PromptContract": "prompt_contract",
    "StoreContract": "store_contract",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
