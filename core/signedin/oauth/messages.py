"""Owns `Request` and `Response`: HTTP as plain data, so that OAuth is built and read without a network."""

from dataclasses import dataclass, field

from signedin.secret import Secret

Field = str | Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `form` is sent form-encoded or `json` as one JSON object, `bearer` as the Authorization header.

    None of them is ever shown.
    """

    method: str
    url: str
    form: tuple[tuple[str, Field], ...] | None = None
    json: tuple[tuple[str, Field], ...] | None = None
    bearer: Secret | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One whole answer. Header names are lower case; `body` is at most 1 MiB and not in repr: it may hold tokens."""

    status: int
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The header's value, None where it is absent; `name` in lower case."""
        return self.headers.get(name)

    @property
    def request_id(self) -> str | None:
        """What the provider calls this request, if it is short and plain enough to be shown."""
        for name in ("x-request-id", "openai-request-id", "x-openai-request-id", "cf-ray"):
            value = self.headers.get(name, "")
            if 0 < len(value) <= 128 and value.isascii() and value.replace("-", "").replace("_", "").isalnum():
                return value
        return None
