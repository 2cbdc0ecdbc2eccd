"""Owns the checks of the browser's way back to this machine, with the listener that a sign-in uses and real requests.

No earlier sign-in is asked for its port, and none is left a note.
"""

import ssl
from contextlib import suppress
from functools import partial
from secrets import token_hex
from socket import AF_INET, AF_INET6, getaddrinfo, has_ipv6
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import anyio
import httpx

from signedin.errors import SignInFailed
from signedin.oauth.callback import Callback, CallbackRejected
from signedin.oauth.urls import is_loopback
from signedin_adapters.doctor.check import Check, Finding, fail, ok, refused, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.loopback import listen

_HERE = "127.0.0.1"
_SECONDS = 3.0
_PATH = "/auth/callback"
_INTERCEPTED = "local-proxy-intercepts-loopback"
_EXCEPT = f"Add {_HERE} to NO_PROXY, and except it from the browser's proxy too."


def _bind(patient: Patient) -> Finding:
    provider = patient.provider
    if provider is not None and provider.takes_key:
        return skipped("An API key comes from no browser.")
    host, ports = (provider.redirect_host, provider.redirect_ports) if provider is not None else (_HERE, (0,))
    if patient.facts.signing_in or any(account.signing_in for account in patient.facts.accounts):
        return skipped("A sign-in is waiting there now, and is not disturbed.")
    try:
        came = anyio.run(partial(_came_back, patient.app_name, host=host, ports=ports))
    except SignInFailed as error:
        return refused(error)
    if not came:
        return fail(
            f"A program here could listen on {_HERE}, and a request of this machine's own did not reach it.",
            action=f"See what guards {_HERE} here (a firewall, a sandbox); or use {{login}} --no-browser and paste.",
            case="listener-silent",
        )
    which = "a port of the system's choice" if 0 in ports else f"one of the ports {', '.join(map(str, ports))}"
    return ok(f"A request came back to {_HERE}, on {which}.")


def _families(patient: Patient) -> Finding:
    found = set[int]()
    with suppress(OSError):
        found.update(each[0] for each in getaddrinfo("localhost", None))
    named = " and ".join(name for family, name in ((AF_INET, "IPv4"), (AF_INET6, "IPv6")) if family in found)
    told = f"The name localhost is {named} here." if named else "The name localhost is not known here."
    if patient.provider is None or patient.provider.redirect_host != "localhost":
        return ok(f"{told} It is not needed: the browser comes back to {_HERE}.")
    if AF_INET not in found and not has_ipv6:
        return warning(told, case="callback-localhost-ipv6")
    return ok(f"{told} A sign-in listens on each of them.")


def _proxy(patient: Patient) -> Finding:
    """A browser that takes over the proxy of the environment would ask the proxy for this machine."""
    found = getproxies()
    proxy = found.get("http") or found.get("all")
    if not proxy or proxy_bypass(_HERE):
        return ok(f"No proxy stands before {_HERE}.")
    url = proxy if "://" in proxy else f"http://{proxy}"
    told = f"A proxy is set for http, and NO_PROXY does not leave out {_HERE}"
    if not (patient.online or is_loopback(urlsplit(url).hostname or "")):
        return warning(f"{told}; it was not asked.", action=_EXCEPT, case=_INTERCEPTED)
    with suppress(OSError):
        getaddrinfo(urlsplit(url).hostname, None)  # here a name server that hangs holds nothing but this thread
    if anyio.run(partial(_came_back, patient.app_name, host=_HERE, ports=(0,), through=url)):
        return ok(f"{told}; a request came back through it all the same.")
    return warning(f"{told}: a request to {_HERE} did not come back.", action=_EXCEPT, case=_INTERCEPTED)


async def _came_back(app_name: str, *, host: str, ports: tuple[int, ...], through: str | None = None) -> bool:
    """Whether a request to our own listener reaches it. Raises SignInFailed where nothing can listen."""
    nonce, seen = token_hex(16), list[str]()

    def judge(query: str) -> Callback:
        seen.append(query)
        raise CallbackRejected("a request of the doctor's own", reason="state")

    async with (
        listen(host=host, ports=ports, path=_PATH, app_name=app_name) as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(partial(listener.wait, authorize_url="", judge=judge, astray=lambda _: None))
        with anyio.move_on_after(_SECONDS):
            await _get(f"{listener.redirect_uri}?{nonce}".replace("localhost", _HERE), host, through)
        tasks.cancel_scope.cancel()
    return nonce in seen


async def _get(url: str, host: str, through: str | None) -> None:
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # there is no TLS on loopback
    headers = {"Host": f"{host}:{urlsplit(url).port}"}
    try:
        async with httpx.AsyncClient(verify=nobody, proxy=through, trust_env=False) as browser:
            await browser.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, ImportError):
        return


CHECKS = (
    Check(id="loopback.bind", look=_bind, silence="listener-silent"),
    Check(id="loopback.families", look=_families, silence="dns-failure"),
    Check(id="loopback.proxy", look=_proxy, after=("loopback.bind",), silence=_INTERCEPTED),
)
