"""Reading form posts: content type, size, no parameter twice; and refusing posts from other sites.

Owns the strictness that the token endpoint, the revocation endpoint and the pages share.
"""

from urllib.parse import parse_qsl

from starlette.requests import Request

from signedin_adapters.sandbox.refusals import OAuthRefusal, PageRefusal

FORM_TYPE = "application/x-www-form-urlencoded"
LARGEST_FORM = 64 * 1024
"""Bytes; a larger form is refused."""


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form post; OAuthRefusal for anything else (RFC 6749 §3.2, §4.1.3)."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != FORM_TYPE:
        raise OAuthRefusal("invalid_request", f"The body must be {FORM_TYPE}.")
    if request.url.query:
        raise OAuthRefusal("invalid_request", "Parameters belong in the body, not in the URL.")
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


async def read_own_form(request: Request) -> dict[str, str]:
    """The fields of a form on one of the sandbox's own pages; PageRefusal if another site sent it."""
    origin = f"http://{request.headers.get('host', '')}"
    if request.headers.get("origin") != origin or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise PageRefusal("invalid_request", "This form was not sent from the sandbox's own page.", status=403)
    try:
        return await read_form(request)
    except OAuthRefusal as refusal:
        raise PageRefusal(refusal.code, refusal.description) from None


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise OAuthRefusal("invalid_request", "The body is too large.", status=413)
    return bytes(body)
