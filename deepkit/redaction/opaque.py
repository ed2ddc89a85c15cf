"""Tells random letters and digits from words, names and numbers."""

import re
from functools import lru_cache

LEAST = 16
"""Shortest run that is judged: fewer random characters are not told from a short name."""
SHARE = 0.27
"""Share of neighbours that no word has, from which a run is random; 99.9 % of the names in code stay below."""
_PAIRS = frozenset(
    "ab ac ad af ag ai ak al am an ap ar as at au av aw ax ay ba bc be bi bl bo br bs bu by ca cc ce ch ci ck cl cm "
    "co cr cs ct cu cy da dd de di dl do dr ds du dy ea eb ec ed ee ef eg ei ek el em en eo ep eq er es et ev ew ex "
    "ey fa fe ff fi fl fo fr fs ft fu ga ge gh gi gl gn go gr gs gu ha he hi ho hr ht hu ia ib ic id ie if ig ik il "
    "im in io ip ir is it iv ix iz je jo ka ke ki kl kn ks kw la lc ld le lf li ll lo lp ls lt lu ly ma mb me mi mm "
    "mo mp ms mu na nc nd ne nf ng ni nk nl nn no np ns nt nu nv ny oa ob oc od oe of og oi ok ol om on oo op or os "
    "ot ou ov ow pa pd pe pi pl po pp pr ps pt pu py qu ra rc rd re rf rg ri rk rl rm rn ro rp rr rs rt ru rv rw ry "
    "sa sc se sg sh si sk sl sm sn so sp ss st su sw sy ta tc td te tf th ti tl tm to tp tr ts tt tu tw ty ua ub uc "
    "ud ue uf ug ui ul um un up ur us ut va ve vi vo wa we wh wi wn wo wr ws xa xc xe xi xp xt xx ye yi yn yo yp ys "
    "yt ze zi".split()
)  # fmt: skip
"""The pairs of letters that make up 97 % of all pairs in the words of English technical texts."""
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS = re.compile(r"[A-Za-z0-9]+")
_HEX = re.compile(r"(?=(?:[a-fA-F]*\d){4})(?=(?:\d*[a-fA-F]){4})(?:[0-9a-f]{24,}|[0-9A-F]{24,})")
_TERMS = re.compile(r"(?:AES|SHA|MD|ECDHE|ECDSA|DHE|RSA|GCM|CBC|HTTPS?|XMLRPC|SMTP|UTF|IPv|TLSv?|x86_|int|fp|bf)\d*|xn--\S*")
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
        odd += _odd_pairs(part)
        pairs += len(part) - 1
    return pairs >= LEAST - 4 and odd >= 4 and odd / pairs >= SHARE


def _odd_pairs(part: str) -> int:
    odd = since = 0
    for left, right in zip(part, part[1:], strict=False):
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
