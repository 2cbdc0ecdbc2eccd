"""The ways in which an endpoint says no, as exceptions that the application turns into answers.

```
OAuthRefusal      token, revocation and device endpoints: JSON, in one of two shapes
ApiRefusal        the API: a JSON body as given
PageRefusal       authorize and the forms: an HTML page, never a redirect
RedirectRefusal   authorize: back to the redirect_uri with ``error`` and ``state`` (RFC 6749 §4.1.2.1)
```
Never carries a token, a code or a verifier.
"""

from typing import Any, Literal
from urllib.parse import urlencode

ErrorShape = Literal["flat", "object"]


class OAuthRefusal(Exception):
    """A refusal of a token, revocation or device endpoint (RFC 6749 §5.2, RFC 8628 §3.5)."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status

    def body(self, shape: ErrorShape) -> dict[str, Any]:
        """The JSON body: RFC 6749's own shape, or the nested one that has been seen live."""
        if shape == "flat":
            return {"error": self.code, "error_description": self.description}
        error = {"code": self.code, "message": self.description, "type": "invalid_request_error", "param": None}
        return {"error": error}


class ApiRefusal(Exception):
    """A refusal of the API, with the JSON body that explains it."""

    def __init__(self, status: int, body: dict[str, Any], *, headers: dict[str, str] | None = None) -> None:
        self.note = _note(body)
        super().__init__(f"{status}: {self.note}")
        self.status = status
        self.body = body
        self.headers = headers or {}

    @classmethod
    def coded(cls, status: int, code: str | None, message: str, *, param: str | None = None) -> "ApiRefusal":
        """The shape ``{"error": {"code", "message", "type", "param"}}``."""
        error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
        return cls(status, {"error": error})

    @classmethod
    def detail(cls, status: int, text: str) -> "ApiRefusal":
        """The shape ``{"detail": …}`` of admission and validation."""
        return cls(status, {"detail": text})


def _note(body: dict[str, Any]) -> str:
    said = body.get("detail") or body["error"]
    return said if isinstance(said, str) else str(said.get("code") or said.get("type"))


class PageRefusal(Exception):
    """A refusal that must not leave this server: the client or its redirect_uri cannot be trusted."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status


class RedirectRefusal(Exception):
    """A refusal that the app is told of, at its own redirect_uri."""

    def __init__(self, code: str, description: str, *, redirect_uri: str, state: str) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        parameters = {"error": code, "error_description": description, "state": state}
        self.location = f"{redirect_uri}?{urlencode(parameters)}"
