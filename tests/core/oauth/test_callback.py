"""What comes back to the redirect URI."""

from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.oauth_samples import ANNOUNCING, FIXED, ISSUER, METADATA, authorization

from signedin.oauth.callback import CallbackRejected, CodeReceived, SignInRefused, read, read_pasted
from signedin.secret import Secret

FIRST = replace(authorization(), state=Secret("wMONdwBdkwrYLc9eH-lDJGbROcBfuPZw1uEhlcaLmfQ"))
AGAIN = authorization(client_id="oaiapp_issued")
STATE = FIRST.state.reveal()
REDIRECT = "http://127.0.0.1:1455/auth/callback"


def good(**changes: str | None) -> str:
    """A good first answer's query, with changes; None leaves a parameter out."""
    fields = {"code": "code-1", "state": STATE, "client_id": "oaiapp_issued"} | changes
    return urlencode({name: value for name, value in fields.items() if value is not None})


def again(**changes: str | None) -> str:
    """A good later answer's query, with changes."""
    return good(**({"state": AGAIN.state.reveal(), "client_id": None} | changes))


def rejection(query: str, **more: object) -> str:
    """Why the query is not ours."""
    with pytest.raises(CallbackRejected) as caught:
        read(query, FIRST, **({"metadata": METADATA} | more))  # type: ignore[arg-type]
    assert STATE not in str(caught.value)
    return caught.value.reason


def test_a_first_answer_brings_the_code_and_the_issued_id() -> None:
    """`scope` and unknown parameters beside them decide nothing."""
    received = read(good(scope="openid email", unknown="x") + "&unknown=y&flag", FIRST, METADATA)
    assert received == CodeReceived(code=Secret("code-1"), client_id="oaiapp_issued")
    assert "code-1" not in repr(received)


@pytest.mark.parametrize(
    "query",
    [
        "",
        good(state=None),
        good(state=""),
        good(state=STATE[:-1]),
        good(state=STATE + "x"),
        good(state=STATE.swapcase()),
        good() + f"&state={STATE}",
        good(state="other") + f"&state={STATE}",
        urlencode({"error": "access_denied"}),
        good(state="other", error="access_denied"),
    ],
)
def test_state_comes_first_and_exactly_once(query: str) -> None:
    """Wrong, missing, empty or doubled: it is not ours, with a code and with an error alike."""
    assert rejection(query) == "state"


def test_state_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison goes through `hmac.compare_digest`, also where the lengths differ."""
    seen: list[tuple[bytes, bytes]] = []

    def compare(left: bytes, right: bytes) -> bool:
        seen.append((left, right))
        return False

    monkeypatch.setattr("signedin.secret.compare_digest", compare)
    assert rejection(good(state="x")) == "state"
    assert seen == [(b"x", STATE.encode())]


@pytest.mark.parametrize("name", ["code", "iss", "error", "client_id"])
def test_nothing_that_decides_may_come_twice(name: str) -> None:
    """RFC 6749 §3.1, also where both values are the same."""
    assert rejection(good() + f"&{name}=a&{name}=a") == "duplicate"


@pytest.mark.parametrize("query", [good(), good(code=None, client_id=None, error="access_denied")])
def test_the_issuer_must_be_the_one_that_was_asked(query: str) -> None:
    """RFC 9207: equal where it is there, there where it was announced; with an error as well."""
    assert rejection(query + "&iss=https://evil.example") == "iss"
    assert rejection(query + f"&iss={quote(ISSUER)}/") == "iss"
    assert rejection(query, metadata=ANNOUNCING) == "iss"
    read(query + f"&iss={quote(ISSUER)}", FIRST, METADATA)
    read(query + f"&iss={quote(ISSUER)}", FIRST, ANNOUNCING)


@pytest.mark.parametrize(
    ("error", "description", "kept", "case"),
    [
        ("access_denied", "", "access_denied", "user-denied-consent"),
        ("access_denied", "Missing_Codex_Entitlement for you", "access_denied", "workspace-not-entitled"),
        ("server_error", "missing_codex_entitlement", "server_error", "authorization-refused"),
        ("invalid_scope", "", "invalid_scope", "authorization-refused"),
        ("<script>alert(1)</script>", "\x1b]8;;", "other", "authorization-refused"),
        ("", "", "other", "authorization-refused"),
    ],
)
def test_a_refusal_is_known_by_its_code(error: str, description: str, kept: str, case: str) -> None:
    """An unknown word becomes "other"; a code beside an error counts for nothing."""
    assert read(good(error=error, error_description=description), FIRST, METADATA) == SignInRefused(
        error=kept, case=case
    )


@pytest.mark.parametrize("code", [None, "", "a" * 4097, "a\nb", "a\x00", "é"])
def test_there_must_be_one_sensible_code(code: str | None) -> None:
    """Not empty, bounded, visible ASCII."""
    assert rejection(good(code=code)) == "code"


@pytest.mark.parametrize("client_id", [None, "", "any_client", "a" * 201, "a b", "a\n", "ä"])
def test_a_registration_without_an_issued_id_is_incomplete(client_id: str | None) -> None:
    """Missing, malformed, or the very id that only asked for one: no exchange."""
    refused = SignInRefused(error="registration_incomplete", case="registration-incomplete")
    assert read(good(client_id=client_id), FIRST, METADATA) == refused


def test_later_the_id_may_be_left_out_but_not_changed() -> None:
    """Absent or equal keeps it; another one is another registration."""
    kept = CodeReceived(code=Secret("code-1"), client_id="oaiapp_issued")
    assert read(again(), AGAIN, METADATA) == kept
    assert read(again(client_id="oaiapp_issued"), AGAIN, METADATA) == kept
    mismatch = SignInRefused(error="registration_mismatch", case="registration-mismatch")
    assert read(again(client_id="oaiapp_other"), AGAIN, METADATA) == mismatch


def test_a_fixed_client_redeems_under_its_own_id() -> None:
    """No id has to come back."""
    fixed = authorization(FIXED)
    received = read(urlencode({"code": "c", "state": fixed.state.reveal()}), fixed, METADATA)
    assert received == CodeReceived(code=Secret("c"), client_id="native-app")


@pytest.mark.parametrize(
    "query",
    [good() + "&x=%zz", good() + "&x=%", good() + "&x=%ff", good() + "&x=é", good() + "\x00", good() + "&x" * 99],
)
def test_a_query_that_cannot_be_read_one_way_is_malformed(query: str) -> None:
    """Broken escapes, bytes that are no UTF-8, raw control characters, too many fields."""
    assert rejection(query) == "malformed"
    assert rejection(good() + "&x=" + "a" * 20_000) == "malformed"


@given(st.text() | st.text(alphabet="codestaierrn_=&%+0123456789"))
def test_any_query_is_judged(query: str) -> None:
    """There is a callback or CallbackRejected, and without the state only the latter."""
    with pytest.raises(CallbackRejected):
        read(query, FIRST, METADATA)


@given(st.text(), st.text(), st.text())
def test_any_values_beside_the_right_state_are_judged(code: str, client_id: str, error: str) -> None:
    """Nothing but the two answers or CallbackRejected comes out."""
    query = urlencode({"state": STATE, "code": code, "client_id": client_id, error: "x"}, errors="replace")
    with suppress(CallbackRejected):
        assert isinstance(read(query, FIRST, METADATA), CodeReceived | SignInRefused)


@pytest.mark.parametrize(
    "text",
    [
        f"{REDIRECT}?{good()}",
        f"  {REDIRECT}?{good()}\r\n",
        f"\x1b[200~{REDIRECT}?{good()}\x1b[201~\n",
        f'"{REDIRECT}?{good()}"',
        f"<{REDIRECT}?{good()}>",
        f"HTTP://localhost:9/auth/callback?{good()}#_=_",
        f"{REDIRECT}?{good()[:20]}\n{good()[20:]}",
    ],
)
def test_a_pasted_address_is_read_like_a_hit(text: str) -> None:
    """Markers of the terminal, quotes and line breaks around it do not matter; nor does the host."""
    assert read_pasted(text, FIRST, METADATA) == CodeReceived(code=Secret("code-1"), client_id="oaiapp_issued")


PASTED = [
    (f"{REDIRECT}?{good(state='other')}", "state"),
    (f"{REDIRECT}?code=code-1&client_id=oaiapp_issued", "cut"),
    (f"{REDIRECT}?code=code-1&sta", "cut"),
    (f"{REDIRECT}?state={STATE}&co", "cut"),
    (f"{REDIRECT}?code=a%2", "cut"),
    (f"{REDIRECT}?", "cut"),
    (REDIRECT, "cut"),
    ("http://127.0.0.1:14", "cut"),
    ((f"{REDIRECT}?code={'c' * 5000}")[:4095], "cut"),
    ((f"{REDIRECT}?scope={'s' * 5000}")[:1023], "cut"),
    ((f"{REDIRECT}?code={'c' * 4012}&state={STATE}")[:4095], "cut"),
    ("code-1", "bare-code"),
    ("ac_Zm9v.YmFy-1~x", "bare-code"),
    ("", "url"),
    ("hello there: no", "url"),
    ("https://id.example/authorize?state=x", "url"),
    (f"http://127.0.0.1:1455/other?{good()}", "url"),
    (f"127.0.0.1:1455/auth/callback?{good()}", "url"),
    ("javascript:alert(1)", "url"),
    ("http://[::1", "url"),
    (f"{REDIRECT}?{good()}&code=2", "duplicate"),
]


@pytest.mark.parametrize(
    ("text", "reason"), PASTED, ids=[f"{reason}-{number}" for number, (_, reason) in enumerate(PASTED)]
)
def test_what_else_a_person_pastes_is_named(text: str, reason: str) -> None:
    """A cut address, a bare code, another page's address or another attempt's: each has its own word."""
    with pytest.raises(CallbackRejected) as caught:
        read_pasted(text, FIRST, METADATA)
    assert caught.value.reason == reason
    assert "code-1" not in str(caught.value)


def test_a_pasted_answer_goes_through_the_issuer_check() -> None:
    """The same rules as for the listener."""
    with pytest.raises(CallbackRejected) as caught:
        read_pasted(
            f"{REDIRECT}?{good()}", FIRST, replace(METADATA, authorization_response_iss_parameter_supported=True)
        )
    assert caught.value.reason == "iss"


@given(st.text())
def test_any_pasted_text_is_judged(text: str) -> None:
    """Nothing but CallbackRejected comes out."""
    with pytest.raises(CallbackRejected):
        read_pasted(text, FIRST, METADATA)
    with pytest.raises(CallbackRejected):
        read_pasted("http://" + text, FIRST, METADATA)
