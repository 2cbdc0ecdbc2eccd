"""The page of an app that has commands of its own: what it says names those, and none of `signedin`'s."""

import re
from collections.abc import Iterator
from itertools import product

import anyio
import pytest
from tests.support.page import Browser, served

from signedin import Connection
from signedin.cases import CASES
from signedin_adapters.cli import commands
from signedin_adapters.sandbox import Sandbox
from signedin_adapters.web import create_app, view

ACME = commands("Acme Notes", "acme account")
FEWEST = commands("Acme Notes", "acme account", only=())


@pytest.fixture
def browser(connection: Connection, home: str) -> Iterator[Browser]:
    """One that the app's own page let in."""
    page = create_app(connection, home=home, store="file", remedy=ACME.remedy)
    with served(page) as port, Browser(f"http://127.0.0.1:{port}") as browser:
        yield browser.come_in(page)
    anyio.run(page.aclose)


@pytest.mark.usefixtures("own_ports")
def test_a_refusal_names_the_apps_commands(browser: Browser, sandbox: Sandbox) -> None:
    """Where the page has no button for what is to be done."""
    sandbox.faults.inject("device-disabled", None)
    refused = browser.post("/sign-in", way="device", provider="sandbox-codex").json()["error"]
    assert "acme account login --no-browser" in refused["remedy"]
    assert "signedin" not in refused["remedy"]


def test_what_is_wrong_names_the_apps_commands() -> None:
    """Every case, with the page's buttons first; there is always something to do."""
    for case, kit in product(CASES.values(), (ACME, FEWEST)):
        told = view.told(case, kit.remedy)
        assert told is not None
        assert "signedin" not in told["remedy"] + told["meaning"]
        assert re.fullmatch(r".+\w\W?\.", told["remedy"])
    needs_doctor = view.told(CASES["stale-lock"], ACME.remedy)
    assert needs_doctor is not None
    assert needs_doctor["remedy"] == "End or continue that process; acme account doctor names it."


def test_the_page_speaks_of_the_app(browser: Browser) -> None:
    """All that it says to people; ids and file names are nobody's words."""
    assert "signedin" not in re.sub(r"<[^>]*>", " ", browser.get("/").text)
