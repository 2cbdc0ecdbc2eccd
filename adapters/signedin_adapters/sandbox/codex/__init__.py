"""The part `sandbox-codex`: one public client with two ports of its own, a device flow and a backend of its own.

Everything here is modelled on what the tools that use such a server send and take.
"""
