"""Owns how long to wait after a failure, and whether a wait holds. On the path of `status`: it imports nothing."""

RETRY_SECONDS = 15.0
"""The first wait after a failure. It doubles with each further one."""
RETRY_SECONDS_LIMIT = 3600.0
"""The longest wait, unless the server asks for more."""
SET_BACK_SECONDS = 60.0
"""By how much a moment may lie in the future before the clock counts as set back since."""


def in_force(*, since: float | None, until: float | None, at: float) -> bool:
    """Whether a wait still holds at `at`, all Unix seconds. None for `since`: no longer than our own longest wait.

    A wait that began in the future is over: the clock was set back, and it would last longer than was asked for.
    """
    if until is None:
        return False
    began = until - RETRY_SECONDS_LIMIT if since is None else since
    return began - SET_BACK_SECONDS <= at < until
