"""What a missing library is: one sentence that names the part of DeepKit it belongs to, and how to install it.

The core (`pip install deepkit-jupyter`) explains, measures an address and retries. Everything else needs an
extra of pyproject.toml; each package that does says so once, where it imports:

    with extra("sandbox"):
        from deepkit.sandbox.box import open_sandbox
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Literal

from deepkit.errors import MissingExtraError

Extra = Literal["core", "lab", "sandbox", "history", "simulate"]


@contextmanager
def extra(name: Extra) -> Iterator[None]:
    """Turn the failure to import somebody else's library into the sentence that says how to get it.

    Args:
        name: The extra that brings what is imported inside; "core" where even that may be missing.

    Raises:
        MissingExtraError: When a library is missing; a missing module of DeepKit's own is a fault and stays one.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        library = (missing.name or "").split(".")[0]
        if library in ("", "deepkit"):
            raise
        raise MissingExtraError(library, name) from missing


def require(library: str, *, extra: Extra) -> None:
    """Refuse to go on without a library that is run, not imported.

    Args:
        library: The name to import it by.
        extra: The extra that brings it.

    Raises:
        MissingExtraError: When it is not installed.
    """
    if find_spec(library) is None:
        raise MissingExtraError(library, extra)
