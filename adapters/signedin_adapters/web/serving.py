"""Owns whether the server that carries a page is about to stop.

uvicorn waits for every answer to end before it stops, and an event stream has no end of its own; nothing tells the
application. Where it runs on the main thread, its signal handler is a method of it, and its `should_exit` says so.
"""

import signal


def is_leaving() -> bool:
    """Whether uvicorn was asked to stop; False where another server carries the page, or one on another thread."""
    handler = signal.getsignal(signal.SIGINT)
    return getattr(getattr(handler, "__self__", None), "should_exit", False) is True
