"""What both device flows have in common: the page, the pace, the end of a code, and that it is used once."""

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from tests.adapters.sandbox.plain_device import Clock, PlainDevice, codex_device, native_device

from signedin_adapters.sandbox import Sandbox, VisitRefused

Begin = Callable[[Sandbox, httpx.Client], PlainDevice]


@pytest.fixture(scope="module")
def clock() -> Clock:
    """The time of the sandbox here."""
    return Clock()


@pytest.fixture(scope="module")
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    """One whose time a test lets pass."""
    with Sandbox(clock=clock).running() as running:
        yield running


@pytest.fixture(params=[codex_device, native_device])
def begun(request: pytest.FixtureRequest) -> Begin:
    """Either kind."""
    begin: Begin = request.param
    return begin


@pytest.fixture
def device(begun: Begin, sandbox: Sandbox, http: httpx.Client) -> PlainDevice:
    """One that has just begun."""
    return begun(sandbox, http)


def test_a_device_waits_until_its_user_allows(device: PlainDevice, clock: Clock) -> None:
    """Then the next poll brings what it waited for."""
    assert device.error() == device.PENDING
    device.approve()
    clock.now += 5
    assert device.poll().status_code == 200


def test_a_code_is_used_once(device: PlainDevice, clock: Clock) -> None:
    """A second poll after the answer knows nothing."""
    device.approve()
    device.poll()
    clock.now += 5
    assert device.error() == device.UNKNOWN


def test_a_denial_is_told(device: PlainDevice, clock: Clock) -> None:
    """As often as it is asked."""
    device.approve(deny=True)
    for _ in range(2):
        clock.now += 5
        assert device.error() == "access_denied"


def test_haste_is_told_and_costs_five_seconds_for_good(device: PlainDevice, clock: Clock) -> None:
    """RFC 8628 §3.5: the longer interval holds for this and every later poll."""
    assert device.error() == device.PENDING
    clock.now += 4
    assert device.error() == "slow_down"
    clock.now += 9
    assert device.error() == "slow_down"
    clock.now += 15
    assert device.error() == device.PENDING


def test_the_codes_run_out(device: PlainDevice, clock: Clock) -> None:
    """For the device and for its user."""
    clock.now += 15 * 60
    assert device.error() == "expired_token"
    with pytest.raises(VisitRefused):
        device.approve()


def test_a_code_is_typed_as_people_type(device: PlainDevice) -> None:
    """Case and grouping do not matter; the letters are no vowels and no digits."""
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ-]{9,10}", device.user_code)
    device.client.sandbox.approve_device(device.user_code.lower().replace("-", " "))


def test_a_decided_code_is_known_no_more(device: PlainDevice) -> None:
    """Nobody decides twice."""
    device.approve()
    with pytest.raises(VisitRefused) as refused:
        device.approve(deny=True)
    assert refused.value.status == 400
    assert "Nobody waits for this code" in refused.value.page


def test_an_unknown_code_is_refused_on_the_page(device: PlainDevice) -> None:
    """Whatever was typed comes back as text."""
    client = device.client
    page, typed = client.at(client.part.device_page), {"user_code": '"><b>x'}
    answer = client.http.post(page, data=typed, headers={"origin": client.sandbox.url})
    assert answer.status_code == 400
    assert 'value="&quot;&gt;&lt;b&gt;x"' in answer.text


def test_a_code_of_one_page_is_not_known_at_the_other(sandbox: Sandbox, http: httpx.Client) -> None:
    """The parts share people, and nothing else."""
    code = native_device(sandbox, http).user_code
    typed = http.post(f"{sandbox.url}/codex/device", data={"user_code": code}, headers={"origin": sandbox.url})
    assert typed.status_code == 400


def test_other_sites_cannot_type(device: PlainDevice) -> None:
    """A post that another page sent is refused."""
    client = device.client
    page, typed = client.at(client.part.device_page), {"user_code": device.user_code}
    assert client.http.post(page, data=typed, headers={"origin": "http://evil.example"}).status_code == 403


def test_the_page_warns(device: PlainDevice) -> None:
    """Somebody else's code is the danger of this flow (RFC 8628 §5.4)."""
    page = device.client.http.get(device.client.at(device.client.part.device_page)).text
    assert "only if you began this sign-in yourself" in page
    assert '<label class="label" for="user-code">' in page


def allowed_on_the_page(device: PlainDevice) -> Callable[[], httpx.Response]:
    """Somebody at the consent page; the call is their "Allow"."""
    client, origin = device.client, {"origin": device.client.sandbox.url}
    typed = {"user_code": device.user_code}
    page = client.http.post(client.at(client.part.device_page), data=typed, headers=origin).text
    attempt = page.split('name="attempt" value="')[1].split('"')[0]
    client.http.post(client.at("/api/accounts/sign-in"), data={"attempt": attempt, "person": "ada"}, headers=origin)
    decision = {"attempt": attempt, "decision": "allow", "workspace": "Personal"}
    return lambda: client.http.post(client.at("/api/accounts/consent"), data=decision, headers=origin)


def test_the_person_is_told_how_it_ended(device: PlainDevice) -> None:
    """The page says that it can be closed, and leads nowhere."""
    answer = allowed_on_the_page(device)()
    assert answer.status_code == 200
    assert "You can close this page" in answer.text


def test_a_decision_that_comes_too_late_is_refused(device: PlainDevice) -> None:
    """The person is not told that all went well."""
    allow = allowed_on_the_page(device)
    device.approve(deny=True)
    answer = allow()
    assert (answer.status_code, "Begin again" in answer.text) == (400, True)


def test_a_device_of_another_client_is_not_polled(sandbox: Sandbox, http: httpx.Client) -> None:
    """A native app learns nothing of a codex device."""
    native, other = native_device(sandbox, http), codex_device(sandbox, http)
    native.codes["device_code"] = other.codes["device_auth_id"]
    assert native.error() == "invalid_grant"


def test_where_everything_is_approved_nobody_waits(
    sandbox: Sandbox, http: httpx.Client, begun: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For demonstrations: the first poll has it."""
    monkeypatch.setattr(sandbox, "auto_approve", True)
    assert begun(sandbox, http).poll().status_code == 200
