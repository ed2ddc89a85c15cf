"""The way out to files: whole or not at all, for this user alone, never through somebody's link.

A file is written under a name that nobody can guess, in the folder where it belongs, and renamed when it is
complete. Linux writes it without a name first, so that a process that is killed leaves nothing; elsewhere, what
a killed process left is removed by the next one that writes the same file.
"""

import contextlib
import hashlib
import os
import platform
import secrets
from pathlib import Path

MODE = 0o600
_ENDING = ".deepkit-part"
_FLAGS = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


def write_whole(path: Path, content: str | bytes, *, new: bool = False) -> Path:
    """Write a file so that nobody ever sees half of it, and nobody else sees it at all.

    Args:
        path: The file; an older one, or a link of this name, is replaced in one step.
        content: What it will hold; a text in UTF-8.
        new: Whether it must not exist yet.

    Returns:
        The path.

    Raises:
        FileExistsError: When it exists and must not.
        OSError: When it cannot be written; the old file is as it was, and nothing half written stays.
    """
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    _sweep(path)
    temporary = path.with_name(f"{_stem(path)}{secrets.token_hex(8)}{_ENDING}")
    try:
        if not _without_name(path.parent, temporary, data):
            _with_name(temporary, data)
        if new:
            os.link(temporary, path, follow_symlinks=False)
            temporary.unlink()
        else:
            temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    return path


def make_private(path: Path) -> None:
    """Create a file for this user alone where there is none; take a file of one's own from everybody else.

    Args:
        path: A file that another library will write.

    Raises:
        OSError: When it cannot be created.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, _FLAGS | _NEW, MODE))
        return
    with contextlib.suppress(OSError):
        if not path.is_symlink():
            path.chmod(MODE)


def _without_name(folder: Path, temporary: Path, data: bytes) -> bool:
    """Write a file that has no name until it is complete; False where the system or the file system cannot."""
    nameless = getattr(os, "O_TMPFILE", 0)
    if not nameless:
        return False
    try:
        handle = os.open(folder, _FLAGS | nameless, MODE)
    except OSError:
        return False
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        try:
            os.link(f"/proc/self/fd/{handle}", temporary, follow_symlinks=True)
        except OSError:
            return False
    return True


def _with_name(temporary: Path, data: bytes) -> None:
    with os.fdopen(os.open(temporary, _FLAGS | _NEW, MODE), "wb") as file:
        file.write(data)


def _stem(path: Path) -> str:
    """Begin the name of a temporary file: whose it is, on which machine, by which process."""
    machine = hashlib.sha256(platform.node().encode()).hexdigest()[:8]
    return f".{path.name[:100]}.{machine}-{os.getpid()}-"


def _sweep(path: Path) -> None:
    """Remove what processes of this machine that are dead have left of this file."""
    begin = _stem(path).rpartition(f"{os.getpid()}-")[0]
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f"{_literal(begin)}*{_ENDING}"):
            process = left.name[len(begin) :].partition("-")[0]
            if process.isdigit() and not _runs(int(process)):
                left.unlink(missing_ok=True)


def _literal(text: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


def _runs(process: int) -> bool:
    if os.name != "posix":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
