"""Writes the files of a report."""

import re
from datetime import UTC, datetime
from pathlib import Path

from deepkit.errors import ReportError
from deepkit.redaction import files


def write_whole(path: Path, text: str) -> Path:
    """Write a text file so that nobody ever sees half of it.

    Args:
        path: The file; an older one is replaced in one step.
        text: Its content.

    Returns:
        The path.

    Raises:
        ReportError: When it cannot be written; nothing half written stays.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return files.write_whole(path, text)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"The report was not written to {path}: {reason}. Name another folder with --out."
        raise ReportError(message) from error


def write_new(folder: Path, name: str, ending: str, text: str, at: float) -> Path:
    """Write a file whose name holds a time, and which replaces none.

    Args:
        folder: Where to.
        name: Its name, without anything private; signs that a file system may not take are replaced.
        ending: Of the name, without the dot.
        text: Its content.
        at: The time, Unix seconds.

    Returns:
        The path.

    Raises:
        ReportError: When it cannot be written.
    """
    usable = re.sub(r"[^\w-]+", "-", name)
    stem = f"{usable}-{datetime.fromtimestamp(at, UTC):%Y%m%d-%H%M%S}"
    path, number = folder / f"{stem}.{ending}", 2
    while path.exists():
        path, number = folder / f"{stem}-{number}.{ending}", number + 1
    return write_whole(path, text)
