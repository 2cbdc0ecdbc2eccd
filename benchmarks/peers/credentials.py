"""Owns made-up credentials: tokens of the usual length, good for a day, that no server ever issued."""

import base64
import json
import os
import time
from collections.abc import Mapping

LIFE = 86_400.0
"""Seconds for which they are good."""
ACCOUNT = "account-of-nobody"


def expires_at() -> float:
    """Unix seconds."""
    return time.time() + LIFE


def token() -> str:
    """A JSON Web Token of about 1.9 kB with a signature of nobody's."""
    claims = {
        "aud": ["https://api.openai.com/v1"],
        "exp": int(expires_at()),
        "iat": int(time.time()),
        "https://api.openai.com/auth": {"chatgpt_account_id": ACCOUNT, "chatgpt_plan_type": "plus"},
        "padding": "x" * 720,
    }
    signature = base64.urlsafe_b64encode(bytes(512)).rstrip(b"=").decode()
    return f"{_part({'alg': 'RS256', 'typ': 'JWT'})}.{_part(claims)}.{signature}"


def write(home: str, *path: str, fields: Mapping[str, object]) -> str:
    """A JSON file below the home, for its owner alone; where it is."""
    place = os.path.join(home, *path)
    os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(fields, file)
    return place


def _part(fields: Mapping[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
