"""Owns the loopback listener: the browser's way back to this machine (RFC 8252 §7.3).

It listens on loopback addresses alone, has no authority beyond the one sign-in that opened it, and must never show
anything that came in over the wire.
"""

from signedin_adapters.loopback.listener import LoopbackListener, listen

__all__ = ["LoopbackListener", "listen"]
