"""Owns what it means that a file cannot be used: no room, no leave, or something that has no case of its own.

On the path of `status`: it imports nothing that is heavy. What Windows says was never run there, only looked up here.
"""

import errno

_FULL, _DENIED, _FAILED = "disk-full-or-readonly", "file-permission-or-owner", "store-unavailable"

_CASES = {
    errno.ENOSPC: _FULL,
    errno.EROFS: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.ENOTDIR: _DENIED,
    errno.EISDIR: _DENIED,
    errno.ELOOP: _DENIED,
}
"""By errno. All else has no case of its own: a disk that fails (EIO), a network drive that is gone or does not lock
(ESTALE, ENOLCK), a name that is too long, a process that has no descriptors left."""

_WINDOWS_CASES = {
    5: _DENIED,  # access denied
    19: _FULL,  # write protected, which Python calls EACCES
    32: _FAILED,  # another program has the file open, which Python calls EACCES too
    33: _FAILED,  # another program has a part of it locked
    39: _FULL,  # the disk is full, which Python calls EINVAL
    112: _FULL,  # not enough room
    1295: _FULL,  # quota exceeded
    1314: _DENIED,  # a privilege is not held
}
"""By Windows' own number, where that says more than what Python makes of it."""


def disk_case(number: int | None, windows: int | None = None) -> str:
    """The case of an OSError by its `errno`, and by its `winerror` where the system is Windows."""
    return _WINDOWS_CASES.get(windows or 0) or _CASES.get(number or 0, _FAILED)
