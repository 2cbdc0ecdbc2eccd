"""Which account is meant: the rules, in their order, and `signedin accounts` and `switch`, which show and set them."""

from pathlib import Path

import pytest
from tests.support.command import STATUS_KEYS, Person, Run

from signedin_adapters.sandbox import Sandbox
from signedin_adapters.sandbox.people import PEOPLE


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


def test_a_mistyped_label_is_guessed(run: Run, two: Sandbox) -> None:
    """For whoever names an account: the option, and the commands that take one."""
    for arguments in (("--account", "wrok"), ("switch", "wrok"), ("forget", "wrok", "--yes")):
        ran = run(*arguments)
        assert ran.code == 2
        assert "There is no account called wrok. Did you mean work? Accounts: ada@example.com, work." in ran.err


@pytest.mark.parametrize("name", ["default", "oldest", "--account", "SIGNEDIN_ACCOUNT", "pin"])
def test_both_commands_say_which_rule_chose(
    run: Run, two: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """In the same words."""
    arguments = ("--account", "work") if name == "--account" else ()
    if name == "default":
        run("switch", "work")
    if name == "SIGNEDIN_ACCOUNT":
        monkeypatch.setenv(name, "work")
    if name == "pin":
        (tmp_path / ".signedin").write_text("work")
    said = run("status", *arguments).out.splitlines()[-1]

    assert said.startswith("Account: ada@example.com (" if name == "oldest" else "Account: work (")
    assert run("accounts", *arguments).out.splitlines()[-1] == said
    assert run("accounts", *arguments, "--json").json()["selected_by"] == name


@pytest.fixture
def asked(signed_in: Sandbox, acme: str, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Ada, at a terminal, who signed in to another provider with the address that an account is called already."""
    monkeypatch.setenv("SIGNEDIN_STORE", "file")
    person = Person("login", "--provider", acme)
    person.reads("Name this account [ada@example.com-2]: ")
    return person


def labels(run: Run) -> list[str]:
    return [each["label"] for each in run("accounts", "--json").json()["accounts"]]


def test_a_person_names_whatever_shares_an_address(run: Run, asked: Person) -> None:
    """Not only what was asked for as a new account; a name that is taken is asked for again."""
    asked.types("ada@example.com\n")
    asked.reads("That name is taken.")
    asked.types("work\n")

    assert asked.leaves() == 0
    assert labels(run) == ["ada@example.com", "work"]


def test_enter_takes_the_name_that_is_proposed(run: Run, asked: Person) -> None:
    """The address and a number, and it is said how that account is used."""
    asked.types("\n")

    assert asked.leaves() == 0
    assert labels(run) == ["ada@example.com", "ada@example.com-2"]
    told = "It is used with --account ada@example.com-2; signedin switch ada@example.com-2 makes it the default."
    assert told in " ".join(asked.screen.split())


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


def test_plans_and_workspaces_have_columns_where_there_are_some(run: Run, codex: Sandbox) -> None:
    """A long id is cut; the object has it whole."""
    workspace = PEOPLE["ada"].workspace_id("Personal")

    assert run("accounts").out.splitlines() == [
        "   LABEL            E-MAIL           PROVIDER       PLAN  WORKSPACE    STATE",
        f"*  ada@example.com  ada@example.com  sandbox-codex  plus  {workspace[:10]}…  signed in",
    ]
    (account,) = run("accounts", "--json").json()["accounts"]
    assert (account["plan"], account["workspace"]) == ("plus", workspace)


def test_the_lists_object_has_its_keys(run: Run, two: Sandbox) -> None:
    """The same for every account."""
    said = run("accounts", "--json").json()

    assert said.keys() == {"schema", "accounts", "selected_by"}
    for account in said["accounts"]:
        assert account.keys() == {"label", "id", "email", "plan", "workspace", "provider", "app", "state", "default"}


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
