"""Owns one sign-in at a time: the lock, and the word of its holder for whoever comes second.

The lock decides. The word is best effort, and believed only while the lock is held.
"""

import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress

from signedin.errors import StoreError
from signedin_adapters.stores.key_value.bucket import Bucket
from signedin_adapters.stores.key_value.buckets import Locks
from signedin_adapters.stores.sign_in_lock import PATIENCE_SECONDS, Holder, in_progress

_ITEM = "sign-in"


@contextmanager
def sole_sign_in(bucket: Bucket, locks: Locks, *, app: str, clock: Callable[[], float]) -> Generator[None]:
    """Hold the bucket's sign-in lock for the length of the block; its holder's word lies in the bucket.

    StoreError(case="login-in-progress") where somebody else holds it.
    """
    with ExitStack() as held:
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            held.enter_context(locks.lock(f"{bucket.name}-sign-in", deadline=deadline))
        except StoreError as error:
            if error.case != "lock-timeout":
                raise
            raise in_progress(_holder(bucket), at=clock(), path=bucket.path(_ITEM)) from None
        with suppress(StoreError), bucket.transaction() as items:
            items[_ITEM] = Holder.of_this_process(app, since=clock()).line()
        yield


def _holder(bucket: Bucket) -> Holder | None:
    with suppress(StoreError, ValueError, OverflowError):
        return Holder.parse(bucket.read().get(_ITEM, b""), bucket.path(_ITEM))
    return None
