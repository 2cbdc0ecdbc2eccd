"""A keyring in memory that behaves as it is told: locked, silent, hung, gone. Taken by its name like a real one."""

import threading
from collections.abc import Callable
from typing import ClassVar

import keyring.errors

WINDOWS_LIMIT = 2560
"""CRED_MAX_CREDENTIAL_BLOB_SIZE, in bytes."""
FAKE = "tests.support.fake_keyring.FakeKeyring"


class FakeKeyring:
    """What is used of a keyring backend, shared by all instances. `before` runs in each call.

    `limit` is how many bytes a secret may take, in the UTF-16 that Windows keeps it in.
    """

    priority = 5.0
    entries: ClassVar[dict[tuple[str, str], str]] = {}
    calls: ClassVar[list[str]] = []
    before: ClassVar[Callable[[], object]] = staticmethod(lambda: None)
    keeps: ClassVar[bool] = True
    limit: ClassVar[int] = WINDOWS_LIMIT
    released: ClassVar[threading.Event] = threading.Event()

    @classmethod
    def reset(cls) -> None:
        cls.released.set()  # lets the threads of hung calls end
        cls.entries, cls.calls, cls.keeps, cls.limit = {}, [], True, WINDOWS_LIMIT
        cls.before, cls.released = staticmethod(lambda: None), threading.Event()

    @classmethod
    def hang(cls) -> None:
        cls.before = cls.released.wait

    def get_password(self, service: str, username: str) -> str | None:
        self._called("get")
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._called("set")
        if len(password.encode("utf-16-le")) > self.limit:
            raise keyring.errors.PasswordSetError
        if self.keeps:
            self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._called("delete")
        del self.entries[service, username]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        type(self).before()
