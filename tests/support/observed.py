"""What may be observed, for the judges of `classify`: whole answers, codes and numbers, known ones among them."""

import json

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from signedin.oauth.messages import Response
from signedin.oauth.refusal import TERMINAL_CODES

CODES = (
    *sorted(TERMINAL_CODES),
    "access_denied",
    "account_deactivated",
    "authorization_pending",
    "expired_token",
    "internal_error",
    "invalid_api_key",
    "invalid_client",
    "invalid_request",
    "model_not_found",
    "redirect_uri_mismatch",
    "slow_down",
    "subscription_sharing_usage_limit_exceeded",
    "token_invalidated",
    "token_revoked",
    "unauthorized_client",
    "unsupported_country_region_territory",
    "usage_limit_reached",
)
"""Codes of all endpoints: each may come where it is not at home."""

STATUSES = st.integers(-1, 1000) | st.sampled_from([200, 204, 302, 400, 401, 403, 404, 408, 425, 429, 500, 503, 599])
NUMBERS = st.integers() | st.integers(-35_000, 12_000)
WORDS = st.text(max_size=80) | st.sampled_from(CODES)

_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
_NAMES = st.sampled_from(["error", "code", "type", "detail", "message", "status"]) | st.text(max_size=8)
_JSON = st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=8
)
_REFUSALS: SearchStrategy[object] = st.builds(
    lambda code, shape: {"error": code} if shape == "flat" else {shape: {"code": code}},
    WORDS,
    st.sampled_from(["flat", "error", "detail"]),
)
BODIES = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([b"<!doctype html>", b"  <html>", b"[" * 10_000, b"{" * 10_000, b"\xff\xfe"]),
    (_JSON | _REFUSALS).map(lambda value: json.dumps(value).encode()),
)
HEADERS: SearchStrategy[dict[str, str]] = st.dictionaries(
    st.sampled_from(["cf-mitigated", "content-type", "date", "retry-after", "x-request-id", "cf-ray"]) | st.text(),
    st.sampled_from(["challenge", "text/html", "0", "-1", "Mon, 23 Nov 2026 00:00:00 GMT", "req_1"]) | st.text(),
    max_size=4,
)


def answers() -> SearchStrategy[Response]:
    """Any answer, from the plausible to the absurd."""
    return st.builds(Response, status=STATUSES, headers=HEADERS, body=BODIES)
