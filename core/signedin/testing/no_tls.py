"""Owns what a client on loopback has for TLS, where nobody speaks it: a context that trusts nobody."""

import ssl


def no_tls() -> ssl.SSLContext:
    """For `verify`. It is made in no time, where the usual one reads all certificates of the system."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
