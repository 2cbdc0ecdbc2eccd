"""The points of an exchange at which a test can have something happen: where each lies in the code, in their order."""

import errno
import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from signedin.account import Account
from signedin.authorization_server import AuthorizationServer
from signedin.code_exchange import CodeExchange
from signedin_adapters import http
from signedin_adapters.http import HttpxClient
from signedin_adapters.stores import durable
from signedin_adapters.stores.claim import FileClaim
from signedin_adapters.stores.files import FileStore
from signedin_adapters.stores.lock import Lock

Happen = Callable[[], None]


def always(*_: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Before or `after` a call of `owner.name`, the first time that its arguments are such that `when` holds."""

    owner: Any
    name: str
    after: bool = False
    when: Callable[..., bool] = always


def _file(name: str) -> Callable[..., bool]:
    """A call of `durable` that ends in this file."""
    return lambda *arguments: os.path.basename(str(arguments[-1])) == name


def _at_token_endpoint(_: Any, request: Any) -> bool:
    return str(request.url).endswith("/token")


_COMMITTED = ("TokenRefreshed", "SessionCommitted")

REFRESH = {
    "waiting": Point(owner=FileStore, name="claim"),
    "claimed": Point(owner=FileClaim, name="read"),
    "read": Point(owner=FileClaim, name="read", after=True),
    "intent-begun": Point(owner=durable, name="_replace", when=_file("intent")),
    "intended": Point(owner=FileClaim, name="intend", after=True),
    "connected": Point(
        owner=http._Exchange, name="_trace", when=lambda _, name, __: name.endswith("send_request_headers.started")
    ),
    "answered": Point(owner=HttpxClient, name="send", after=True, when=_at_token_endpoint),
    "parsed": Point(owner=FileClaim, name="commit"),
    "sealing": Point(owner=durable, name="fill"),  # half of it: see `arm`
    "sealed": Point(owner=durable, name="_replace", when=_file("session")),
    "renamed": Point(owner=durable, name="_replace", after=True, when=_file("session")),
    "committed": Point(owner=FileClaim, name="commit", after=True),
    "identified": Point(owner=AuthorizationServer, name="identify", after=True),
    "published": Point(owner=Account, name="_note", when=lambda _, transition: transition.trigger in _COMMITTED),
    "released": Point(owner=Lock, name="__exit__", after=True, when=lambda lock, *_: lock._path.endswith("/lock")),
}
"""A refresh, from the wait for the claim to its release; "arrived" and "decided" are the server's (`token_desk`)."""

SIGN_IN = {
    "redeemed": Point(owner=CodeExchange, name="redeem", after=True),
}
"""A sign-in's own: the code is spent and nothing committed."""

SIGN_OUT = {
    "marked": Point(owner=FileStore, name="mark_signed_out", after=True),
    "revoked": Point(owner=FileStore, name="clear"),
    "kept": Point(owner=FileStore, name="_keep_for_revocation", after=True),
    "clearing": Point(owner=durable, name="rename", after=True),
    "unlocked": Point(owner=FileStore, name="_delete_key", after=True),
    "cleared": Point(owner=FileStore, name="clear", after=True),
}
"""A sign-out, from its marker to its end; "kept" only where the provider did not confirm it."""

POINTS = REFRESH | SIGN_IN | SIGN_OUT


def arm(name: str, happen: Happen) -> None:
    """Have something happen at the point, once."""
    point, once = POINTS[name], _Once(happen)
    if name == "sealing":
        return _arm_half_way(once)
    real = getattr(point.owner, point.name)
    calls = _calling_async if inspect.iscoroutinefunction(real) else _calling
    setattr(point.owner, point.name, functools.wraps(real)(calls(real, point, once)))
    return None


def lose_the_disk() -> None:
    """From here on no answer can be saved, though room was reserved for it."""

    def refuse() -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    _arm_half_way(refuse)


class _Once:
    def __init__(self, happen: Happen) -> None:
        self._happen: Happen | None = happen

    def __call__(self) -> None:
        happen, self._happen = self._happen, None
        if happen is not None:
            happen()


def _calling(real: Callable[..., Any], point: Point, happen: Happen) -> Callable[..., Any]:
    def call(*arguments: Any, **settings: Any) -> Any:
        here = point.when(*arguments)
        if here and not point.after:
            happen()
        result = real(*arguments, **settings)
        if here and point.after:
            happen()
        return result

    return call


def _calling_async(real: Callable[..., Any], point: Point, happen: Happen) -> Callable[..., Any]:
    async def call(*arguments: Any, **settings: Any) -> Any:
        here = point.when(*arguments)
        if here and not point.after:
            happen()
        result = await real(*arguments, **settings)
        if here and point.after:
            happen()
        return result

    return call


def _arm_half_way(happen: Happen) -> None:
    """In the middle of the sealed bytes that go into the intent."""
    real_fill, real_write = durable.fill, durable._write_all

    def write(descriptor: int, data: bytes) -> None:
        real_write(descriptor, data[: len(data) // 2])
        happen()
        real_write(descriptor, data[len(data) // 2 :])

    def fill(reserved: str, data: bytes, path: str) -> None:
        setattr(durable, "_write_all", write)  # noqa: B010
        try:
            real_fill(reserved, data, path)
        finally:
            setattr(durable, "_write_all", real_write)  # noqa: B010

    setattr(durable, "fill", fill)  # noqa: B010
