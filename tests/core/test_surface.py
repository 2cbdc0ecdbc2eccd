"""What a program can name: each exported class, with all that is public on it. A change of it is made on purpose."""

import inspect
from importlib import import_module

import pytest
from tests.support.surface import OF_THE_CORE, members

import signedin
from signedin import sync

MODULES = ("signedin", "signedin.responses", "signedin.sync")
SURFACE = """
AccountRecord: api_base client_id created_at email id identity issuer label model notice_shown plan provider
    redirect_path subject token_endpoint workspace
AnswerRefused: case code message request_id retry_after status
Attempt: app_name asks begin cancel complete_url deadline done end fail id run short_url submit timeout_case url
    user_code ways
CallbackRejected: case message reason
Case: action by_itself category exit_code flag id kind meaning move page parent remedy seen signal title
Category: BUG CONFIGURATION ENVIRONMENT NEEDS_ADMIN NEEDS_USER TRANSIENT
ConfigurationError: case message
Connection: accounts acknowledge_notice aclose api_base auth authorize case client enable_plan ensure_signed_in flags
    get_access_token needs_sign_in open provider refresh retry sign_in sign_in_with_key sign_out snapshot state
    subscribe transitions use_model
ConnectionFailed: case message
Flag: CLOCK_SKEWED IDENTITY_UNVERIFIED IN_DOUBT MODELS_BLOCKED PLAN_ENABLED STORAGE_DEGRADED USAGE_PAUSED
ForbiddenOrigin: case message
InteractionRequired: case message
MisuseError: case message
Provider: address api api_base authorization_endpoint authorize_params claims client_id connections_url device
    device_authorization_endpoint ending_codes issuer jwks_uri manage_url name notice plan_scope redirect_host
    redirect_path redirect_ports registration resource revocation revocation_endpoint scopes secret sends_nonce
    sources takes_key title token_endpoint
ProviderError: case message
Secret: reveal
SignInFailed: case message
SignedinError: case message
Snapshot: access_expires_at account_id app case email flags generation label model notice_due page plan
    plan_enabled provider retry_at state workspace
State: AUTHORIZING CONNECTED DISCONNECTED ERROR EXPIRED REFRESHING
StoreError: case message path
Subscription: close closed
TemporarilyUnavailable: case message retry_at
Transition: account_id at case details flags generation source state trigger visible
TransitionStream: aclose close closed missed
TransportFailed: case kind message sent
UnknownAccount: case message
UnknownModel: case message
UnknownProvider: case message
responses.Answer: aclose model request_id status text
responses.Catalogue: case fetched_at find models selected stale
responses.Model: id name selected
responses.Question:
responses.Usage: fetched_at limit_reached plan windows
responses.UsageWindow: name resets_at used_percent window_seconds
sync.Answer: model request_id status text
sync.Attempt: app_name asks cancel complete_url deadline done fail id short_url submit url user_code ways
sync.Connection: accounts acknowledge_notice api_base auth authorize case client close enable_plan ensure_signed_in
    flags get_access_token needs_sign_in open provider refresh retry sign_in sign_in_with_key sign_out snapshot state
    subscribe transitions use_model
sync.Question: text
sync.TransitionStream: close closed missed
"""
"""Beside these there are functions: `ask`, `models` and `usage` in `responses` and in `sync`."""


def exported() -> dict[str, type]:
    """Every class, by its name without `signedin.`."""
    found = ((f"{module}.{name}", getattr(import_module(module), name)) for module in MODULES for name in _all(module))
    return {name.removeprefix("signedin."): value for name, value in found if isinstance(value, type)}


def _all(module: str) -> list[str]:
    names: list[str] = import_module(module).__all__
    return names


def test_the_surface_is_what_is_written_here() -> None:
    """Whoever adds a public name, or takes one away, says so above."""
    found = "\n".join(f"{name}: {' '.join(sorted(members(kind)))}".strip() for name, kind in exported().items())
    assert found.split() == SURFACE.split()


@pytest.mark.parametrize("module", MODULES)
def test_the_names_are_listed_once_and_sorted(module: str) -> None:
    """And all that `dir` shows of a module that loads them late."""
    names = _all(module)
    assert names == sorted(set(names))
    assert set(names) <= set(dir(import_module(module)))
    assert dir(signedin) == signedin.__all__


@pytest.mark.parametrize("name", exported())
def test_every_public_member_says_what_it_does(name: str) -> None:
    """Methods and properties, inherited ones too; fields are explained by their class."""
    kind = exported()[name]
    assert inspect.getdoc(kind)
    for member in members(kind):
        value = inspect.getattr_static(kind, member, None)
        if callable(value) or isinstance(value, property | classmethod | staticmethod):
            assert inspect.getdoc(value), f"{name}.{member}"


def test_an_attempt_is_the_same_for_threads() -> None:
    """But for what is the core's own; its methods take the same arguments."""
    assert members(sync.Attempt) == members(signedin.Attempt) - OF_THE_CORE
    for name, plain in vars(sync.Attempt).items():
        if inspect.isfunction(plain) and not name.startswith("_"):
            theirs = inspect.signature(getattr(signedin.Attempt, name))
            assert inspect.signature(plain).parameters == theirs.parameters, name
