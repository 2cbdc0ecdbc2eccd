"""A Jupyter kernel that runs one cell after another, as a notebook has it."""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode, from_dict
from tests.support.stage import PATIENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """A running kernel. Whatever a cell writes to stderr, a warning for one, fails the test; so does what it raises."""

    client: NotebookClient

    def runs(self, source: str) -> str:
        """Run one cell; gives what stands under it then."""
        cell = _node(cell_type="code", metadata={}, execution_count=None, outputs=[], source=source)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        return "".join(map(_told, cell.outputs))


@contextmanager
def started(environment: Mapping[str, str]) -> Generator[Kernel]:
    """A kernel with this environment, until the end of the block; it has to end by itself when it is told to."""
    notebook = _node(nbformat=4, nbformat_minor=5, metadata={}, cells=[])
    with TemporaryDirectory() as place:  # its sockets lie here: the path of one must be short
        manager = AsyncKernelManager(transport="ipc", connection_file=os.path.join(place, "k.json"))
        client = NotebookClient(notebook, km=manager, timeout=PATIENCE)
        with client.setup_kernel(env=dict(environment), cleanup_kc=True):
            process: Any = getattr(manager.provisioner, "process", None)
            yield Kernel(client=client)
    assert process.returncode == 0


def _node(**fields: object) -> NotebookNode:
    return from_dict(fields)  # type: ignore[no-any-return, no-untyped-call]


def _told(output: Any) -> str:
    assert output.get("name") != "stderr", output["text"]
    return str(output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"])
