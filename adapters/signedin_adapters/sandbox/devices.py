"""The devices that wait for their user: a code that only the device knows, and one that people type (RFC 8628 §3).

A device that asks too often is told to slow down, and has five seconds more to wait from then on (§3.5). What was
decided is told once. Owns no HTTP; called from the server's thread and from the embedder's.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import RLock

from signedin_adapters.sandbox.approval import Approval
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.refusals import OAuthRefusal

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so no words; nothing that looks like something else (RFC 8628 §6.1)."""
SLOWER = 5.0
"""Seconds that are added for one that asks too often."""
EARLY = 0.1
"""Seconds that a poll may come before its time: two clocks never agree."""


@dataclass(slots=True, kw_only=True, eq=False)
class Device:
    """One waiting device; ``interval`` is seconds, ``expires_at`` and ``polled_at`` Unix seconds.

    ``code_verifier`` belongs to the request's challenge: a device makes no pair of its own.
    """

    request: AuthorizeRequest
    user_code: str
    code_verifier: str
    interval: float
    expires_at: float
    device_code: str = field(default_factory=lambda: "dc_" + secrets.token_urlsafe(32))
    polled_at: float = 0
    approval: Approval | None = None
    denied: bool = False


class Devices:
    """All of them by both codes."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: dict[str, Device] = {}
        self._lock = RLock()

    def wait(self, device: Device) -> None:
        """Let it wait for its user."""
        with self._lock:
            self._waiting[device.device_code] = device

    def typed(self, user_code: str) -> Device | None:
        """The one whose code somebody typed, in whatever case and grouping; None if it is unknown, over or decided."""
        letters = _letters(user_code)
        with self._lock:
            waiting = (device for device in self._waiting.values() if self._open(device))
            return next((device for device in waiting if _letters(device.user_code) == letters), None)

    def poll(self, device_code: str, client_id: str | None) -> tuple[Device, Approval]:
        """What was allowed; raises OAuthRefusal with the code of RFC 8628 §3.5 where nothing was, or not yet."""
        with self._lock:
            device = self._waiting.get(device_code)
            if device is None or device.request.part.client_id != client_id:
                raise OAuthRefusal("invalid_grant", "The device code is unknown, or was used before.")
            if self._clock() >= device.expires_at:
                raise OAuthRefusal("expired_token", "The code has run out. Begin again.")
            self._keep_pace(device)
            if device.denied:
                raise OAuthRefusal("access_denied", "The user said no.")
            if device.approval is None:
                raise OAuthRefusal("authorization_pending", "The user has not decided yet.")
            del self._waiting[device_code]
            return device, device.approval

    def belong_together(self, device_code: str, user_code: str) -> bool:
        """Whether both codes are of one that waits."""
        with self._lock:
            device = self._waiting.get(device_code)
            return device is not None and device.user_code == user_code

    def slow_down(self, device_code: str) -> None:
        """Have it wait longer between two polls, for good."""
        with self._lock:
            if device := self._waiting.get(device_code):
                device.interval += SLOWER

    def decide(self, device_code: str, approval: Approval | None) -> bool:
        """Allow it, or deny it with None. False where it is too late: it has run out, or was decided before."""
        with self._lock:
            device = self._waiting.get(device_code)
            if device is None or not self._open(device):
                return False
            device.approval, device.denied = approval, approval is None
            return True

    def deny(self, device_code: str) -> None:
        """Deny it, whatever was decided."""
        with self._lock:
            if device := self._waiting.get(device_code):
                device.denied = True

    def expire(self, device_code: str) -> None:
        """Let its codes run out now."""
        with self._lock:
            if device := self._waiting.get(device_code):
                device.expires_at = self._clock()

    def _open(self, device: Device) -> bool:
        return not device.denied and device.approval is None and self._clock() < device.expires_at

    def _keep_pace(self, device: Device) -> None:
        now = self._clock()
        hurried = now - device.polled_at < device.interval - EARLY
        device.polled_at = now
        if hurried:
            device.interval += SLOWER
            raise OAuthRefusal("slow_down", f"Wait {device.interval:g} seconds between two polls.")


def new_user_code(*groups: int) -> str:
    """A code for people, in groups of so many letters."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(letters)) for letters in groups)


def _letters(user_code: str) -> str:
    return "".join(filter(str.isalnum, user_code)).upper()
