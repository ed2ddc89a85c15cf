"""A retry budget: a token bucket that bounds how far retries multiply the load."""

import threading


class Bucket:
    """A token bucket shared by the threads of one process.

    Each first attempt adds `ratio`, each retry takes one token, so that in the long run
    attempts per call stay below 1 + ratio however badly the server does. Source:
    https://brooker.co.za/blog/2022/02/28/retries.html .

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
            if self._tokens < 1.0:
                return False
            self._tokens -= 1.0
            return True
