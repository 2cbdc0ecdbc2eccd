"""Owns the checks of what surrounds the process: its clock, its proxy, its certificates.

Variables are named, and what they hold is never shown: a proxy's address may hold a password.
"""

import os
import time
from collections.abc import Sequence

import anyio

from signedin.classify.clock import clock_case
from signedin.errors import ConfigurationError, TransportFailed
from signedin.oauth import date
from signedin.oauth.messages import Request
from signedin.states import Flag
from signedin_adapters.doctor.check import Check, Finding, ok, refused, skipped, warning
from signedin_adapters.doctor.network import auth_url, client, host_of, route
from signedin_adapters.doctor.patient import Patient

_PROXIES = ("HTTPS_PROXY", "ALL_PROXY", "HTTP_PROXY", "NO_PROXY")
_OTHERS_TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_ASKING_SECONDS = 4.0


def _clock(patient: Patient) -> Finding:
    session = patient.session
    if patient.online and patient.provider is not None and not patient.provider.takes_key:
        return _against_the_servers(patient)
    if Flag.CLOCK_SKEWED.value in patient.flags:
        return warning("The provider's last answer had another time than this machine.", case="clock-skew")
    ahead = session.written_at - patient.at if session is not None else 0.0
    if ahead > 0 and (case := clock_case(ahead)) is not None:
        return warning(f"By this machine's clock the session was saved in {_apart(ahead)} from now.", case=case)
    return ok("No sign of a wrong clock; --online compares it with the server's.")


def _against_the_servers(patient: Patient) -> Finding:
    url = auth_url(patient)
    sent_at = time.time()
    try:
        answer = anyio.run(lambda: client(patient).send(Request(method="GET", url=url), seconds=_ASKING_SECONDS))
    except TransportFailed:
        return skipped("The server's time is not known: it sent no answer.")
    skew = date.skew(answer, sent_at=sent_at, received_at=time.time())
    if skew is None:
        return skipped(f"{host_of(url)} does not say what time it is.")
    if (case := clock_case(skew)) is not None:
        which = "behind" if skew > 0 else "ahead"
        return warning(f"This machine's clock is {_apart(skew)} {which} of {host_of(url)}'s.", case=case)
    return ok(f"This machine's clock agrees with {host_of(url)}'s.")


def _apart(seconds: float) -> str:
    minutes = round(abs(seconds) / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _proxy(patient: Patient) -> Finding:
    named = _set(_PROXIES)
    try:
        route(patient)
    except ConfigurationError as error:
        if error.case == "proxy-scheme-unsupported":
            return refused(error)
    if patient.network.proxy is not None:
        beside = f" {_listed(named)} set too, and not used." if named else ""
        return ok(f"[network] proxy of config.toml is set, and used.{beside}")
    if not named:
        return ok("No proxy is set.")
    return ok(f"{_listed(named)} set, and used.")


def _ca(patient: Patient) -> Finding:
    route(patient)  # raises where the file does not serve
    others = _set(_OTHERS_TRUST)
    beside = f" {_listed(others)} set for other tools, and not used." if others else ""
    if patient.network.ca_file is not None:
        return ok(f"The file that [network] ca_file names is trusted.{beside}")
    if os.environ.get("SSL_CERT_FILE"):
        return ok(f"The file that SSL_CERT_FILE names is trusted.{beside}")
    return ok(f"The system's own certificates are trusted.{beside}")


def _set(names: Sequence[str]) -> list[str]:
    """Those of the variables that are set, as they are spelled there."""
    return [name for name in os.environ if name.upper() in names and os.environ[name]]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"


CHECKS = (
    Check(id="clock.skew", look=_clock, after=("store.home", "net.auth_host"), silence="proxy-not-used"),
    Check(id="env.proxy", look=_proxy, after=("config.file",), silence="ca-file-stale"),
    Check(id="env.ca", look=_ca, after=("env.proxy",), silence="ca-file-stale"),
)
