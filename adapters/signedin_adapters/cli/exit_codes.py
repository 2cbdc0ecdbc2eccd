"""Owns the exit codes: what scripts may rely on, with and without `--json`. On the path of `status`: no import."""

OK = 0
UNEXPECTED = 1
USAGE = 2
NOT_SIGNED_IN = 3
SIGN_IN_NEEDED = 4
CANNOT_TELL = 5
STORE = 6
CONFIGURATION = 7
LOCK = 8
REFUSED = 9
INTERRUPTED = 130

MEANINGS = (
    (OK, "well"),
    (UNEXPECTED, "unexpected"),
    (USAGE, "usage"),
    (NOT_SIGNED_IN, "not signed in"),
    (SIGN_IN_NEEDED, "sign-in needed"),
    (CANNOT_TELL, "cannot tell, or temporarily unavailable"),
    (STORE, "store unavailable or locked"),
    (CONFIGURATION, "configuration"),
    (LOCK, "lock time-out"),
    (REFUSED, "refused by plan, limit or model"),
    (INTERRUPTED, "interrupted"),
)
