"""The page itself and its files."""

import os
import re
from html import escape

import pytest
from tests.support.page import Browser, served

from signedin_adapters.diagram import STYLE, WAYS
from signedin_adapters.web.app import guarded
from signedin_adapters.web.board.app import PLACES
from signedin_adapters.web.page_routes import STATIC, PageRoutes
from signedin_adapters.web.sessions import Sessions


def test_the_page_names_the_app_and_shows_the_states(stranger: Browser) -> None:
    """Every place is filled, and the picture is the one of the docs."""
    html = stranger.get("/").text
    assert "Acme Notes" in html
    assert "{{" not in html
    assert all(f'id="{way.id}"' in html for way in WAYS)


def test_an_apps_name_is_text() -> None:
    """Whatever it is called: no markup, and no place to fill."""
    name, sessions = "</title><script>{{diagram}}&amp;", Sessions()
    page = guarded(PageRoutes(name, sessions, again="").routes, [], sessions, again="")
    with served(page) as port, Browser(f"http://127.0.0.1:{port}") as stranger:
        html = stranger.get("/").text
    assert f"<title>{escape(name)}</title>" in html
    assert html.count("<svg") == 1


def test_the_page_obeys_its_own_policy(stranger: Browser) -> None:
    """No style or script stands in it, and nothing in it is of another host."""
    html = stranger.get("/").text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert re.findall(r"<script(?![^>]*\ssrc=)", html) == []
    assert set(re.findall(r'(?:src|href)="([^"#]*)"', html)) == {
        "data:,",
        "./static/diagram.css",
        "./static/page.css",
        "./static/page.js",
    }


def test_every_file_that_is_named_is_there(stranger: Browser) -> None:
    """The page's, and those that its modules import; beside them lie only types, and no file that nobody loads."""
    wanted, seen = {"page.css", "page.js", "diagram.css"}, set[str]()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        answer = stranger.get(f"/static/{name}")
        assert answer.status_code == 200, name
        wanted |= set(re.findall(r'from "\./([\w.]+)"', answer.text)) - seen
    assert {*os.listdir(STATIC)} - seen == {"page.html", "shapes.js"}


@pytest.mark.parametrize(
    ("name", "kind"), [("page.css", "text/css"), ("page.js", "text/javascript"), ("diagram.css", "text/css")]
)
def test_files_have_their_kind_and_a_validator(stranger: Browser, name: str, kind: str) -> None:
    """Asked for again, only what changed is sent."""
    answer = stranger.get(f"/static/{name}")
    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"
    again = stranger.get(f"/static/{name}", **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])


def test_the_pictures_style_is_a_file(stranger: Browser) -> None:
    """The page's policy would take it from nowhere else."""
    assert stranger.get("/static/diagram.css").text == STYLE


@pytest.mark.parametrize(
    "name",
    [
        "page.html",
        "nothing.js",
        "..%2fapp.py",
        "..%2f..%2fpyproject.toml",
        "%2e%2e/app.py",
        ".js",
        "%00.js",
        "a%2fb.js",
    ],
)
def test_nothing_else_is_served(stranger: Browser, name: str) -> None:
    """No file beside the page's own."""
    assert stranger.get(f"/static/{name}").status_code in (403, 404)


@pytest.mark.parametrize("place", PLACES, ids=["board", "page"])
def test_no_file_names_another_host(place: str) -> None:
    """The page and the board ask their own server, and nobody else."""
    for name in os.listdir(place):
        with open(os.path.join(place, name), encoding="utf-8") as file:
            assert not re.search(r"""(?:from|import|fetch|src=|url\()\s*\(?["']?https?:""", file.read()), name
