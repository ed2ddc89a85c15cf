"""Where a JSON value ends, found by its brackets alone.

The fast decoder says where a value ends only when the value is sound and whole in memory. This
scanner needs neither: it follows values that hold what JSON forbids (NaN, control characters,
half a surrogate pair), and values too large to keep, piece by piece.
"""

import re
from itertools import accumulate

_REST = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+(?:(?P<closed>")|(?P<half>\\?)\Z)', re.DOTALL)
_STRING = re.compile(b'"' + _REST.pattern, re.DOTALL)
_TOKEN = re.compile(_STRING.pattern + rb"|[{}\[\]]", re.DOTALL)
_WORD = re.compile(rb"[^,\]}]*+")
_NO_BRACKETS = bytes(sorted(set(range(256)) - set(b"{}[]")))
_STEP = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1}


class Brackets:
    """Follows one value through the pieces that it is cut into."""

    def __init__(self) -> None:
        self._depth = 0
        self._begun = self._word = self._string = self._half = False

    def end(self, data: bytes, at: int = 0) -> int | None:
        """Look for the value's end in the next piece.

        Args:
            data: The piece.
            at: Where to begin in it; in the first piece the value's first byte stands there.

        Returns:
            The place just behind the value, or None when it goes on.
        """
        if not self._begun:
            self._begun, self._word = True, data[at : at + 1] not in (b"{", b"[", b'"')
            at += self._word
        if self._word:  # a number, a name, or nonsense: up to the next joint
            found = _WORD.match(data, at)
            return found.end() if found and found.end() < len(data) else None
        if self._string:
            found = _REST.match(data, at + self._half)
            assert found is not None
            at = found.end()
            if self._goes_on(found):
                return None
            if not self._depth:
                return at
        return self._balance(data, at)

    def _goes_on(self, string: re.Match[bytes]) -> bool:
        """Tell, and keep in mind, whether a string goes on in the next piece, perhaps behind half an escape."""
        self._string, self._half = not string["closed"], bool(string["half"])
        return self._string

    def _nothing(self, string: re.Match[bytes]) -> bytes:
        self._goes_on(string)
        return b""

    def _balance(self, data: bytes, at: int) -> int | None:
        self._string = self._half = False
        brackets = _STRING.sub(self._nothing, data[at:]).translate(None, _NO_BRACKETS)
        steps = list(accumulate(map(_STEP.__getitem__, brackets), initial=self._depth))
        if min(steps[1:], default=self._depth) > 0:
            self._depth = steps[-1]
            return None
        for token in _TOKEN.finditer(data, at):
            self._depth += _STEP.get(data[token.start()], 0)
            open_string = data[token.start()] == ord('"') and not token["closed"]
            if self._depth <= 0 and not open_string:
                return token.end()
        return None
