"""What a run of characters says once its encoding is taken off: percent signs, JSON's escapes, base64."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote

DEPTH = 3
"""Most encodings on top of one another."""
_ESCAPE = re.compile(r"\\{1,4}u([0-9a-fA-F]{4})")
_NOT_RUN = r"\s\"'<>?&#=/,;"
ESCAPED = (
    rf"(?<![^{_NOT_RUN}])(?=[^{_NOT_RUN}]*(?:%[0-9a-fA-F]{{2}}|\\u[0-9a-fA-F]{{4}}))[^{_NOT_RUN}]{{6,}}+"
)
"""A run that holds a percent sign or an escape; one part of an address's query, say."""
PACKED = r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}+(?:\r?\n[A-Za-z0-9+/_-]{8,}+)*+={0,2}"
"""A run that may be base64, of one line or of several."""


def readings(run: str, depth: int = DEPTH) -> Iterator[str]:
    """Yield what a run may say.

    Args:
        run: Text that matched ESCAPED or PACKED.
        depth: How many encodings are taken off.

    Yields:
        Decoded texts. Base64 is read from each of its first four characters, since what stands
        before it may look like a part of it.
    """
    plain = unquote(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), run))
    if plain != run:
        yield plain
        if depth > 1:
            again = [plain] if "%" in plain else re.findall(PACKED, plain)
            yield from (text for part in again for text in readings(part, depth - 1))
        return
    letters = "".join(run.split()).rstrip("=").replace("-", "+").replace("_", "/")
    for begin in range(4):
        text = _from_base64(letters[begin:])
        if text:
            yield text
            if depth > 1:
                yield from (more for part in re.findall(PACKED, text) for more in readings(part, depth - 1))


def _from_base64(letters: str) -> str:
    try:
        raw = base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + "=" * (-len(letters) % 4))
    except (binascii.Error, ValueError):
        return ""
    return raw.decode("latin-1")
