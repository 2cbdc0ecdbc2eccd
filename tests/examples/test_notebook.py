"""The notebook in a kernel, and what it shows: one cell opens a connection and the next ones use it, `await` or not.

All tests share the kernel, for it takes longest to start, and each of them brings cells of its own.
"""

import json
import os
from collections.abc import Iterator

import pytest
from tests.support import acme_notes
from tests.support.command import browser_script
from tests.support.connected import announce
from tests.support.examples import EXAMPLES
from tests.support.kernel import Kernel, started

from signedin_adapters.sandbox import Sandbox

CELLS = [cell for cell in json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"] if cell["cell_type"] == "code"]


@pytest.fixture(scope="module")
def kernel(running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """With a home where Ada is signed in, and a browser that follows where it is sent."""
    home = tmp_path_factory.mktemp("home", numbered=True)
    announce(running_sandbox, str(home))
    acme_notes.sign_in(running_sandbox, home)
    places = {"SIGNEDIN_HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "BROWSER": str(browser_script(home))}
    with started({**os.environ, **places}) as kernel:
        kernel.runs("import warnings; warnings.simplefilter('always')")  # on stderr
        yield kernel


def test_the_notebook(kernel: Kernel) -> None:
    """Its cells sign in with a browser, and have two questions answered."""
    kernel.runs("from signedin import sync; _ = sync.Connection.open(app_name='Acme Notes').sign_out()")
    who, answer, again, another = (kernel.runs("".join(cell["source"])) for cell in CELLS)
    assert who == again == "'ada@example.com'"
    assert answer.startswith("You asked: “Say hello in one line.”")
    assert another.startswith("You asked: “And in French?”")


def test_it_is_kept_as_nobody_ran_it() -> None:
    """No outputs, and no counts."""
    assert [(cell["outputs"], cell["execution_count"]) for cell in CELLS] == [([], None)] * 4


def test_await_in_cells(kernel: Kernel) -> None:
    """Opened in one, refreshed in another while a third one's listener and stream hear it, closed in the last."""
    kernel.runs("from signedin import Connection; held = await Connection.open(app_name='Acme Notes')")
    kernel.runs("heard = []; _ = held.subscribe(heard.append); stream = held.transitions()")
    kernel.runs("await held.refresh()")
    assert kernel.runs("heard[0] == await anext(stream)") == "True"
    kernel.runs("await held.aclose()")
    assert kernel.runs("[_ async for _ in stream] == heard[1:]") == "True"


def test_no_await_in_cells(kernel: Kernel) -> None:
    """The same by plain calls, though a loop is running, and from threads that a cell began."""
    kernel.runs("from signedin import sync; plain = sync.Connection.open(app_name='Acme Notes')")
    kernel.runs("from concurrent.futures import ThreadPoolExecutor; pool = ThreadPoolExecutor(4)")
    assert kernel.runs("len(set(pool.map(lambda _: sync.ask(plain, 'Why?').text(), range(8))))") == "1"
    assert kernel.runs("plain.refresh(); plain.state.value") == "'connected'"
    kernel.runs("pool.shutdown(); plain.close()")


def test_a_sign_in_that_goes_on_while_cells_run(kernel: Kernel) -> None:
    """Begun in one cell as a task, looked at in the next, awaited in the last."""
    kernel.runs("import asyncio, os; from signedin import Connection; shown = asyncio.Future()")
    kernel.runs("async def show(attempt): shown.set_result(attempt.url)")
    kernel.runs("other = await Connection.open(app_name='Acme Notes', prompt=show)")
    kernel.runs("signing_in = asyncio.create_task(other.sign_in()); url = await shown")
    assert kernel.runs("other.state.value") == "'authorizing'"
    kernel.runs("browser = await asyncio.create_subprocess_exec(os.environ['BROWSER'], url)")
    kernel.runs("await signing_in; _ = await browser.wait()")
    assert kernel.runs("other.state.value") == "'connected'"
    kernel.runs("await other.aclose()")
