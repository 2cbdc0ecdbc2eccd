"""Owns what it means that no whole answer came, by the kind of the failure and by whether the request had left."""

import errno
from collections.abc import Collection

# First the kinds of which it is certain that nothing was sent.
_CASES = {
    "dns": "dns-failure",
    "connect": "offline",
    "timeout": "proxy-not-used",
    "tls": "tls-interception",
    "proxy": "proxy-not-used",
    "proxy-auth": "proxy-auth-required",
    "reset": "request-timeout-ambiguous",
    "deadline": "request-timeout-ambiguous",
    "too-large": "ok-status-error-body",
    "encoding": "ok-status-error-body",
    "redirect": "ok-status-error-body",
}
KINDS = tuple(_CASES)
"""The kinds of `errors.TransportFailed`."""
STRANDED = "no-thread"
"""The system gives this process no further thread, or nothing to send with; so nothing was sent."""
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS})
"""What the system says then, by errno."""
_UNSENT = {"reset": "offline", "deadline": "proxy-not-used"}


def transport_case(kind: str, *, sent: bool, numbers: Collection[int] = ()) -> str:
    """The case of a failure of this kind; "unclassified" for a kind that is none of `KINDS`.

    `sent` is False where it is certain that the request never left. `numbers` are the errno of what the system said:
    where it had nothing left to send with, that says more than the kind.
    """
    if not sent and not EXHAUSTED.isdisjoint(numbers):
        return STRANDED
    case = _CASES.get(kind, "unclassified")
    return case if sent else _UNSENT.get(kind, case)
