"""Which account is meant: the rules, in their order, and `signedin accounts` and `switch`, which show and set them."""

from pathlib import Path

import pytest
from tests.support.command import STATUS_KEYS, Run

from signedin_adapters.sandbox import Sandbox


@pytest.fixture
def two(run: Run, signed_in: Sandbox) -> Sandbox:
    """Ada twice: under her e-mail address, and as `work`."""
    assert run("login", "--new", "--label", "work").code == 0
    return signed_in


def chosen(run: Run, *arguments: str) -> tuple[str, str]:
    """The account that is meant, and the rule that chose it."""
    return run(*arguments, "--json").json()["account"]["label"], run("accounts", *arguments, "--json").json()[
        "selected_by"
    ]


def test_the_only_account_is_meant(run: Run, signed_in: Sandbox) -> None:
    """There is nothing to choose, and nothing is said about it."""
    assert chosen(run) == ("ada@example.com", "only")
    assert "Account:" not in run().out


def test_without_a_word_the_oldest_is_meant(run: Run, two: Sandbox) -> None:
    """And people are told how to set a default."""
    assert chosen(run) == ("ada@example.com", "oldest")
    assert "signedin switch LABEL" in run().out


def test_the_default_is_meant_once_there_is_one(run: Run, two: Sandbox) -> None:
    """`switch` sets it."""
    ran = run("switch", "work")

    assert (ran.code, ran.out) == (0, "work is the default account now.\n")
    assert chosen(run) == ("work", "default")


def test_a_pin_in_a_directory_above_goes_before_the_default(run: Run, two: Sandbox, tmp_path: Path) -> None:
    """The nearest `.signedin` chooses, and is named."""
    (tmp_path / ".signedin").write_text("work\n")
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(deep)
        assert chosen(run) == ("work", "pin")
        assert f"as {tmp_path / '.signedin'} says" in run().out


@pytest.mark.parametrize("content", [b"nobody\n", b"", b"\xff\xfe", b"\x1b]0;x\x07\n"])
def test_a_pin_that_names_no_account_is_left_aside_and_said(
    run: Run, two: Sandbox, tmp_path: Path, content: bytes
) -> None:
    """It can only choose among the user's own accounts."""
    (tmp_path / ".signedin").write_bytes(content)
    ran = run()

    assert ran.code == 0
    assert "left aside" in ran.err
    assert "\x1b" not in ran.err
    assert chosen(run) == ("ada@example.com", "oldest")


def test_the_environment_goes_before_the_pin(
    run: Run, two: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`SIGNEDIN_ACCOUNT`, and its name as the rule."""
    (tmp_path / ".signedin").write_text("ada@example.com\n")
    monkeypatch.setenv("SIGNEDIN_ACCOUNT", "work")

    assert chosen(run) == ("work", "SIGNEDIN_ACCOUNT")


def test_the_option_goes_before_everything(run: Run, two: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--account`, before or after the command."""
    monkeypatch.setenv("SIGNEDIN_ACCOUNT", "ada@example.com")

    assert chosen(run, "--account", "work") == ("work", "--account")


def test_an_account_that_there_is_not_is_told_with_those_there_are(run: Run, two: Sandbox) -> None:
    """Exit 2, whoever asks."""
    ran = run("--account", "play")

    assert ran.code == 2
    assert "There is no account called play. Accounts: ada@example.com, work." in ran.err


def test_a_provider_that_is_not_the_accounts_is_told(run: Run, two: Sandbox) -> None:
    """The two options contradict each other."""
    assert run("--account", "work", "--provider", "chatgpt").code == 2


def test_a_provider_narrows_the_choice(run: Run, two: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody signed in to chatgpt, so nobody is meant; the environment says it as well."""
    assert run("--provider", "chatgpt").code == 3
    monkeypatch.setenv("SIGNEDIN_PROVIDER", "chatgpt")
    assert run().code == 3
    assert run("--provider", "sandbox").code == 0


def test_the_configured_provider_narrows_it_too(run: Run, two: Sandbox, home: Path) -> None:
    """`provider` in config.toml, unless an account is named."""
    (home / "config.toml").write_text('provider = "chatgpt"\n')

    assert run().code == 3
    assert run("--account", "work").code == 0


def test_the_list_marks_the_one_that_is_meant(run: Run, two: Sandbox) -> None:
    """Labels, addresses, providers and states, aligned."""
    ran = run("accounts", "--account", "work")

    assert ran.out.splitlines() == [
        "   LABEL            E-MAIL           PROVIDER  STATE",
        "   ada@example.com  ada@example.com  sandbox   signed in",
        "*  work             ada@example.com  sandbox   signed in",
        "",
        "Account: work (as --account says)",
    ]


def test_the_lists_object_has_its_keys(run: Run, two: Sandbox) -> None:
    """The same for every account."""
    said = run("accounts", "--json").json()

    assert said.keys() == {"schema", "accounts", "selected_by"}
    for account in said["accounts"]:
        assert account.keys() == {"label", "id", "email", "provider", "app", "state", "default"}


def test_a_home_without_accounts_says_how_to_add_one(run: Run) -> None:
    """Which is well."""
    ran = run("accounts")

    assert (ran.code, ran.out) == (0, "There are no accounts yet. signedin login adds one.\n")


def test_switching_answers_with_the_accounts_status(run: Run, two: Sandbox) -> None:
    """The same object as `status`."""
    said = run("switch", "work", "--json").json()

    assert said.keys() == STATUS_KEYS
    assert said["account"]["label"] == "work"


def test_switching_says_where_something_else_still_chooses(run: Run, two: Sandbox, tmp_path: Path) -> None:
    """A pin here outranks the default."""
    (tmp_path / ".signedin").write_text("ada@example.com\n")

    assert "says" in run("switch", "work").out
