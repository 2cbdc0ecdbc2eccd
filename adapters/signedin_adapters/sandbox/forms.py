"""Reading posts: content type, size, no parameter twice; and refusing posts from other sites.

Owns the strictness that the endpoints and the pages share.
"""

import json
from typing import cast
from urllib.parse import parse_qsl

from starlette.requests import Request

from signedin_adapters.sandbox.refusals import OAuthRefusal, PageRefusal

FORM_TYPE = "application/x-www-form-urlencoded"
JSON_TYPE = "application/json"
LARGEST_FORM = 64 * 1024
"""Bytes; a larger body is refused."""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form post; OAuthRefusal for anything else (RFC 6749 §3.2, §4.1.3)."""
    _check_place(request, FORM_TYPE)
    try:
        pairs = parse_qsl(
            (await _read(request)).decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    except ValueError:
        raise OAuthRefusal("invalid_request", "The body is not a form.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise OAuthRefusal("invalid_request", "No parameter may be repeated.")
    return fields


async def read_json(request: Request) -> dict[str, str]:
    """The fields of a JSON object whose values are all strings; OAuthRefusal for anything else."""
    _check_place(request, JSON_TYPE)
    try:
        pairs: object = json.loads(await _read(request), object_pairs_hook=lambda found: found)
    except (ValueError, RecursionError):
        raise OAuthRefusal("invalid_request", "The body is not JSON.") from None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in cast(list[object], pairs)):
        raise OAuthRefusal("invalid_request", "The body must be a JSON object.")
    fields = dict(cast(list[tuple[str, object]], pairs))
    if len(fields) != len(cast(list[object], pairs)) or not all(isinstance(value, str) for value in fields.values()):
        raise OAuthRefusal("invalid_request", "No parameter may be repeated, and each must be a string.")
    return cast(dict[str, str], fields)


def is_json(request: Request) -> bool:
    """Whether the post says that it is JSON."""
    return _media_type(request) == JSON_TYPE


async def read_own_form(request: Request) -> dict[str, str]:
    """The fields of a form on one of the sandbox's own pages; PageRefusal if another site sent it."""
    origin = f"http://{request.headers.get('host', '')}"
    if request.headers.get("origin") != origin or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise PageRefusal("invalid_request", "This form was not sent from the sandbox's own page.", status=403)
    try:
        return await read_form(request)
    except OAuthRefusal as refusal:
        raise PageRefusal(refusal.code, refusal.description) from None


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _check_place(request: Request, media_type: str) -> None:
    if _media_type(request) != media_type:
        raise OAuthRefusal("invalid_request", f"The body must be {media_type}.")
    if request.url.query:
        raise OAuthRefusal("invalid_request", "Parameters belong in the body, not in the URL.")


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise OAuthRefusal("invalid_request", "The body is too large.", status=413)
    return bytes(body)
