"""The authorization server's metadata and keys."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import AGENT, FIXED, ISSUER, METADATA, answer

from signedin.errors import AnswerRefused, ConfigurationError
from signedin.oauth.discovery import (
    Metadata,
    discovery_request,
    from_provider,
    jwks_request,
    read_jwks,
    read_metadata,
)
from signedin.provider import Provider


def document(**changes: object) -> dict[str, object]:
    """A good metadata document, with changes; None leaves a member out."""
    good: dict[str, object] = {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "jwks_uri": f"{ISSUER}/jwks",
        "revocation_endpoint": f"{ISSUER}/revoke",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


@pytest.mark.parametrize("issuer", ["https://id.example", "https://id.example/", "https://id.example/tenant/a"])
def test_the_document_is_asked_for_under_the_issuer(issuer: str) -> None:
    """Also where the issuer has a path; without a second slash."""
    request = discovery_request(issuer)
    assert (request.method, request.form, request.bearer) == ("GET", None, None)
    assert request.url == issuer.rstrip("/") + "/.well-known/openid-configuration"


def test_an_unsafe_issuer_is_not_asked() -> None:
    """http to a name is refused before anything is sent."""
    with pytest.raises(ConfigurationError):
        discovery_request("http://localhost:8765")


def test_a_good_document_is_read() -> None:
    """The endpoints, and nothing announced that was not."""
    assert read_metadata(answer(document()), FIXED) == METADATA


def test_what_is_announced_is_kept() -> None:
    """RFC 9207's parameter only by a real `true`; of the algorithms those that we verify."""
    announced = document(
        authorization_response_iss_parameter_supported=True,
        id_token_signing_alg_values_supported=["none", "HS256", "ES256", "RS256"],
    )
    metadata = read_metadata(answer(announced), FIXED)
    assert metadata.authorization_response_iss_parameter_supported
    assert metadata.algorithms == ("RS256", "ES256")
    assert not read_metadata(
        answer(document(authorization_response_iss_parameter_supported="true")), FIXED
    ).authorization_response_iss_parameter_supported
    assert read_metadata(answer(document(id_token_signing_alg_values_supported=["none"])), FIXED).algorithms == (
        "RS256",
    )


@pytest.mark.parametrize("issuer", [None, "", ISSUER + "/", ISSUER.upper(), "https://evil.example", ["x"], 1])
def test_the_issuer_must_be_byte_for_byte_ours(issuer: object) -> None:
    """RFC 8414 §3.3."""
    with pytest.raises(ConfigurationError):
        read_metadata(answer(document(issuer=issuer)), FIXED)


@pytest.mark.parametrize(
    "name",
    ["authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint", "device_authorization_endpoint"],
)
@pytest.mark.parametrize(
    "url", ["http://id.example/x", "https://a@id.example/", "file:///x", "", 7, ["https://id.example"]]
)
def test_every_endpoint_must_be_safe(name: str, url: object) -> None:
    """Each is checked, also those that only matter later."""
    with pytest.raises(ConfigurationError):
        read_metadata(answer(document(**{name: url})), FIXED)


def test_only_revocation_may_be_missing() -> None:
    """Then sign-out cannot be confirmed; everything else is needed, keys where ID tokens come."""
    assert read_metadata(answer(document(revocation_endpoint=None)), FIXED).revocation_endpoint is None
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        with pytest.raises(ConfigurationError):
            read_metadata(answer(document(**{name: None})), FIXED)
    plain = replace(FIXED, scopes=("read",))
    assert read_metadata(answer(document(jwks_uri=None)), plain).jwks_uri is None


def test_a_device_flow_is_there_where_the_server_names_it() -> None:
    """RFC 8628 §4; the profile's own comes first, and needs no discovery."""
    named = f"{ISSUER}/device"
    assert read_metadata(answer(document()), FIXED).device_authorization_endpoint is None
    found = read_metadata(answer(document(device_authorization_endpoint=named)), FIXED)
    assert found.device_authorization_endpoint == named
    own = replace(
        FIXED,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/jwks",
        device_authorization_endpoint=named,
    )
    metadata = from_provider(own)
    assert metadata is not None
    assert metadata.device_authorization_endpoint == named


def test_an_agents_endpoints_stay_on_the_issuers_host() -> None:
    """Other registrations may have them elsewhere, by https."""
    elsewhere = answer(document(token_endpoint="https://tokens.example/token"))
    assert read_metadata(elsewhere, FIXED).token_endpoint == "https://tokens.example/token"
    with pytest.raises(ConfigurationError):
        read_metadata(elsewhere, AGENT)
    with pytest.raises(ConfigurationError):
        read_metadata(answer(document(jwks_uri="https://id.example:8443/jwks")), AGENT)


def test_the_profile_comes_before_the_document() -> None:
    """An endpoint that is configured is the one that is used."""
    provider = replace(FIXED, token_endpoint="https://id.example/other")
    assert read_metadata(answer(document()), provider).token_endpoint == "https://id.example/other"


def test_a_profile_that_names_everything_needs_no_discovery() -> None:
    """With `openid` that includes the keys."""
    named: Provider = replace(
        FIXED, authorization_endpoint=f"{ISSUER}/authorize", token_endpoint=f"{ISSUER}/token", jwks_uri=f"{ISSUER}/jwks"
    )
    assert from_provider(named) == replace(METADATA, revocation_endpoint=None)
    assert from_provider(FIXED) is None
    assert from_provider(replace(named, jwks_uri=None)) is None
    assert from_provider(replace(named, jwks_uri=None, scopes=("read",))) is not None
    with pytest.raises(ConfigurationError):
        from_provider(replace(named, token_endpoint="http://id.example/token"))


@pytest.mark.parametrize(
    "response",
    [answer(b"<html>", 200), answer(b"", 200), answer([1], 200), answer(b'{"issuer":1,"issuer":1}'), answer({}, 503)],
)
def test_no_document_is_a_refused_answer(response: object) -> None:
    """HTML, nothing, an array, two meanings, an outage."""
    with pytest.raises(AnswerRefused):
        read_metadata(response, FIXED)  # type: ignore[arg-type]


def test_keys_are_asked_for_and_read() -> None:
    """An object with a list of keys; its entries are judged when they are used."""
    assert jwks_request(METADATA).url == f"{ISSUER}/jwks"
    assert read_jwks(answer({"keys": [{"kty": "RSA"}]})) == {"keys": [{"kty": "RSA"}]}
    for response in (answer({}), answer({"keys": {}}), answer(b"x"), answer({"keys": []}, 500)):
        with pytest.raises(AnswerRefused):
            read_jwks(response)
    with pytest.raises(ConfigurationError):
        jwks_request(replace(METADATA, jwks_uri=None))


@given(
    st.dictionaries(
        st.sampled_from([*document(), "id_token_signing_alg_values_supported"]),
        st.none() | st.text() | st.integers() | st.lists(st.text() | st.integers()) | st.just(ISSUER),
    )
)
def test_any_document_is_read_or_refused(changes: dict[str, object]) -> None:
    """Metadata, AnswerRefused or ConfigurationError; nothing else."""
    with suppress(AnswerRefused, ConfigurationError):
        assert isinstance(read_metadata(answer(json.dumps(document() | changes).encode()), AGENT), Metadata)
