"""What is found before anything is handed on."""

import json
import os
from base64 import b64encode
from hashlib import sha256

import pytest

from signedin_adapters.doctor.sweep import sweep

DRAWN = sha256(b"as if it were drawn").hexdigest()


@pytest.mark.parametrize(
    ("text", "looks_like"),
    [
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2ln", "a signed token"),
        (f"rt_{DRAWN[:43]}", "a token or a key"),
        (f"sk-proj-{DRAWN[:32]}", "a token or a key"),
        (f"ac_{DRAWN[:32]}", "a token or a key"),
        ("Authorization: Bearer abc", "a bearer credential"),
        (f"A{b64encode(bytes(range(100, 148))).decode()}", "long random text"),
        (DRAWN, "long random text"),
        ("ada@example.com", "an e-mail address"),
        ("http://127.0.0.1:1455/auth/callback?code=x", "an address with a query"),
        ("http://ada:secret@proxy.example:3128", "an address with a password"),
        (os.path.join(os.path.expanduser("~"), "notes"), "the path of your home"),
    ],
)
def test_what_looks_like_a_secret_is_found(text: str, looks_like: str) -> None:
    """By its looks, wherever it stands in a line; where is said, and what is not."""
    found = sweep({"a.json": b"{}\n", "b.json": json.dumps({"x": f"before {text}"}).encode()})
    assert looks_like in {each.looks_like for each in found}
    assert {(each.file, each.line) for each in found} == {("b.json", 1)}
    assert not any(text in str(each) for each in found)


@pytest.mark.parametrize(
    "text",
    [
        '{"schema":1,"run":"33a44b76ee93c7c0","seq":0,"at":"2026-11-23T02:07:55.570229Z","event":"run.started"}',
        '"request_id":"req_0123456789abcdef0123456789abcdef"',
        '"request_id":"9b2f7c1e-0c9a-4b7e-8f3a-2f1d9c5e7a10"',
        "callback-never-arrives-ssh refresh-token-expired-idle port-in-use-other-tool",
        "https://auth.example/authorize https://api.example/v1/models",
        "Linux 6.18.44-generic-with-a-long-name-of-its-own",
        '"last_verified_at":1795399675.7389033,"earliest_refresh_at":1795402915.0',
    ],
)
def test_what_the_log_and_the_commands_say_is_not(text: str) -> None:
    """Or no bundle would ever be written."""
    assert sweep({"log": text.encode()}) == ()
