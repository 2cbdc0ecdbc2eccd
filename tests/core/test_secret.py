"""Secrets show themselves to nobody."""

import copy
import json
import logging
import pickle
import traceback

import pytest

from signedin.secret import Secret

CANARY = "canary-4f1d"


def test_a_secret_gives_its_value_to_who_asks() -> None:
    """`reveal` is the one way to the value."""
    assert Secret(CANARY).reveal() == CANARY


SHOWN = {
    "repr": repr(Secret(CANARY)),
    "str": str(Secret(CANARY)),
    "f-string": f"{Secret(CANARY)}",
    "padded": f"{Secret(CANARY):>40}",
    "conversion": f"{Secret(CANARY)!r}",
    "percent": "%s" % Secret(CANARY),  # noqa: UP031
    "format": "{}".format(Secret(CANARY)),  # noqa: UP032
    "container": repr([{"token": Secret(CANARY)}]),
}


@pytest.mark.parametrize("way", SHOWN)
def test_no_way_of_writing_shows_it(way: str) -> None:
    """repr, str, format and containers show a placeholder."""
    assert CANARY not in SHOWN[way]
    assert "Secret(…)" in SHOWN[way]


def test_a_secret_is_not_pickled() -> None:
    """A pickle would carry the value; there is none."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(CANARY))


def test_a_secret_is_not_json() -> None:
    """JSON refuses it."""
    with pytest.raises(TypeError) as refused:
        json.dumps({"token": Secret(CANARY)})
    assert CANARY not in str(refused.value)


def test_a_secret_has_no_dictionary() -> None:
    """What walks over attributes finds nothing, and nothing can be added."""
    assert not hasattr(Secret(CANARY), "__dict__")
    with pytest.raises(AttributeError):
        Secret(CANARY).note = "x"  # type: ignore[attr-defined]


def test_a_copy_is_the_secret_itself() -> None:
    """Copies of what holds a secret do not multiply the value."""
    secret = Secret(CANARY)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret


def test_secrets_compare_by_value_and_only_among_themselves() -> None:
    """Two secrets of one value are equal; a plain string never equals a secret."""
    assert Secret(CANARY) == Secret(CANARY)
    assert Secret(CANARY) != Secret("another")
    assert Secret(CANARY) != CANARY
    assert len({Secret(CANARY), Secret(CANARY)}) == 1


def test_an_empty_secret_is_false() -> None:
    """Whether there is a value may be asked without seeing it."""
    assert not Secret("")
    assert Secret(CANARY)


def test_neither_log_nor_traceback_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    """A logged secret and one in a failing expression stay hidden."""
    try:
        raise ValueError(Secret(CANARY))
    except ValueError as error:
        logging.getLogger("test").exception("failed with %s", Secret(CANARY))
        written = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert CANARY not in caplog.text
    assert CANARY not in written
