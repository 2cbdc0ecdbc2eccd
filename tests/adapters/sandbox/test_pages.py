"""The pages: safe, self-contained, honest about what they are."""

import re

import httpx
import pytest
from tests.adapters.sandbox.plain_app import PlainApp

from signedin_adapters.sandbox import Sandbox, VisitRefused

NASTY = "<script>alert('x')</script>\"&"


def pages(app: PlainApp, name: str = "Acme Notes") -> dict[str, httpx.Response]:
    """Each page as it is shown."""
    url, origin = app.sandbox.url, {"origin": app.sandbox.url}
    sign_in = app.http.get(app.authorize_url(agent_name_hint=name))
    attempt = sign_in.text.split('name="attempt" value="')[1].split('"')[0]
    choice = {"attempt": attempt, "person": "ada"}
    chosen = app.http.post(f"{url}/api/accounts/sign-in", data=choice, headers=origin)
    return {
        "index": app.http.get(url),
        "sign-in": sign_in,
        "consent": app.http.get(url + chosen.headers["location"]),
        "refusal": app.http.get(app.authorize_url(client_id="unknown")),
        "device": app.http.get(f"{url}/native/device?user_code=WDJB-MJHT"),
    }


def test_every_page_says_what_it_is(app: PlainApp) -> None:
    """The banner stands on each, and no provider's name does."""
    for page in pages(app).values():
        assert "signedin sandbox — a stand-in, nothing leaves this machine" in page.text
        assert not re.search("openai|chatgpt", page.text, re.IGNORECASE)


def test_every_page_keeps_to_itself(app: PlainApp) -> None:
    """Nothing is stored, framed, scripted or fetched from elsewhere."""
    for name, page in pages(app).items():
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy, name
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in page.headers
        assert not re.search(r"<script|<img|<iframe|@import|url\(|src=", page.text)
        assert set(re.findall(r'href="([^"]*)"', page.text)) == {"data:,"}


def test_the_policy_lets_the_form_lead_back_to_the_app(app: PlainApp) -> None:
    """Browsers hold form-action against the redirect too: the app's origin is in it, and no other."""
    policy = pages(app)["consent"].headers["content-security-policy"]
    assert policy.endswith("form-action 'self' http://127.0.0.1:51234")


def test_pages_have_a_language_a_title_and_labels(app: PlainApp) -> None:
    """The least that a screen reader needs."""
    for page in pages(app).values():
        assert '<html lang="en">' in page.text
        assert re.search(r"<title>[^<]+ · signedin sandbox</title>", page.text)
        assert page.text.count("<h1>") == 1
        for field in re.findall(r'<input id="([^"]+)"', page.text):
            assert f'<label class="label" for="{field}">' in page.text


@pytest.mark.parametrize("shown", ["sign-in", "consent"])
def test_the_name_hint_is_text(app: PlainApp, shown: str) -> None:
    """Whatever an app calls itself, it is shown, not run."""
    page = pages(app, NASTY)[shown].text
    assert NASTY not in page
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;&amp;" in page


def test_the_index_escapes_names_and_paths(app: PlainApp) -> None:
    """Registered names and requested paths are text too."""
    app.sandbox.sign_in(app.authorize_url(), agent_name=NASTY)
    app.http.get(f"{app.sandbox.url}/<b>bold</b>")
    page = app.http.get(app.sandbox.url).text
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_the_index_shows_the_next_command_and_no_token(signed_in: PlainApp) -> None:
    """People learn what to run and who is signed in; values of tokens are nowhere."""
    signed_in.refresh()
    page = signed_in.http.get(signed_in.sandbox.url).text
    assert "signedin login --provider sandbox" in page
    assert signed_in.client_id in page
    assert signed_in.tokens["refresh_token"] not in page
    assert signed_in.tokens["access_token"] not in page


def test_the_index_names_the_other_parts(app: PlainApp) -> None:
    """Their providers, and where a device's code is typed."""
    page = app.http.get(app.sandbox.url).text
    assert all(f"<code>{text}</code>" in page for text in ("sandbox-codex", "sandbox-native", "/codex/device"))


def test_the_hinted_person_comes_first(signed_in: PlainApp) -> None:
    """A login_hint saves looking."""
    page = signed_in.http.get(signed_in.authorize_url(login_hint="grace@example.com")).text
    assert re.findall(r'name="person" value="(\w+)"', page)[0] == "grace"


def press(sandbox: Sandbox, http: httpx.Client, button: str, **headers: str) -> httpx.Response:
    """Post as a browser does, whose form has a type even when it has no field."""
    sent = {"origin": sandbox.url, "content-type": "application/x-www-form-urlencoded"} | headers
    return http.post(f"{sandbox.url}/buttons/{button}", headers=sent)


@pytest.mark.parametrize(
    ("button", "code"),
    [("expire", "token_expired"), ("revoke", "token_revoked"), ("disconnect", "subscription_sharing_invalid_user")],
)
def test_the_buttons_act(signed_in: PlainApp, button: str, code: str) -> None:
    """What they say happens, and the page comes again."""
    answer = press(signed_in.sandbox, signed_in.http, button)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert signed_in.models().json()["error"]["code"] == code


def test_the_503_button_arms_one_answer(signed_in: PlainApp) -> None:
    """The next answer is 503, the one after is not; until then the page says so."""
    press(signed_in.sandbox, signed_in.http, "next-503")
    assert "next-503 (1×)" in signed_in.http.get(signed_in.sandbox.url).text
    assert [signed_in.models().status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_other_sites_cannot_press(signed_in: PlainApp, headers: dict[str, str]) -> None:
    """A post that another page sent is refused."""
    assert press(signed_in.sandbox, signed_in.http, "revoke", **headers).status_code == 403
    assert signed_in.models().status_code == 200


def test_a_post_without_an_origin_is_refused(signed_in: PlainApp) -> None:
    """Browsers always send one."""
    assert signed_in.http.post(f"{signed_in.sandbox.url}/buttons/revoke").status_code == 403


def test_there_are_no_other_buttons(sandbox: Sandbox, http: httpx.Client) -> None:
    """An unknown one is a page that says so."""
    assert press(sandbox, http, "explode").status_code == 404


def test_an_unknown_person_is_refused(app: PlainApp) -> None:
    """Nobody can be invented by the caller."""
    with pytest.raises(VisitRefused) as refused:
        app.sandbox.sign_in(app.authorize_url(), "mallory")
    assert refused.value.status == 400
