"""A device's sign-in from its begin to its code: what both device flows have in common.

The code comes with the verifier of a pair that was made here, since a device makes none. Owns no HTTP.
"""

import secrets

from signedin_adapters.sandbox.approval import default_approval
from signedin_adapters.sandbox.authorize_request import AuthorizeRequest
from signedin_adapters.sandbox.callback import issued
from signedin_adapters.sandbox.devices import Device, new_user_code
from signedin_adapters.sandbox.grants import challenge
from signedin_adapters.sandbox.parts import Part
from signedin_adapters.sandbox.realm import Realm
from signedin_adapters.sandbox.refusals import OAuthRefusal


def begin(
    realm: Realm, part: Part, *, scopes: frozenset[str], groups: tuple[int, ...], redirect_uri: str = ""
) -> Device:
    """Let a device wait; ``groups`` is how many letters each group of the user's code has."""
    code_verifier = secrets.token_urlsafe(48)
    device = Device(
        request=AuthorizeRequest(
            part=part,
            name=part.client_name,
            scopes=scopes,
            resource=realm.audience(part),
            redirect_uri=redirect_uri,
            code_challenge=challenge(code_verifier),
        ),
        user_code=new_user_code(*groups),
        code_verifier=code_verifier,
        interval=realm.device_interval,
        expires_at=realm.clock() + realm.device_ttl,
    )
    realm.devices.wait(device)
    if realm.auto_approve:
        realm.devices.decide(device.device_code, default_approval(device.request))
    return device


def poll(realm: Realm, part: Part, device_code: str, fault: str | None) -> tuple[Device, str]:
    """The device whose user allowed, and an authorization code; raises OAuthRefusal where there is none, or not yet."""
    _strike(realm, device_code, fault)
    device, approval = realm.devices.poll(device_code, part.client_id)
    return device, realm.grants.remember_code(issued(realm, device.request, approval))


def _strike(realm: Realm, device_code: str, fault: str | None) -> None:
    """What the fault of a poll does before it is answered: what the answer says is true."""
    if fault == "device-slow-down":
        realm.devices.slow_down(device_code)
        raise OAuthRefusal("slow_down", "Wait longer between two polls.")
    if fault == "device-denied":
        realm.devices.deny(device_code)
    if fault == "device-expired":
        realm.devices.expire(device_code)
