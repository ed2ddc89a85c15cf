"""Retry budgets: token buckets that bound how far retries multiply the load.

Each first attempt adds a share of a token, each retry takes one, so that in the long run attempts per call stay
below 1 + that share however badly the server does. Source: https://brooker.co.za/blog/2022/02/28/retries.html .
"""

import contextlib
import errno
import math
import os
import struct
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from deepkit.errors import UsageError
from deepkit.retries.check import number

RECORD = struct.Struct("<8sd")
MARK = b"dkbudge1"
NEARLY_ONE = 1.0 - 1e-9
"""Tokens that pay for a retry: ten shares of 0.1 sum to a little less than 1 in floating-point numbers."""
LOCK_S, TRY_S = 0.25, 0.0005
"""How long a file's lock is tried for, and the time between two tries, in seconds."""


class Budget(Protocol):
    """What bounds the retries of many calls together."""

    def earn(self) -> None:
        """Count a first attempt."""

    def spend(self) -> bool:
        """Take one retry's token, or say no."""


class Bucket:
    """A token bucket shared by the threads of one process.

    Args:
        ratio: Tokens added by each first attempt.
        burst: Tokens it starts with and can hold.
    """

    def __init__(self, ratio: float, burst: float) -> None:
        self.ratio, self.burst = ratio, burst
        self._tokens = burst
        self._lock = threading.Lock()

    @property
    def tokens(self) -> float:
        """What is left, in retries."""
        return self._tokens

    def earn(self) -> None:
        """Count a first attempt."""
        with self._lock:
            self._tokens = min(self.burst, self._tokens + self.ratio)

    def spend(self) -> bool:
        """Take one retry's token; False when there is none, and then nothing is taken."""
        with self._lock:
            if self._tokens < NEARLY_ONE:
                return False
            self._tokens = max(0.0, self._tokens - 1.0)
            return True


class FileBucket:
    """A token bucket in a locked file, shared by the threads and processes that name the same path.

    The lock is held for a few microseconds. A process that is stopped while it holds the lock must not stop the
    others, nor an event loop: after LOCK_S the budget counts as spent, and an earned share is given up.

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
        """What is left, in retries; 0 while the file cannot be had."""
        with contextlib.suppress(OSError), self._locked() as file:
            return self._read(file)
        return 0.0

    def earn(self) -> None:
        """Count a first attempt."""
        with contextlib.suppress(OSError), self._locked() as file:
            self._write(file, min(self.burst, self._read(file) + self.ratio))

    def spend(self) -> bool:
        """Take one retry's token; False when there is none, or the file cannot be had."""
        with contextlib.suppress(OSError), self._locked() as file:
            tokens = self._read(file)
            if tokens >= NEARLY_ONE:
                self._write(file, max(0.0, tokens - 1.0))
                return True
        return False

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        # The file is opened each time: a lock belongs to an open file, and threads must exclude each other too.
        file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            until = time.monotonic() + LOCK_S
            while not _lock(file):
                if time.monotonic() >= until:
                    raise TimeoutError(errno.ETIMEDOUT, "another process holds it")
                time.sleep(TRY_S)
            try:
                yield file
            finally:
                _unlock(file)
        finally:
            os.close(file)

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

    LOCKED_AT = 1 << 20
    """The byte that is locked: Windows lets nobody read a locked one, so it lies beyond the record."""

    def _lock(file: int) -> bool:
        os.lseek(file, LOCKED_AT, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: int) -> None:
        os.lseek(file, LOCKED_AT, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
