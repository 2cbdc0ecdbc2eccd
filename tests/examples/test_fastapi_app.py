"""The FastAPI app under a real server: its user signs in on the page that it mounts, and it asks for its callers."""

import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from tests.support import acme_notes
from tests.support.examples import example, served_by_uvicorn, signed_in_hours_ago, waiting_for_a_token
from tests.support.page import Browser, wait_until
from tests.support.stage import PATIENCE, TOKEN, HeldBack, browse

from signedin_adapters.sandbox import Sandbox

ANSWER = "You asked: “Why?”"


def ask(url: str) -> httpx.Response:
    """One question."""
    return httpx.post(f"{url}/ask", json={"prompt": "Why?"}, trust_env=False, timeout=PATIENCE)


async def test_its_lifespan_opens_a_connection_and_closes_it(sandbox: Sandbox, home: Path) -> None:
    """Each request finds it in its state."""
    acme_notes.move_in(home)
    module = example("fastapi_app")
    async with module.lifespan(module.app) as state:
        transitions = state["connection"].transitions()
        assert state["connection"].snapshot.app == acme_notes.APP
    assert transitions.closed


def test_the_answer_is_streamed(sandbox: Sandbox, home: Path) -> None:
    """Piece by piece, as it comes."""
    acme_notes.sign_in(sandbox, home)
    with (
        served_by_uvicorn(example("fastapi_app").app) as url,
        httpx.stream("POST", f"{url}/ask", json={"prompt": "Why?"}, trust_env=False) as answer,
    ):
        pieces = list(answer.iter_raw())
    assert len(pieces) > 1
    assert b"".join(pieces).decode().startswith(ANSWER)


def test_signing_in_on_the_page_that_it_mounts(sandbox: Sandbox, home: Path) -> None:
    """The refusal leads there; signed in, the same question is answered."""
    acme_notes.move_in(home)
    with served_by_uvicorn(example("fastapi_app").app) as url:
        refused = ask(url)
        assert (refused.status_code, refused.json()["case"]) == (409, "not-signed-in")
        address = refused.json()["sign_in"]
        assert address.startswith(f"{url}/account/#")
        with Browser(f"{url}/account") as browser:
            attempt = browser.trade(address).does("/sign-in", way="browser")
            assert browse(attempt["url"]).status_code == 200
            browser.until(lambda state: state["state"] == "connected")
        assert ask(url).text.startswith(ANSWER)


def test_two_requests_share_one_refresh(sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both wait for it, and both are served."""
    signed_in_hours_ago(sandbox, home)
    sandbox.requests.clear()
    monkeypatch.setattr(sandbox, "on_request", held := HeldBack(TOKEN))
    with served_by_uvicorn(example("fastapi_app").app) as url, ThreadPoolExecutor(2) as people:
        asked = [people.submit(ask, url) for _ in range(2)]
        wait_until(lambda: waiting_for_a_token() == 2)
        held.release()
        assert [answer.result().status_code for answer in asked] == [200, 200]
    assert [request.path for request in sandbox.requests].count(TOKEN) == 1


def test_an_outage_says_when_to_come_again(sandbox: Sandbox, home: Path) -> None:
    """As a date (RFC 9110 §10.2.3), which lies ahead."""
    signed_in_hours_ago(sandbox, home)
    sandbox.faults.inject("token-503", None)
    with served_by_uvicorn(example("fastapi_app").app) as url:
        refused = ask(url)
    assert (refused.status_code, refused.json()["case"]) == (503, "provider-outage")
    assert parsedate_to_datetime(refused.headers["retry-after"]).timestamp() > time.time()


def test_what_the_plan_refuses_is_told_by_its_case(sandbox: Sandbox, home: Path) -> None:
    """Whoever called can do nothing about it: it is no error of theirs."""
    acme_notes.sign_in(sandbox, home)
    sandbox.faults.inject("api-429-limit", None)
    with served_by_uvicorn(example("fastapi_app").app) as url:
        refused = ask(url)
    assert (refused.status_code, refused.json()["case"]) == (502, "app-usage-limit-hit")


@pytest.mark.usefixtures("sandbox")
def test_other_pages_cannot_ask(home: Path) -> None:
    """Neither by a name that is made to lead here, nor with a form, which browsers send to anywhere."""
    acme_notes.move_in(home)
    with served_by_uvicorn(example("fastapi_app").app) as url:
        rebound = httpx.post(f"{url}/ask", headers={"host": "evil.example"}, trust_env=False)
        form = httpx.post(f"{url}/ask", data={"prompt": "Why?"}, trust_env=False)
        text = httpx.post(
            f"{url}/ask", content=b'{"prompt": "Why?"}', headers={"content-type": "text/plain"}, trust_env=False
        )
    assert [answer.status_code for answer in (rebound, form, text)] == [400, 422, 422]
