"""Owns what may be told of an error that nobody expected: its kind and its place, and never a word of what it said."""

import os


def kind_and_place(error: BaseException) -> str:
    """The error's class, and where in our own code it passed last: `KeyError at rotation.py:12`."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if "signedin" in file:
            place = f" at {os.path.basename(file)}:{step.tb_lineno}"
        step = step.tb_next
    return f"{type(error).__name__}{place}"
