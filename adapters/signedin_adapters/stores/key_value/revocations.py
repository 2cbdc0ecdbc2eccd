"""Owns what waits for its revocation in an account's bucket: a refresh token each, or a session that stays sealed.

It changes the items that it is given, and deletes no key.
"""

from collections.abc import Iterator
from contextlib import suppress

from signedin.errors import StoreError
from signedin.facts import SessionFacts
from signedin.secret import Secret
from signedin_adapters.stores import sealing
from signedin_adapters.stores.key_value.bucket import set_aside
from signedin_adapters.stores.key_value.items import REVOCATIONS, SESSION, Items
from signedin_adapters.stores.revocations import REVOCATION_SECONDS, read_header
from signedin_adapters.stores.vault import Vault


def of_stored(items: Items, vault: Vault, *, at: float) -> bytes | None:
    """The refresh token that lies there, to be kept. A session whose key is out of reach stays sealed as it is."""
    facts = items.stored()
    if facts is None or not facts.has_refresh_token:
        return None
    data, path = items.data[SESSION], items.path(SESSION)
    with suppress(StoreError):
        key = vault.key(facts, items.account_id, path)
        session = sealing.open_session(data, facts, key, path)
        facts.written_at = at
        return sealing.seal(session, facts, key, holds=sealing.REVOCATION)
    return data


def keep(items: Items, sealed: bytes) -> None:
    """Put it after all others, or in the place of the same session's. What nobody can read is set aside."""
    generation = read_header(sealed, items.path(REVOCATIONS)).generation
    known = list(_known(items))
    if len(known) < len(items.revocations):
        set_aside(items.data, REVOCATIONS)
    items.revocations = [*(data for data, facts in known if facts.generation != generation), sealed]


def outdated(items: Items, *, at: float) -> list[bytes]:
    """What waited 30 days."""
    return [data for data, facts in _known(items) if facts.written_at < at - REVOCATION_SECONDS]


def oldest(items: Items, vault: Vault) -> tuple[SessionFacts, Secret] | None:
    """The first that can be opened. Raises StoreError where some lie there and none can."""
    refused: StoreError | None = None
    for data in items.revocations:
        try:
            return _open(data, items, vault)
        except StoreError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return None


def holding(token: Secret, items: Items, vault: Vault) -> bytes | None:
    """The one that has this token, None if none has."""
    for data in items.revocations:
        with suppress(StoreError):
            if _open(data, items, vault)[1] == token:
                return data
    return None


def _open(data: bytes, items: Items, vault: Vault) -> tuple[SessionFacts, Secret]:
    path = items.path(REVOCATIONS)
    facts = read_header(data, path)
    return facts, sealing.open_revocation(data, vault.key(facts, items.account_id, path), path)


def _known(items: Items) -> Iterator[tuple[bytes, SessionFacts]]:
    for data in items.revocations:
        with suppress(StoreError):
            yield data, read_header(data, items.path(REVOCATIONS))
