"""The report: a zip of what the doctor finds, for whoever helps, with nothing in it that is not theirs to know."""

import io
import json
import zipfile
from collections.abc import Callable

from tests.support.page import Browser

from signedin import Connection
from signedin.connection import account_of

SignIn = Callable[..., dict[str, object]]


def unpacked(browser: Browser) -> dict[str, str]:
    answer = browser.post("/report")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="signedin-report.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def test_it_has_what_helps(browser: Browser, sign_in: SignIn) -> None:
    """Findings, state, versions, the log, and a manifest of them."""
    sign_in()
    files = unpacked(browser)
    assert set(files) == {"manifest.json", "doctor.json", "status.json", "versions.json", "log/signedin.jsonl"}
    assert json.loads(files["status.json"])["state"] == "connected"
    checks = json.loads(files["doctor.json"])["checks"]
    assert {"ok"} <= {check["result"] for check in checks}
    assert "SessionCommitted" in files["log/signedin.jsonl"]


def test_it_names_nobody_and_holds_no_secret(
    browser: Browser, sign_in: SignIn, connection: Connection, home: str
) -> None:
    """No token, address, account or place of this machine."""
    sign_in()
    session = account_of(connection).context.session
    assert session is not None
    assert session.refresh_token is not None
    whole = "".join(unpacked(browser).values())
    for secret in (session.access_token.reveal(), session.refresh_token.reveal(), browser.token):
        assert secret[8:40] not in whole
    for name in ("ada@example.com", home, connection.snapshot.account_id):
        assert name not in whole


def test_it_is_to_be_had_where_nothing_is_well(browser: Browser, home: str) -> None:
    """Nobody is signed in, and the configuration has a mistake: that is when it is wanted."""
    with open(f"{home}/config.toml", "w", encoding="utf-8") as file:
        file.write("[network\n")
    files = unpacked(browser)
    assert json.loads(files["status.json"])["state"] == "disconnected"
    assert any(check["case"] == "bad-config" for check in json.loads(files["doctor.json"])["checks"])
