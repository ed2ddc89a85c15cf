"""Writes the files of a report."""

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
