"""The listener's rules: what is ours, what is not, and what the browser is told."""

import anyio
import pytest
from tests.support.raw_http import Reply, ask
from tests.support.waiting import FORGED, OURS, Waiting, waiting

from signedin.oauth.callback import CodeReceived
from signedin.secret import Secret
from signedin.testing.listen_contract import AUTHORIZE_URL, PATH
from signedin_adapters.loopback import listener as rules

OTHER_PATHS = [
    "/auth//callback",
    "//auth/callback",
    "/auth/callback/",
    "/auth/./callback",
    "/x/../auth/callback",
    "/auth%2Fcallback",
    "/%61uth/callback",
    "/auth%2e/callback",
    "/AUTH/callback",
    "/auth/callback;x",
    "/auth/callback%00",
    "/favicon.ico",
    "/robots.txt",
    "/cancel",
    "//",
    "http://127.0.0.1/auth/callback",
]
THE_CODE = CodeReceived(code=Secret("the-code"), client_id="acme")


async def still_wins(here: Waiting) -> None:
    """The real callback is accepted, whatever came before."""
    assert (await ask(here.port, OURS)).status == 303
    await here.arrived.wait()
    assert here.callbacks == [THE_CODE]
    here.tasks.start_soon(ask, here.port, "/done")
    await here.finish()


async def test_the_callback_ends_the_wait_and_leaves_its_address() -> None:
    """The first callback that is ours is handed over; the browser is sent on to an address without the code."""
    async with waiting() as here:
        reply = await ask(here.port, OURS)
        assert (reply.status, reply.headers["location"]) == (303, "/done")
        await here.arrived.wait()
        assert here.callbacks == [THE_CODE]
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


async def test_the_browser_waits_for_the_commit() -> None:
    """The last page is held until `finish` and tells what `finish` was given, with the app's name."""
    async with waiting() as here:
        replies: list[Reply] = []

        async def browse() -> None:
            replies.append(await ask(here.port, "/done"))

        await ask(here.port, OURS)
        await here.arrived.wait()
        here.tasks.start_soon(browse)
        with anyio.move_on_after(0.1):
            await anyio.sleep_forever()
        assert replies == []
        await here.finish()
        reply = (replies or [await ask(here.port, "/done")])[0]
    assert reply.status == 200
    assert "You are signed in" in reply.body
    assert "As ada@example.org." in reply.body
    assert "Acme Notes" in reply.body


async def test_finish_before_the_browser_comes_on_waits_for_it() -> None:
    """An exchange faster than the browser: `finish` waits a moment until the page was fetched."""
    async with waiting() as here:
        await ask(here.port, OURS)
        await here.arrived.wait()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.finish)
            await anyio.wait_all_tasks_blocked()
            assert "You are signed in" in (await ask(here.port, "/done")).body


async def test_the_last_page_can_be_reloaded() -> None:
    """While the listener stands, the page comes again."""
    async with waiting() as here:
        await ask(here.port, OURS)
        here.tasks.start_soon(here.finish)
        assert (await ask(here.port, "/done")).status == 200
        assert (await ask(here.port, "/done")).status == 200


async def test_finish_is_harmless_without_a_browser() -> None:
    """After a paste nobody waits: `finish` returns at once and can be called again; its first word stands."""
    async with waiting() as here:
        with anyio.fail_after(0.3):
            await here.finish()
            await here.listener.finish(ok=False, title="Other", text="Other.")


async def test_a_browser_that_went_away_does_not_hold_finish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fetches the last page: `finish` gives up after a moment."""
    monkeypatch.setattr(rules, "_COMING_SECONDS", 0.1)
    monkeypatch.setattr(rules, "_SENDING_SECONDS", 0.1)
    async with waiting() as here:
        await ask(here.port, OURS)
        await here.arrived.wait()
        with anyio.fail_after(1):
            await here.finish()


async def test_a_sign_in_that_is_given_up_says_so() -> None:
    """The block ends without `finish`: the browser that waits learns that the sign-in did not finish."""
    replies: list[Reply] = []
    async with anyio.create_task_group() as outer, waiting() as here:

        async def browse() -> None:
            replies.append(await ask(here.port, "/done"))

        await ask(here.port, OURS)
        outer.start_soon(browse)
        await anyio.wait_all_tasks_blocked()
    assert "did not finish" in replies[0].body
    assert "signed in" not in replies[0].body


async def test_a_cancelled_sign_in_says_so() -> None:
    """Cancelled in the middle of an exchange, the browser still learns it."""
    replies: list[Reply] = []
    async with anyio.create_task_group() as outer:
        with anyio.CancelScope() as attempt:
            async with waiting() as here:

                async def browse() -> None:
                    replies.append(await ask(here.port, "/done"))

                await ask(here.port, OURS)
                outer.start_soon(browse)
                await anyio.wait_all_tasks_blocked()
                attempt.cancel()
                await anyio.sleep_forever()
    assert "did not finish" in replies[0].body


async def test_the_short_address_leads_to_the_authorization_url() -> None:
    """`GET /` redirects, uncached and without a referrer."""
    async with waiting() as here:
        reply = await ask(here.port, "/")
    assert (reply.status, reply.headers["location"]) == (303, AUTHORIZE_URL)
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["referrer-policy"] == "no-referrer"


async def test_the_short_address_leads_nowhere_once_the_answer_came() -> None:
    """Nothing waits any more: no second browser is sent to the provider."""
    async with waiting() as here:
        await ask(here.port, OURS)
        await here.arrived.wait()
        assert (await ask(here.port, "/")).status == 404
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


async def test_only_get_is_allowed() -> None:
    """Any other method on a known path is 405 and changes nothing."""
    async with waiting() as here:
        for method in ("HEAD", "POST", "PUT", "OPTIONS", "DELETE", "get"):
            for target in (OURS, "/"):
                reply = await ask(here.port, target, method=method)
                assert (reply.status, reply.headers["allow"]) == (405, "GET"), method
        assert here.callbacks == []
        await still_wins(here)


async def test_the_path_is_compared_as_sent() -> None:
    """Nothing is decoded or normalised: every other spelling is 404 and does not touch the flow."""
    async with waiting() as here:
        for path in OTHER_PATHS:
            assert (await ask(here.port, f"{path}?code=the-code&state=good")).status == 404, path
        assert here.callbacks == []
        assert here.listener.rejected == 0
        await still_wins(here)


async def test_the_host_must_be_ours() -> None:
    """A name rebound to this address is 421, the callback's right state or not."""
    async with waiting() as here:
        own = here.port
        for host in (
            "evil.example",
            f"evil.example:{own}",
            f"localhost:{own}",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]",
            "",
        ):
            for target in (OURS, "/", "/done", "/nothing"):
                assert (await ask(own, target, host=host)).status == 421, host
        assert here.callbacks == []
        await still_wins(here)


async def test_localhost_answers_to_its_name_alone() -> None:
    """Where the provider has `localhost` registered, the literal addresses are other hosts: nobody is sent there."""
    async with waiting(host="localhost") as here:
        for host in ("127.0.0.1", "[::1]", "localhost.", "LOCALHOST"):
            assert (await ask(here.port, "/", host=f"{host}:{here.port}")).status == 421
        assert (await ask(here.port, "/", host=f"localhost:{here.port}")).status == 303


async def test_a_callback_that_is_not_ours_changes_nothing() -> None:
    """It is answered 400 with a page that says what to do, counted, and the wait goes on."""
    async with waiting() as here:
        queries = ["", "?", "?state=", "?state=guessed", "?code=x", "?error=access_denied", "?state=good&state=bad"]
        for query in queries:
            reply = await ask(here.port, PATH + query)
            assert reply.status == 400, query
            assert "This is not the sign-in that is waiting" in reply.body
        assert here.listener.rejected == len(queries)
        assert here.callbacks == []
        await still_wins(here)


async def test_a_replay_is_refused() -> None:
    """The same callback again is 400 and gives no second result."""
    async with waiting() as here:
        await ask(here.port, OURS)
        reply = await ask(here.port, OURS)
        assert reply.status == 400
        assert "already used" in reply.body
        assert here.callbacks == [THE_CODE]
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


async def test_of_two_callbacks_at_once_one_wins() -> None:
    """Two valid answers in the same instant: one is accepted, the other is 400, and there is one result."""
    async with waiting() as here:
        statuses: list[int] = []

        async def hit() -> None:
            statuses.append((await ask(here.port, OURS)).status)

        async with anyio.create_task_group() as browsers:
            for _ in range(2):
                browsers.start_soon(hit)
        assert sorted(statuses) == [303, 400]
        assert here.callbacks == [THE_CODE]
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()


async def test_a_callback_after_the_wait_is_dropped() -> None:
    """The caller gave up waiting: a late answer is told that nothing waits."""
    async with waiting() as here:
        here.tasks.cancel_scope.cancel()
        with anyio.CancelScope(shield=True):
            await anyio.wait_all_tasks_blocked()
            assert (await ask(here.port, OURS)).status == 404
            assert (await ask(here.port, "/done")).status == 404
    assert here.callbacks == []


async def test_every_answer_carries_the_guards() -> None:
    """No answer is cached, framed, sniffed or refers on; none lets anything load or run."""
    async with waiting() as here:
        for target in (FORGED, "/", "/nothing", OURS, OURS):
            reply = await ask(here.port, target)
            assert reply.headers["cache-control"] == "no-store"
            assert reply.headers["referrer-policy"] == "no-referrer"
            assert reply.headers["x-content-type-options"] == "nosniff"
            assert reply.headers["cross-origin-opener-policy"] == "same-origin"
            assert reply.headers["connection"] == "close"
            assert "server" not in reply.headers
            policy = reply.headers["content-security-policy"]
            for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
                assert part in policy
            assert "script" not in policy
            assert "unsafe" not in policy
            assert "<script" not in reply.body
        here.tasks.start_soon(ask, here.port, "/done")
        await here.finish()
