"""The page: who is signed in, for people, in their own browser; an ASGI application for any server on this machine.

Needs the extra ``web`` (starlette, uvicorn). Tokens never reach the page, and nobody is let in without an address that
whoever started it hands out. What each module owns stands in its own docstring.
"""

from signedin_adapters.web.app import WebApp, create_app

__all__ = ["WebApp", "create_app"]
