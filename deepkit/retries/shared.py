"""A retry budget shared by processes: a token bucket in a locked file."""

import contextlib
import math
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from deepkit.errors import UsageError
from deepkit.retries.check import number

RECORD = struct.Struct("<8sd")
MARK = b"dkbudge1"


class FileBucket:
    """A token bucket in a file, shared by the threads and processes that name the same path.

    Args:
        path: The file; it is made when it is not there. It holds 16 bytes and no secret.
        ratio: Tokens added by each first attempt.
        burst: Tokens it starts with and can hold.

    Raises:
        UsageError: When the file cannot be written or is something else, or a number is out of bounds.
    """

    def __init__(self, path: str | os.PathLike[str], ratio: float, burst: float) -> None:
        number("ratio", ratio, 0.0, 1000.0)
        number("burst", burst, 0.0, 1e9)
        self.path, self.ratio, self.burst = Path(path), ratio, burst
        try:
            with self._locked() as file:
                self._read(file)
        except OSError as error:
            raise UsageError(f"The budget's file {self.path} cannot be used: {error.strerror}") from error

    @property
    def tokens(self) -> float:
        """What is left, in retries."""
        with self._locked() as file:
            return self._read(file)

    def earn(self) -> None:
        """Count a first attempt."""
        with self._locked() as file:
            self._write(file, min(self.burst, self._read(file) + self.ratio))

    def spend(self) -> bool:
        """Take one retry's token; False when there is none."""
        with self._locked() as file:
            tokens = self._read(file)
            if tokens < 1.0:
                return False
            self._write(file, tokens - 1.0)
            return True

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        # The file is opened anew each time: a lock belongs to an open file, and threads must exclude each other too.
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(file)
            yield file
        finally:
            os.close(file)  # releases the lock

    def _read(self, file: int) -> float:
        os.lseek(file, 0, os.SEEK_SET)
        found = os.read(file, RECORD.size + 1)
        if not found:
            self._write(file, self.burst)
            return self.burst
        if len(found) != RECORD.size or not found.startswith(MARK):
            raise UsageError(f"{self.path} is not a retry budget; name another file")
        tokens = float(RECORD.unpack(found)[1])
        return min(tokens, self.burst) if math.isfinite(tokens) and tokens >= 0.0 else 0.0

    def _write(self, file: int, tokens: float) -> None:
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, RECORD.pack(MARK, tokens))


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        os.lseek(file, 0, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
