"""What is left of the plan: two windows, told as a document, as headers, and as a refusal once one of them is full."""

from dataclasses import dataclass
from typing import Any

from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import ApiRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One window: its length and the time until it begins anew, both in seconds."""

    name: str
    seconds: int
    reset_after: int
    used_percent: int
    reset_at: int

    def body(self) -> dict[str, int]:
        """As the usage document has it."""
        return {
            "used_percent": self.used_percent,
            "limit_window_seconds": self.seconds,
            "reset_after_seconds": self.reset_after,
            "reset_at": self.reset_at,
        }

    def headers(self) -> dict[str, str]:
        """As the headers of an answer have it."""
        prefix = f"x-codex-{self.name}"
        return {
            f"{prefix}-used-percent": str(self.used_percent),
            f"{prefix}-window-minutes": str(self.seconds // 60),
            f"{prefix}-reset-at": str(self.reset_at),
            f"{prefix}-reset-after-seconds": str(self.reset_after),
        }


def windows(realm: Realm) -> tuple[Window, Window]:
    """The short one and the long one, as they are now."""
    now = int(realm.clock())
    short, long = realm.used_percent
    return (
        Window(name="primary", seconds=5 * 3600, reset_after=4320, used_percent=short, reset_at=now + 4320),
        Window(name="secondary", seconds=7 * 86400, reset_after=259200, used_percent=long, reset_at=now + 259200),
    )


def reached(realm: Realm) -> bool:
    """Whether one of the windows is full."""
    return max(realm.used_percent) >= 100


def document(realm: Realm, *, told: bool = True) -> dict[str, Any]:
    """The usage document; not ``told``: with nulls, which everything in it may be."""
    primary, secondary = windows(realm)
    limits = {
        "allowed": not reached(realm),
        "limit_reached": reached(realm),
        "primary_window": primary.body(),
        "secondary_window": secondary.body(),
    }
    return {
        "plan_type": realm.plan,
        "rate_limit": limits if told else None,
        "additional_rate_limits": None,
        "credits": {"has_credits": False, "unlimited": False, "balance": None} if told else None,
    }


def headers(realm: Realm) -> dict[str, str]:
    """What each answer carries."""
    primary, secondary = windows(realm)
    return {"x-codex-plan-type": realm.plan, **primary.headers(), **secondary.headers()}


def refusal(realm: Realm) -> ApiRefusal:
    """No answer until the window begins anew."""
    full = max(windows(realm), key=lambda window: window.used_percent)
    error = {
        "type": "usage_limit_reached",
        "message": "The usage limit has been reached",
        "plan_type": realm.plan,
        "resets_at": full.reset_at,
        "resets_in_seconds": full.reset_after,
    }
    return ApiRefusal(429, {"error": error}, headers=headers(realm))
