"""Believing an ID token."""

import base64
import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.support.oauth_samples import ISSUER, NOW, claims, jwks, key, signed

from signedin.errors import AnswerRefused
from signedin.oauth.id_token import Identity, IdTokenInvalid, names_another, validate
from signedin.provider import ClaimNames
from signedin.secret import Secret


def judge(token: str, keys: dict[str, object] | None = None, **more: Any) -> Identity:
    """Validate with what a good sign-in expects."""
    expected: dict[str, Any] = {
        "issuer": ISSUER,
        "client_id": "oaiapp_issued",
        "nonce": Secret("nonce-1"),
        "at": NOW + 1,
        "algorithms": ("RS256", "ES256"),
    }
    return validate(Secret(token), jwks() if keys is None else keys, **(expected | more))


def reason(token: str, keys: dict[str, object] | None = None, **more: Any) -> str:
    """Why the token is not believed."""
    with pytest.raises(IdTokenInvalid) as caught:
        judge(token, keys, **more)
    assert isinstance(caught.value, AnswerRefused)
    assert caught.value.case == "id-token-invalid"
    assert token in ("", "a") or token not in str(caught.value)
    return caught.value.reason


def test_a_good_token_names_the_user() -> None:
    """Subject, and labels for people."""
    identity = judge(signed(claims()))
    assert asdict(identity) == {
        "subject": "user-1",
        "workspace": None,
        "email": "ada@example.org",
        "email_verified": True,
        "name": "Ada",
        "plan": None,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "oaiapp_issued"},
        {"aud": ["other", "oaiapp_issued"], "azp": "oaiapp_issued"},
        {"azp": "oaiapp_issued"},
        {"exp": NOW - 58},
        {"iat": NOW + 60},
        {"iat": NOW - 86400.5},
        {"nbf": NOW + 60},
        {"email": None, "email_verified": None, "name": None},
    ],
)
def test_what_the_rules_allow_is_accepted(changes: dict[str, object]) -> None:
    """A string or an array as audience, 60 s of skew, optional claims."""
    assert judge(signed(claims(**changes))).subject == "user-1"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": None}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"sub": None}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": "s" * 256}, "subject"),
        ({"aud": None}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": "other"}, "audience"),
        ({"aud": "oaiapp_issued2"}, "audience"),
        ({"aud": {"oaiapp_issued": 1}}, "audience"),
        ({"aud": ["oaiapp_issued", 7]}, "audience"),
        ({"aud": ["oaiapp_issued", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"azp": ["oaiapp_issued"]}, "azp"),
        ({"exp": None}, "expired"),
        ({"exp": NOW - 60}, "expired"),
        ({"exp": str(NOW + 600)}, "expired"),
        ({"exp": True}, "expired"),
        ({"iat": None}, "issued-at"),
        ({"iat": NOW + 62}, "issued-at"),
        ({"iat": str(NOW)}, "issued-at"),
        ({"nbf": NOW + 62}, "not-before"),
        ({"nbf": "0"}, "not-before"),
        ({"nbf": False}, "not-before"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "nonce-2"}, "nonce"),
        ({"nonce": ["nonce-1"]}, "nonce"),
    ],
)
def test_one_wrong_claim_is_enough(changes: dict[str, object], why: str) -> None:
    """OpenID Connect Core §3.1.3.7, strictly typed."""
    assert reason(signed(claims(**changes))) == why


def test_null_counts_as_a_wrong_type_not_as_absent() -> None:
    """`azp` and `nbf` that are there must hold."""
    assert reason(signed({**claims(), "azp": None})) == "azp"
    assert reason(signed({**claims(), "nbf": None})) == "not-before"


def test_the_nonce_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Through `hmac.compare_digest`."""
    seen: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        seen.append((left, right))
        return left == right

    monkeypatch.setattr("signedin.secret.compare_digest", compare)
    judge(signed(claims()))
    assert seen == [(b"nonce-1", b"nonce-1")]


def test_a_refreshed_token_needs_no_nonce_but_the_same_subject() -> None:
    """OpenID Connect Core §12.2."""
    token = signed(claims(nonce=None))
    assert judge(token, nonce=None, subject="user-1").subject == "user-1"
    assert reason(token, nonce=None, subject="user-2") == "subject"
    assert reason(token, nonce=None, subject="user-1", issuer="https://other.example") == "issuer"
    assert reason(token, nonce=None, subject="user-1", client_id="other") == "audience"


def test_the_access_token_must_match_its_hash_where_there_is_one() -> None:
    """The left half of its SHA-256 (§3.1.3.8)."""
    half = hashlib.sha256(b"access-1").digest()[:16]
    at_hash = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    token = signed(claims(at_hash=at_hash))
    assert judge(token, access_token=Secret("access-1")).subject == "user-1"
    assert reason(token, access_token=Secret("access-2")) == "at-hash"
    assert reason(signed(claims(at_hash=7)), access_token=Secret("access-1")) == "at-hash"
    assert judge(signed(claims()), access_token=Secret("access-1")).subject == "user-1"


def unsigned(header: dict[str, object]) -> str:
    """A token with this header and no valid signature."""
    segments = (json.dumps(part).encode() for part in (header, claims()))
    return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in segments), "c2ln"])


@pytest.mark.parametrize("alg", ["none", "NONE", "HS256", "RS1", "EdDSA", "RS512", "", None, ["RS256"]])
def test_only_listed_asymmetric_algorithms_are_allowed(alg: object) -> None:
    """`none` and HS* never are; RS512 is not where it was not announced."""
    assert reason(unsigned({"alg": alg, "kid": "first"})) == "algorithm"
    assert reason(unsigned({"alg": "none"}), algorithms=("none", "HS256")) == "algorithm"


def test_a_public_key_is_never_a_shared_secret() -> None:
    """RS256 turned into HS256 over the public key."""
    secret = OctKey.import_key(key().as_dict(private=False)["n"].encode())  # type: ignore[union-attr]
    assert reason(signed(claims(), secret, alg="HS256"), algorithms=("RS256", "HS256")) == "algorithm"


@pytest.mark.parametrize("name", ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"])
def test_a_token_brings_no_key_and_no_extension(name: str) -> None:
    """RFC 8725 §3.10; nothing critical is understood here."""
    assert reason(unsigned({"alg": "RS256", "kid": "first", name: "x"})) == "header"


def test_an_unknown_key_may_be_asked_for_once_more() -> None:
    """Its own reason, so that the caller can fetch the keys again; after that it is found."""
    rotated = RSAKey.generate_key(2048, parameters={"kid": "second"})
    token = signed(claims(), rotated, kid="second")
    assert reason(token) == "unknown-key"
    assert reason(token, {"keys": []}) == "unknown-key"
    assert reason(signed(claims()), {}) == "unknown-key"
    assert judge(token, jwks(key(), rotated)).subject == "user-1"


def test_without_an_id_there_must_be_just_one_key() -> None:
    """Ambiguous is refused; so are two keys of one id."""
    token = signed(claims(), kid=None)
    assert judge(token).subject == "user-1"
    assert reason(token, jwks(key(), key("second"))) == "ambiguous-key"
    assert reason(signed(claims()), jwks(key(), key())) == "ambiguous-key"


@pytest.mark.parametrize(
    "change",
    [{"kty": "EC"}, {"kty": "oct"}, {"kty": None}, {"use": "enc"}, {"alg": "RS512"}, {"n": "AQAB"}, {"n": "A" * 342}],
)
def test_a_key_must_be_made_for_this_signature(change: dict[str, object]) -> None:
    """Its type, its use, its algorithm and its size."""
    assert reason(signed(claims()), {"keys": [key().as_dict(private=False) | change]}) == "key"


def test_an_elliptic_key_with_an_rsa_header_is_refused_and_with_its_own_accepted() -> None:
    """The key's type must be the algorithm's."""
    curve = ECKey.generate_key("P-256", parameters={"kid": "curve"})
    token = signed(claims(), curve, alg="ES256", kid="curve")
    assert judge(token, jwks(curve)).subject == "user-1"
    assert reason(signed(claims(), kid="curve"), jwks(curve)) == "key"


def test_a_forged_signature_is_refused() -> None:
    """Another key of the same id, a changed payload, a cut signature."""
    token = signed(claims())
    header, payload, signature = token.split(".")
    other = signed(claims(sub="user-2")).split(".")[1]
    assert reason(signed(claims(), key("other"))) == "signature"
    assert reason(f"{header}.{other}.{signature}") == "signature"
    assert reason(f"{header}.{payload}.{signature[:-10]}") == "signature"


@pytest.mark.parametrize("change", [{"e": "!"}, {"e": 3}, {"n": "_" * 342}, {"x5c": 7}])
def test_a_broken_key_is_no_key(change: dict[str, object]) -> None:
    """Whatever the library makes of it."""
    assert reason(signed(claims()), {"keys": [key().as_dict(private=False) | change]}) == "signature"


@pytest.mark.parametrize("payload", [b"[]", b"", b'{"sub":"a","sub":"b"}', b"\xff", b'{"exp":1e400}'])
def test_signed_nonsense_is_malformed(payload: bytes) -> None:
    """A signature does not make it JSON."""
    assert reason(signed(payload)) == "malformed"


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c.d", "a..c", "e30.e30.", "é.é.é", "!.!.!", "W10.e30.c2ln"])
def test_what_is_no_token_is_malformed(token: str) -> None:
    """Three segments of base64url, the first an object."""
    assert reason(token) == "malformed"


@given(st.text() | st.text(alphabet="eyJhbGciOiJub25lIn0.-_="))
def test_any_text_is_refused(token: str) -> None:
    """Nothing but IdTokenInvalid comes out."""
    with pytest.raises(IdTokenInvalid):
        judge(token)


VALUES = (
    st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.text())
)


@given(st.dictionaries(st.sampled_from([*claims(), "azp", "nbf", "at_hash"]), VALUES))
def test_any_claims_are_judged(changes: dict[str, object]) -> None:
    """An identity or IdTokenInvalid; an identity always has our subject's type."""
    with suppress(IdTokenInvalid):
        assert judge(signed(claims() | changes), access_token=Secret("access-1")).subject


@given(st.dictionaries(st.sampled_from(["kty", "n", "e", "kid", "use", "alg"]), VALUES) | VALUES)
def test_any_keys_are_judged(entry: object) -> None:
    """Whatever a key set holds."""
    merged: object = {**key().as_dict(private=False), **entry} if isinstance(entry, dict) else entry
    for keys in (merged, [merged]):
        with suppress(IdTokenInvalid):
            judge(signed(claims()), {"keys": keys})


def test_labels_that_could_steer_a_terminal_are_left_out() -> None:
    """Control and direction characters, and what is no text."""
    identity = judge(signed(claims(email="a\x1b]8;;x", name="ada\u202e")))
    assert (identity.email, identity.name) == (None, None)
    assert judge(signed(claims(email=7, email_verified="true"))).email_verified is False


def test_whom_it_names_is_read_without_a_key() -> None:
    """Enough to refuse it, whoever signed it."""
    token = Secret(signed(claims()))
    assert names_another(token, "user-2")
    assert not names_another(token, "user-1")


@pytest.mark.parametrize("token", ["", "no token", "a.b.c", signed(b"[]")])
def test_what_is_no_token_names_nobody(token: str) -> None:
    """And so not this user either; that is no reason to lose what came with it."""
    assert names_another(Secret(token), "user-1")


# What a server tells beside the subject.

NAMES = ClaimNames(
    email=(("email",), ("urn:profile", "email")),
    workspace=("urn:auth", "account"),
    plan=("urn:auth", "plan"),
    in_access_token=True,
)


def access_token(**changes: object) -> Secret:
    """An access token that says it all, as a JWT."""
    told: dict[str, object] = {
        "sub": "user-2",
        "urn:profile": {"email": "access@example.org"},
        "urn:auth": {"account": "ws-access", "plan": "free"},
    }
    return Secret(signed(told | changes))


def labels(
    payload: dict[str, object], names: ClaimNames = NAMES, access: Secret | None = None
) -> tuple[str | None, ...]:
    """E-mail, workspace and plan."""
    identity = judge(signed(payload), names=names, access_token=access)
    return identity.email, identity.workspace, identity.plan


def test_a_profile_says_where_the_claims_are() -> None:
    """In objects of the server's own; nothing is looked for where it does not say so."""
    payload = claims(**{"urn:auth": {"account": "ws-1", "plan": "plus"}, "account": "no", "plan": "no"})
    assert labels(payload) == ("ada@example.org", "ws-1", "plus")
    assert labels(payload, ClaimNames()) == ("ada@example.org", None, None)


def test_of_several_places_the_first_counts() -> None:
    """The second only where the first has nothing that may be shown."""
    profile = {"urn:profile": {"email": "other@example.org"}}
    assert labels(claims(**profile))[0] == "ada@example.org"
    assert labels(claims(email="a\x1b[2J", **profile))[0] == "other@example.org"


def test_an_access_token_tells_what_the_id_token_leaves_out() -> None:
    """Labels and workspace, never whose it is; and only where the profile says that it may be read."""
    assert labels(claims(email=None), access=access_token()) == ("access@example.org", "ws-access", "free")
    assert judge(signed(claims()), names=NAMES, access_token=access_token()).subject == "user-1"
    assert labels(claims(**{"urn:auth": {"account": "ws-1"}}), access=access_token()) == (
        "ada@example.org",
        "ws-1",
        "free",
    )
    unread = replace(NAMES, in_access_token=False)
    assert labels(claims(email=None), unread, access_token()) == (None, None, None)
    assert labels(claims(email=None), access=Secret("opaque")) == (None, None, None)


@pytest.mark.parametrize("account", ["", "a b", "ws\r\nX: y", "ä", "w" * 256, 7, None, {}, ["ws-1"]])
def test_a_workspace_is_an_id_that_a_header_can_carry(account: object) -> None:
    """Anything else is none."""
    assert labels(claims(**{"urn:auth": {"account": account}}))[1] is None


@pytest.mark.parametrize("auth", [None, "ws-1", 7, [], {}, {"account": {"id": "ws-1"}}])
def test_claims_that_are_not_where_they_should_be_are_none(auth: object) -> None:
    """Whatever stands there instead."""
    assert labels(claims() | {"urn:auth": auth})[1:] == (None, None)
