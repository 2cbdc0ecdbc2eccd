"""Owns what is taken out of a text before a page or a terminal shows it: whatever could steer either."""

import re

UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""C0, C1, line separators and marks that turn the direction of text."""
