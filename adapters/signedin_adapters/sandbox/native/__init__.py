"""The part `sandbox-native`: a server as the standards have it, for one public client of native apps.

RFC 8252 for the browser, RFC 8628 for devices, and its own discovery document.
"""
