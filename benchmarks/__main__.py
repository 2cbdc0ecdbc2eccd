"""All benchmarks one after another; then the page, and a look at every ratio: `make bench`.

Each runs in a process of its own. What they say goes into RESULTS.md. The look at the end fails where a promise is
broken, or a ratio is much worse than on record. `--record` puts this run's ratios on record instead of comparing them;
`--only hot_path,stream` runs these. Any other option goes to the benchmarks that have one of that name.
"""

import argparse
import json
import os
import subprocess
import sys
from contextlib import suppress
from importlib import import_module

from results import ratios
from results.options import Counts, add_all, words_for
from results.page import replaced
from results.place import BENCHMARKS, PAGE
from results.promise import Promise
from results.section import told_by


def main() -> int:
    """Run them, write the page, and say what fell short."""
    names = sorted(name[:-3] for name in os.listdir(BENCHMARKS) if name.endswith(".py") and name != "__main__.py")
    counts: dict[str, Counts] = {name: import_module(name).OPTIONS for name in names}
    parser = argparse.ArgumentParser(prog="benchmarks", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", type=lambda given: given.split(","), default=names, metavar="NAME,NAME")
    parser.add_argument("--record", action="store_true", help="put the ratios on record")
    add_all(parser, counts)
    asked = parser.parse_args()
    if unknown := set(asked.only) - set(names):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for name in asked.only:
        run(name, words_for(counts[name], asked))
    return look(asked.only, record=asked.record)


def run(name: str, words: list[str]) -> None:
    """One of them; what it said before is forgotten."""
    print(f"— {name}", flush=True)
    with suppress(FileNotFoundError):
        os.remove(told_by(name))
    subprocess.run([sys.executable, os.path.join(BENCHMARKS, f"{name}.py"), *words], check=False)


def look(names: list[str], *, record: bool) -> int:
    """Write down what they said, and complain of what fell short."""
    sections, promises, silent = list[str](), dict[str, list[Promise]](), list[str]()
    for name in names:
        try:
            with open(told_by(name), encoding="utf-8") as file:
                told = json.load(file)
        except FileNotFoundError:
            silent.append(f"{name}: it ended without a result")
            continue
        sections.append(told["text"])
        promises[name] = [Promise(**promise) for promise in told["promises"]]
    _write(sections)
    if record:
        ratios.save(promises)
    short = [*silent, *ratios.complaints(promises, ratios.load())]
    print("\n".join(("— what fell short", *short)) if short else "— every promise is kept, and no ratio is worse")
    return 1 if short else 0


def _write(sections: list[str]) -> None:
    with open(PAGE, encoding="utf-8") as file:
        page = replaced(file.read(), sections)
    with open(PAGE, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    sys.exit(main())
