"""Sign in once, stay signed in: connect a Python tool to its user's ChatGPT plan with OAuth.

`Connection` is all that most apps need. Importing this package imports nothing else until a name is used.
"""

__all__ = [
    "AccountRecord",
    "AnswerRefused",
    "Attempt",
    "CallbackRejected",
    "Case",
    "Category",
    "ConfigurationError",
    "Connection",
    "ConnectionFailed",
    "Flag",
    "ForbiddenOrigin",
    "InteractionRequired",
    "MisuseError",
    "Provider",
    "ProviderError",
    "Secret",
    "SignInFailed",
    "SignedinError",
    "Snapshot",
    "State",
    "StoreError",
    "Subscription",
    "TemporarilyUnavailable",
    "Transition",
    "TransitionStream",
    "TransportFailed",
    "UnknownAccount",
    "UnknownModel",
    "UnknownProvider",
    "__version__",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from signedin.attempt import Attempt
    from signedin.cases import Case
    from signedin.connection import Connection
    from signedin.errors import (
        AnswerRefused,
        ConfigurationError,
        ConnectionFailed,
        ForbiddenOrigin,
        InteractionRequired,
        MisuseError,
        ProviderError,
        SignedinError,
        SignInFailed,
        StoreError,
        TemporarilyUnavailable,
        TransportFailed,
        UnknownAccount,
        UnknownModel,
        UnknownProvider,
    )
    from signedin.listeners import Subscription
    from signedin.oauth.callback import CallbackRejected
    from signedin.provider import Provider
    from signedin.record import AccountRecord
    from signedin.secret import Secret
    from signedin.snapshot import Snapshot
    from signedin.states import Category, Flag, State
    from signedin.transition import Transition
    from signedin.transition_stream import TransitionStream
    from signedin.version import VERSION as __version__  # noqa: N811 - the name that Python expects

_HOMES = {
    "AccountRecord": "record",
    "Attempt": "attempt",
    "CallbackRejected": "oauth.callback",
    "Case": "cases",
    "Category": "states",
    "Connection": "connection",
    "Flag": "states",
    "Provider": "provider",
    "Secret": "secret",
    "Snapshot": "snapshot",
    "State": "states",
    "Subscription": "listeners",
    "Transition": "transition",
    "TransitionStream": "transition_stream",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name == "__version__":
        return import_module(f"{__name__}.version").VERSION
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return __all__
