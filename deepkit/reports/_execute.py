"""Runs a notebook from start to end in a kernel of its own, with parameters in the environment."""

import asyncio
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async
from nbformat import NotebookNode

from deepkit.errors import UsageError
from deepkit.loops import run


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises:
        UsageError: When there is none, or it is not one.
    """
    try:
        found: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        nbformat.validate(found)
    except FileNotFoundError:
        message = f"There is no notebook at {path}; give the path of an .ipynb file."
        raise UsageError(message) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        message = f"{path} cannot be read as a notebook ({first}); export it again from Jupyter."
        raise UsageError(message) from error
    return found


def execute(
    notebook: NotebookNode, folder: Path, settings: Mapping[str, str], timeout_s: float
) -> str | None:
    """Run all cells in place; stop at the first that fails.

    Args:
        notebook: The notebook; receives the outputs.
        folder: Where it runs.
        settings: Environment variables for the kernel, on top of this process's own.
        timeout_s: Longest time for one cell, in seconds.

    Returns:
        What failed, in one line, or None.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with TemporaryDirectory(prefix="deepkit-", ignore_cleanup_errors=True) as scratch:
        # A kernel that is killed cleans up nothing: what it makes for a while lies in a folder that goes with it.
        env = {**os.environ, **settings, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), scratch)}
        return _executed(_client(notebook, folder, timeout_s), env, timeout_s)


def _client(notebook: NotebookNode, folder: Path, timeout_s: float) -> NotebookClient:
    return NotebookClient(
        notebook,
        timeout=max(1, round(timeout_s)),
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
        extra_arguments=["--HistoryManager.enabled=False"],
        shutdown_kernel="immediate",  # a polite end takes seconds, and what it would tidy lies in our own folder
    )


def _executed(client: NotebookClient, env: Mapping[str, str], timeout_s: float) -> str | None:
    try:
        run(_cells(client, env))
    except CellExecutionError as error:
        return f"{error.ename}: {error.evalue}".strip().splitlines()[0]
    except CellTimeoutError:
        return f"a cell did not end within {timeout_s:.0f} s"
    except DeadKernelError:
        return "the kernel died"
    return None


async def _cells(client: NotebookClient, env: Mapping[str, str]) -> None:
    """Run the cells; a kernel that was begun is gone when this ends, in whatever way it ends."""
    ours = client.km = client.create_kernel_manager()
    try:
        await client.async_execute(env=dict(env), stderr=subprocess.DEVNULL)
    except DeadKernelError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():  # nbclient takes being cancelled for the kernel's death
            raise asyncio.CancelledError from None
        raise
    finally:
        if ours.has_kernel:
            await ensure_async(ours.shutdown_kernel(now=True))
