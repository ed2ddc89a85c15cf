"""Tells random letters and digits from words, names and numbers."""

import re
from functools import lru_cache
from itertools import pairwise

from deepkit.redaction import words

LEAST = 16
"""Shortest run that is judged: fewer random characters are not told from a short name."""
SHARE = 0.27
"""Share of neighbours that no word has, from which a run is random; 99.9 % of the names in code stay below."""
_PAIRS = frozenset(words.PAIRS.split())
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS = re.compile(r"[A-Za-z0-9]+")
_HEX = re.compile(r"(?=(?:[a-fA-F]*\d){4})(?=(?:\d*[a-fA-F]){4})(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_TERMS = re.compile(
    r"(?:AES|SHA|MD|ECDHE|ECDSA|DHE|RSA|GCM|CBC|HTTPS?|XMLRPC|SMTP|UTF|IPv|TLSv?|x86_|int|fp|bf)\d*|xn--\S*"
)
_HUMP = 3
"""Letters in the shortest word between two capitals."""


@lru_cache(8192)
def is_opaque(run: str) -> bool:
    """Tell whether a run of letters, digits, dashes and underscores looks random.

    Args:
        run: The characters, without white space.

    Returns:
        Whether it is long enough and has many neighbours that words, names and versions do not have:
        a digit beside a letter, letters that never follow each other, capitals in short distances.
    """
    if len(run) < LEAST or len(set(run)) < 7:
        return False
    if _UUID.fullmatch(run) or _HEX.fullmatch(run):
        return True
    odd = pairs = 0
    for part in _PARTS.findall(_TERMS.sub("-", run)):
        odd += odd_pairs(part)
        pairs += len(part) - 1
    return pairs >= LEAST - 4 and odd >= 4 and odd / pairs >= SHARE


def odd_pairs(part: str) -> int:
    """Count the neighbours in a run of letters and digits that words do not have."""
    odd = since = 0
    for left, right in pairwise(part):
        since += 1
        if left.isdigit() != right.isdigit():
            odd += 1
        elif right.isdigit():
            continue
        elif left.islower() and right.isupper():
            odd += since < _HUMP
            since = 0
        elif left.isupper() and right.islower() and since > 1:
            odd += 1  # one capital begins a word; the last of several does so seldom
            since = 0
        elif (left + right).lower() not in _PAIRS and ord(right) - ord(left) != 1:
            odd += 1
    return odd
