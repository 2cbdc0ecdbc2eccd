"""Owns the words for where a connection stands: states, flags, categories. No behaviour lives here.

On the path of `status`: it imports nothing but `enum`.
"""

from enum import Enum


class State(Enum):
    """Where a connection stands. What each state means for the token stands in docs/state-diagram.md."""

    DISCONNECTED = "disconnected"
    AUTHORIZING = "authorizing"
    CONNECTED = "connected"
    REFRESHING = "refreshing"
    EXPIRED = "expired"
    ERROR = "error"


class Flag(Enum):
    """What is true beside the state and never moves it."""

    PLAN_ENABLED = "plan_enabled"
    USAGE_PAUSED = "usage_paused"
    MODELS_BLOCKED = "models_blocked"
    STORAGE_DEGRADED = "storage_degraded"
    CLOCK_SKEWED = "clock_skewed"
    IDENTITY_UNVERIFIED = "identity_unverified"
    IN_DOUBT = "in_doubt"


KEPT_FLAGS = frozenset(
    {
        Flag.USAGE_PAUSED.value,
        Flag.MODELS_BLOCKED.value,
        Flag.CLOCK_SKEWED.value,
        Flag.IDENTITY_UNVERIFIED.value,
    }
)
"""What an account's health remembers of its flags, by their values: the others are found anew."""


class Category(Enum):
    """Who can end a trouble: time, the user, an administrator, the machine's owner, the configuration, or us."""

    TRANSIENT = "transient"
    NEEDS_USER = "needs_user"
    NEEDS_ADMIN = "needs_admin"
    ENVIRONMENT = "environment"
    CONFIGURATION = "configuration"
    BUG = "bug"
