"""Looks whether a result can be written where it is to go, before the work begins whose result it is."""

import tempfile
from pathlib import Path

from deepkit.errors import PlaceError

ROOM_BYTES = 200_000
"""What has to fit; a check-up's evidence has some ten kilobytes, a report some hundred."""


def check_file(path: Path, option: str) -> None:
    """Refuse a file that could not be written.

    Args:
        path: The file to be.
        option: The option that named it, for the sentence.

    Raises:
        PlaceError: When the folder is missing, full or closed, or a folder stands in the file's place.
    """
    if path.is_dir():
        message = f"{option}: {path} is a folder; name a file in it."
        raise PlaceError(message)
    if not path.parent.is_dir():
        message = f"{option}: there is no folder {path.parent}; make it, or name another."
        raise PlaceError(message)
    _try(path.parent, option)


def check_folder(folder: Path, option: str) -> None:
    """Refuse a folder in which nothing could be written; one that does not exist yet is made later.

    Raises:
        PlaceError: When a file stands in its place, or it is full or closed.
    """
    there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), Path())
    if not there.is_dir():
        message = f"{option}: {there} is a file; name a folder."
        raise PlaceError(message)
    _try(there, option)


def _try(folder: Path, option: str) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"0" * ROOM_BYTES)
            file.flush()
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        message = f"{option}: nothing can be written in {folder} ({reason}); name another place."
        raise PlaceError(message) from None
