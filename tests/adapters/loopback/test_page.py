"""The pages: whole, quiet, and closed to whatever text they are given."""

import re

import pytest

from signedin_adapters.loopback.page import Pages


def body(*, title: str = "Title", text: str = "Text.", app_name: str = "Acme Notes", ok: bool = True) -> str:
    return Pages(app_name).outcome(ok=ok, title=title, text=text).body.decode()


@pytest.mark.parametrize("place", ["title", "text", "app_name"])
def test_markup_is_shown_not_run(place: str) -> None:
    """A name or a message that holds markup is text on the page."""
    page = body(**{place: "<script>alert(1)</script>\"'&"})  # type: ignore[arg-type]
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;" in page


@pytest.mark.parametrize("bad", ["\x1b]8;;http://evil\x07", "\x00", "\x9b31m", "\u202e", "\u2066", "\u200f", "\u2028"])
def test_what_steers_terminals_and_text_direction_is_left_out(bad: str) -> None:
    """Control characters and marks that turn text around are gone; the letters stay."""
    page = body(title=f"a{bad}b")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", page)
    assert "<h1>a" in page


def test_letters_of_every_script_stay() -> None:
    """Names are not only Latin; joiners that shape letters and emoji are kept."""
    for name in ("Zoë", "Анна", "علی", "می\u200cخواهم", "張", "👩\u200d💻"):
        assert f"<h1>{name}</h1>" in body(title=name)


def test_braces_are_text() -> None:
    """No text is read as a template."""
    assert "{nonce} {style}" in body(text="{nonce} {style}")


def test_a_page_loads_nothing() -> None:
    """No address, no script, no handler, no picture from elsewhere."""
    page = body()
    assert not re.search(r"https?:|src=|href=|<script|<link|<img|@import|url\(|\son\w+=", page)


def test_the_nonce_is_new_each_time_and_matches_the_policy() -> None:
    """The style is allowed by a nonce that nobody can foresee."""
    pages = Pages("Acme Notes")
    nonces: set[str] = set()
    for _ in range(3):
        answer = pages.rejected()
        found = re.search(r'<style nonce="([^"]+)">', answer.body.decode())
        assert found
        assert f"style-src 'nonce-{found[1]}'" in dict(answer.headers)["Content-Security-Policy"]
        nonces.add(found[1])
    assert len(nonces) == 3


def test_success_and_failure_look_different() -> None:
    """A mark and a tone tell them apart before any word is read; the word decides for those who cannot see them."""
    assert '<main class="done">' in body(ok=True)
    assert '<main class="failed">' in body(ok=False)


def test_every_page_names_the_app() -> None:
    """The user learns which program the tab belonged to."""
    pages = Pages("Acme Notes")
    for answer in (pages.rejected(), pages.used(), pages.idle(), pages.outcome(ok=False, title="t", text="x")):
        assert "Acme Notes" in answer.body.decode()
