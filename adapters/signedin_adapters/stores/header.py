"""Owns the first line of a sealed file: one line of JSON that says everything but the tokens.

The bytes of this line are the associated data of the second one, so they are written once and never written anew.
On the path of `status`: it imports `json` and `math`.
"""

import json
import math

from signedin.facts import SessionFacts
from signedin_adapters.stores.fields import SCHEMA, Fields, corrupt


def encode(facts: SessionFacts, *, holds: str) -> bytes:
    """The line, without its end. `holds` is the name of the file, so that one cannot pass for the other."""
    line = {
        "schema": SCHEMA,
        "writer": facts.writer,
        "written_at": facts.written_at,
        "holds": holds,
        "account": facts.account_id,
        "key": facts.key_id,
        "key_in": facts.key_in,
        "generation": facts.generation,
        "signed_in": facts.signed_in,
        "issued_at": facts.issued_at,
        "expires_at": _finite(facts.expires_at),
        "refresh_at": _finite(facts.refresh_at),
        "earliest_refresh_at": facts.earliest_refresh_at,
        "has_refresh_token": facts.has_refresh_token,
        "scopes": facts.scopes,
        "plan_enabled": facts.plan_enabled,
        "issuer": facts.issuer,
        "token_endpoint": facts.token_endpoint,
        "api_base": facts.api_base,
        "host_id": facts.host_id,
        "another_users": facts.another_users,
    }
    return json.dumps(line, allow_nan=False, separators=(",", ":")).encode()


def decode(line: bytes, path: str, *, holds: str) -> SessionFacts:
    """What the line says. Raises StoreError for a damaged line and for a newer schema."""
    fields = Fields(line, path, kind="session")
    if fields.text("holds") != holds:
        raise corrupt(path)
    return SessionFacts(
        account_id=fields.text("account"),
        generation=fields.integer("generation"),
        signed_in=fields.integer("signed_in"),
        issued_at=fields.number("issued_at"),
        expires_at=_or_never(fields.optional_number("expires_at")),
        refresh_at=_or_never(fields.optional_number("refresh_at")),
        earliest_refresh_at=fields.optional_number("earliest_refresh_at"),
        has_refresh_token=fields.flag("has_refresh_token"),
        scopes=fields.texts("scopes"),
        plan_enabled=fields.optional_flag("plan_enabled"),
        host_id=fields.shared_text("host_id"),
        another_users=fields.flag("another_users"),
        issuer=fields.shared_text("issuer"),
        token_endpoint=fields.shared_text("token_endpoint"),
        api_base=fields.optional_shared_text("api_base"),
        key_id=fields.text("key"),
        key_in=fields.text("key_in"),
        writer=fields.text("writer"),
        written_at=fields.number("written_at"),
    )


def read(data: bytes, path: str, *, holds: str) -> SessionFacts:
    """What the first line of a whole sealed file says."""
    facts = decode(data.partition(b"\n")[0], path, holds=holds)  # first: a later version may have more lines
    split(data, path)
    return facts


def split(data: bytes, path: str) -> tuple[bytes, bytes]:
    """The two lines of a sealed file. One that does not end where it should was cut short."""
    first, _, rest = data.partition(b"\n")
    second, _, after = rest.partition(b"\n")
    if not second or after or not data.endswith(b"\n"):
        raise corrupt(path)
    return first, second


def _finite(moment: float) -> float | None:
    return None if math.isinf(moment) else moment


def _or_never(moment: float | None) -> float:
    return math.inf if moment is None else moment
