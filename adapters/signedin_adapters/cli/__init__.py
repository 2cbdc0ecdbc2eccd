"""The command line, where all adapters are put together. What each module owns stands in its own docstring."""


def main() -> int:
    """The whole process of the command `signedin`: run it, and give its exit code."""
    from signedin_adapters.cli.process import main

    return main()
