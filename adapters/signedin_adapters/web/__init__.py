"""The page: who is signed in, for people, in their own browser; an ASGI application for any server on this machine.

Needs the extra ``web`` (starlette, uvicorn). Tokens never reach the page, and nobody is let in without an address that
whoever started it hands out. What each module owns stands in its own docstring.
"""

try:
    from signedin_adapters.web.app import WebApp, create_app
except ModuleNotFoundError as error:
    if error.name not in ("starlette", "uvicorn"):
        raise
    lacking = "signedin_adapters.web needs an extra: pip install 'signedin[web]'"
    raise ModuleNotFoundError(lacking, name=error.name) from None

__all__ = ["WebApp", "create_app"]
