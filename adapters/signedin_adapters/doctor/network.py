"""Owns the checks that leave this machine, for which somebody asked: names, certificates, each of the provider's hosts.

No token goes with any of them, and no answer's text is kept. A host that a proxy stands before is the proxy's to find.
"""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import anyio

from signedin import api_rules
from signedin.classify.answer import refusal_case
from signedin.classify.api import api_code
from signedin.classify.transport import transport_case
from signedin.errors import TransportFailed
from signedin.oauth.messages import Request, Response
from signedin.oauth.urls import is_loopback, origin
from signedin_adapters.doctor.check import Check, Finding, fail, ok, skipped, warning
from signedin_adapters.doctor.patient import Patient
from signedin_adapters.http import HttpxClient
from signedin_adapters.route import Route

SECONDS = 5.0
_DISCOVERY = "/.well-known/openid-configuration"
_SILENT = "proxy-not-used"
_TROUBLES = {
    "cloudflare-challenge": "A bot check answers in place of {host}.",
    "region-unsupported": "{host} does not serve the country that this process comes from.",
    "provider-outage": "{host} answers with an error of its own ({status}).",
}
"""What may be wrong with an answer beside that no token was sent."""


def route(patient: Patient) -> Route:
    """The way that everything is sent by. Raises ConfigurationError."""
    return Route(proxy=patient.network.proxy, ca_file=patient.network.ca_file)


def client(patient: Patient) -> HttpxClient:
    """The client with the settings that everything else is sent with. Raises ConfigurationError."""
    return HttpxClient(proxy=patient.network.proxy, ca_file=patient.network.ca_file)


def auth_url(patient: Patient) -> str:
    """A public page of the authorization server: its keys, or its metadata."""
    provider = patient.provider
    if provider is None:
        return ""
    return provider.jwks_uri or provider.issuer + _DISCOVERY


def host_of(url: str) -> str:
    """The host of a URL."""
    return origin(url)[1]


def _urls(patient: Patient) -> Iterator[str]:
    provider = patient.provider
    if provider is not None and not provider.takes_key:
        yield provider.token_endpoint or auth_url(patient)
    if provider is not None and provider.api_base is not None:
        yield provider.api_base


def _direct(patient: Patient) -> list[tuple[str, str, int]]:
    """Scheme, host and port of each of the provider's hosts that has no proxy before it."""
    way = route(patient)
    found = dict.fromkeys(origin(url) for url in _urls(patient))
    return [each for each in found if way.proxy_for(each[1]) is None]


def _names(patient: Patient) -> dict[str, str]:
    """What has to be resolved here, with how it is told: a proxy's name is not shown, and resolves all others."""
    way = route(patient)
    hosts = [origin(url)[1] for url in _urls(patient)]
    found = {urlsplit(proxy).hostname or "": "the proxy" for host in hosts if (proxy := way.proxy_for(host))}
    found |= {host: host for host in hosts if way.proxy_for(host) is None}
    return {host: told for host, told in found.items() if not is_loopback(host)}


def _dns(patient: Patient) -> Finding:
    found = list[str]()
    for host, told in _names(patient).items():
        try:
            addresses = {each[4][0] for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
        except OSError:
            name = host if told == host else f"of {told}"
            return fail(f"The name {name} cannot be resolved.", case=transport_case("dns", sent=False))
        v6 = sum(":" in str(address) for address in addresses)
        found.append(f"{told} has {len(addresses) - v6} IPv4 and {v6} IPv6 addresses")
    if not found:
        return skipped("There is no name to resolve.")
    return ok(f"Addresses were found: {'; '.join(found)}.")


def _tls(patient: Patient) -> Finding:
    way = route(patient)
    trusted = list[str]()
    for scheme, host, port in _direct(patient):
        if scheme != "https":
            continue
        try:
            with (
                socket.create_connection((host, port), SECONDS) as plain,
                way.tls().wrap_socket(plain, server_hostname=host) as sealed,
            ):
                trusted.append(f"{host} ({sealed.version()})")
        except ssl.SSLCertVerificationError:
            return fail(
                f"The certificate that {host} shows is not trusted here.", case=transport_case("tls", sent=False)
            )
        except OSError:  # not reached: that is the host's own check
            continue
    if not trusted:
        return skipped("No certificate to look at: no host was reached that shows one without a proxy.")
    return ok(f"Trusted: {', '.join(trusted)}.")


def _auth_host(patient: Patient) -> Finding:
    if patient.provider is None or patient.provider.takes_key:
        return skipped("There is no authorization server.")
    return _asked(patient, auth_url(patient))


def _api_host(patient: Patient) -> Finding:
    provider = patient.provider
    if provider is None or provider.api_base is None:
        return skipped("There is no API.")
    return _asked(patient, provider.api_base + api_rules.models_path(provider), provider.api.headers)


def _asked(patient: Patient, url: str, headers: tuple[tuple[str, str], ...] = ()) -> Finding:
    """What one request without a credential comes to. Raises TransportFailed, ConfigurationError."""
    request = Request(method="GET", url=url, headers=headers)
    try:
        answer = anyio.run(lambda: client(patient).send(request, seconds=SECONDS))
    except TransportFailed as error:
        if error.kind != "redirect":
            raise
        return warning(f"{host_of(url)} sends requests elsewhere.", case="captive-portal")
    return _judged(host_of(url), answer)


def _judged(host: str, answer: Response) -> Finding:
    # No body: at a public address a page may well be the host's own.
    case = refusal_case(answer.status, answer.headers, b"", code=api_code(answer.body) or None)
    if case in _TROUBLES:
        return fail(_TROUBLES[case].format(host=host, status=answer.status), case=case)
    if answer.status < 300 and (answer.header("content-type") or "").startswith("text/html"):
        return warning(f"A page answers in place of {host}.", case="captive-portal")
    refused = ", as it must without a token" if answer.status == 401 else ""
    return ok(f"{host} answers ({answer.status}{refused}).")


CHECKS = (
    Check(id="net.dns", look=_dns, after=("config.file", "env.proxy", "env.ca"), silence="dns-failure", online=True),
    Check(id="net.tls", look=_tls, after=("net.dns",), seconds=12.0, silence=_SILENT, online=True),
    Check(id="net.auth_host", look=_auth_host, after=("net.dns", "net.tls"), seconds=8.0, silence=_SILENT, online=True),
    Check(id="net.api_host", look=_api_host, after=("net.dns", "net.tls"), seconds=8.0, silence=_SILENT, online=True),
)
