"""`signedin doctor --bundle` from the user's end: what is handed on, and that nobody is recognised by it."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Generator
from pathlib import Path

import anyio
import pytest
from tests.support.broken_disk import BrokenDisk, own_mounts
from tests.support.canaries import Watched, watched
from tests.support.command import Run
from tests.support.connected import announce

from signedin import Attempt, Connection
from signedin.testing.network_settings import forget_network_settings
from signedin_adapters.sandbox import FaultSpec, Sandbox

FILES = {"manifest.json", "doctor.json", "status.json", "providers.json", "versions.json", "log/signedin.jsonl"}


@pytest.fixture(autouse=True)
def _only_what_the_test_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_network_settings(monkeypatch)


def bundled(path: Path) -> dict[str, bytes]:
    """The files of a bundle."""
    with zipfile.ZipFile(path) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_a_bundle_holds_what_helps(run: Run, signed_in: Sandbox, home: Path, tmp_path: Path) -> None:
    """For its user alone; it is said what is in it."""
    ran = run("doctor", "--bundle", "report.zip", "--json")

    report = tmp_path / "report.zip"
    files = bundled(report)
    assert (ran.code, set(files)) == (0, FILES)
    assert report.stat().st_mode & 0o777 == 0o600
    assert "log/signedin.jsonl" in ran.err
    assert json.loads(files["doctor.json"]) == json.loads(ran.out.replace(str(home), "$SIGNEDIN_HOME"))
    assert json.loads(files["status.json"])["state"] == "connected"
    assert {"name": "chatgpt", "available": True} in json.loads(files["providers.json"])["providers"]


def test_the_bundle_of_a_trouble_is_read_by_diagnose(start: Run, signed_in: Sandbox) -> None:
    """It names the case that ended the session, and every line is one of ours."""
    signed_in.faults.add(FaultSpec.parse("token-reused"))
    signed_in.expire_access_tokens()
    assert start("models").code == 4
    assert start("doctor", "--bundle", "report.zip").code == 4

    found = start("diagnose", "report.zip", "--json").json()
    assert [case["id"] for case in found["cases"] if case["status"] == "active"] == ["refresh-token-reused"]
    assert found["skipped"] == 0


def test_no_file_is_written_over(run: Run, signed_in: Sandbox, tmp_path: Path) -> None:
    """Exit 2; --force is for that."""
    (tmp_path / "report.zip").write_text("mine")
    ran = run("doctor", "--bundle", "report.zip")

    assert (ran.code, (tmp_path / "report.zip").read_text()) == (2, "mine")
    assert "--force" in ran.err
    assert run("doctor", "--bundle", "report.zip", "--force").code == 0


def test_nobody_is_recognised(run: Run, signed_in: Sandbox, home: Path, tmp_path: Path) -> None:
    """Neither an address, nor a path of this machine, nor the account's id, though a finding names its file."""
    (account,) = home.glob("apps/*/accounts/*")
    (account / "session").chmod(0o644)
    assert run("doctor", "--account", "ada@example.com", "--bundle", "report.zip").code == 0

    everything = b"".join(bundled(tmp_path / "report.zip").values())
    assert b"$SIGNEDIN_HOME/apps/signedin/accounts/ACCOUNT-1/session" in everything
    for named in (b"ada@", str(home).encode(), account.name.encode()):
        assert named not in everything


def test_a_secret_in_a_foreign_log_is_withheld(run: Run, signed_in: Sandbox, home: Path, tmp_path: Path) -> None:
    """Wherever it stands in a line: what is not in the log's own table does not come along."""
    secret = "rt_" + "Zz9" * 12
    with (home / "apps" / "signedin" / "log" / "signedin.jsonl").open("a") as log:
        log.write(f"{secret}\n")
        log.write(json.dumps({"schema": 1, "event": secret, "code": secret, "request_id": secret, "x": secret}) + "\n")
    assert run("doctor", "--bundle", "report.zip").code == 0
    assert secret.encode() not in b"".join(bundled(tmp_path / "report.zip").values())


def test_a_sweep_that_finds_something_writes_nothing(
    run: Run, signed_in: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, saying where it stands and what it looks like, and never what it is."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ada@example.org.pem")
    ran = run("doctor", "--bundle", "report.zip")

    assert ran.code == 1
    assert "doctor.json, line" in ran.err
    assert "an e-mail address" in ran.err
    assert "ada@example.org" not in ran.err
    assert not (tmp_path / "report.zip").exists()


@pytest.fixture(scope="module")
def watching() -> Generator[Watched]:
    """A sandbox whose secrets are known."""
    with watched() as watch:
        yield watch


@pytest.mark.parametrize("fault", [None, "token-503", "token-html", "token-reused"])
def test_no_secret_gets_out(run: Run, home: Path, watching: Watched, tmp_path: Path, fault: str | None) -> None:
    """In the text, in the object, and in any file of the bundle."""
    watching.begin()
    announce(watching.sandbox, str(home))
    anyio.run(_sign_in, watching, home)
    if fault is not None:
        watching.sandbox.faults.add(FaultSpec.parse(fault))
        watching.sandbox.expire_access_tokens()
        run("models", "--provider", "sandbox")
    told = run("doctor", "--online", "--provider", "sandbox")
    object_ = run("doctor", "--provider", "sandbox", "--json", "--bundle", "report.zip")
    assert {"access_token", "refresh_token"} <= watching.secrets.names
    said = "".join((told.out, told.err, object_.out, object_.err)).encode()
    for text in (said, *bundled(tmp_path / "report.zip").values()):
        assert watching.secrets.found_in(text) == set()
        assert watching.attempts.found_in(text) == set()


async def _sign_in(watching: Watched, home: Path) -> None:
    async def visit(attempt: Attempt) -> None:
        await attempt.submit(await anyio.to_thread.run_sync(watching.sandbox.sign_in, attempt.url))

    async with Connection.open(app_name="signedin", provider="sandbox", home=home) as connection:
        await connection.sign_in(prompt=visit)


@pytest.mark.linux
@pytest.mark.parametrize("how", ["full", "read-only"])
def test_a_disk_that_takes_nothing(tmp_path_factory: pytest.TempPathFactory, how: str) -> None:
    """Exit 6, before a token is spent on it."""
    with own_mounts() as mounts, BrokenDisk(mounts, tmp_path_factory.mktemp("disk")) as disk:
        mounts.run("sh", "-c", 'umask 077; mkdir -p "$0"/apps/signedin/accounts', str(disk.home))
        disk.break_down(how)
        environment = os.environ | {"SIGNEDIN_HOME": str(disk.home), "HOME": str(disk.home)}
        command = [
            *mounts.through,
            sys.executable,
            "-m",
            "signedin_adapters.cli",
            "doctor",
            "store.readwrite",
            "--json",
        ]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        disk.mend(how)
    assert ran.returncode == 6, ran.stderr
    found = {check["id"]: check for check in json.loads(ran.stdout)["checks"]}
    assert found["store.readwrite"]["result"] == "fail"
    assert "full or read-only" in found["store.readwrite"]["finding"]
