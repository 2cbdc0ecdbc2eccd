"""Owns what an answer that is no success says by itself, whoever was asked: by code, by who answered, by status."""

from collections.abc import Mapping

UNREADABLE = "ok-status-error-body"
"""An answer that says yes and does not hold what was asked for."""

_REGION_CODE = "unsupported_country_region_territory"
_PASSING_STATUS = frozenset({408, 425})


def refusal_case(status: int, headers: Mapping[str, str], body: bytes, *, code: str | None) -> str:
    """The case of an answer with this `code`, None where it has none. Header names are lower case."""
    if code == _REGION_CODE:
        return "region-unsupported"
    if headers.get("cf-mitigated") == "challenge":
        return "cloudflare-challenge"
    if status == 429:
        return "login-rate-limited"
    if status in _PASSING_STATUS or status >= 500:
        return "provider-outage"
    if code is None and body.lstrip()[:1] == b"<":
        return "cloudflare-challenge"
    return "unclassified"
