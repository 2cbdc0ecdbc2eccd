"""Owns the version's one spelling inside the code. On the path of `status`: it imports nothing."""

VERSION = "0.1.0"
