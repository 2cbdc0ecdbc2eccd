"""What is public on a class: methods, fields, and what it or a parent of ours ever sets on itself."""

import ast
import inspect
import textwrap

OF_THE_CORE = {"begin", "end", "run", "timeout_case"}
"""Public on `Attempt` for the core and for prompts, and of no use to anybody else: threads have no such thing."""


def members(kind: type) -> set[str]:
    """Their names."""
    ours = [each for each in kind.__mro__ if each.__module__.startswith("signedin")]
    named = {name for each in ours for name in (*vars(each), *each.__annotations__)}
    return {name for name in named.union(*map(_set_on_self, ours)) if not name.startswith("_")}


def _set_on_self(kind: type) -> set[str]:
    return {
        node.attr
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(kind))))
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    }
