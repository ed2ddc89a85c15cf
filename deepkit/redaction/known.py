"""The values that this process knows: found and removed wherever they appear, however they are spelled.

A value is looked for in the text without anything but letters and digits, in lower case: so dashes, spaces,
zero-width signs, line breaks and capitals between make no difference. Beside itself each value is spelled
backwards, in hexadecimal digits, in base64 from each of the three places where it may begin, behind percent
signs and in the escapes of JSON and HTML. Half of a spelling is enough.
"""

import base64
import contextlib
import getpass
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from deepkit.redaction import words
from deepkit.redaction.opaque import odd_pairs
from deepkit.secret import SECRETS_MADE

SEED = 5
"""Characters that must agree before a place is looked at closely."""
LEAST = 6
"""Shortest value, in letters and digits, that is looked for in every spelling."""
PLAIN = 4
"""Shortest value that is looked for at all, then only as it stands."""
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|COOKIE|DSN|ACCESS_KEY_ID)$",
    re.IGNORECASE,
)
_DROPPED = re.compile(r"[\W_]+")
_LOGIN = re.compile(r"://([^\s/@]{1,512})@")
_NO_SECRETS = frozenset(words.NO_SECRETS.split())
_COMMON = re.compile("|".join(words.COMMON.split()))
_NOBODY = frozenset(words.NOBODY.split())


class Known:
    """Secret values in all their spellings, ready to be looked for.

    Args:
        values: The secrets.
        names: Names of people, machines and accounts: looked for whole, in encoded spellings alone.
    """

    def __init__(self, values: Iterable[str], names: Iterable[str] = ()) -> None:
        self._exact = [value for value in values if len(value) >= PLAIN and _worth(value)]
        self._spellings: list[tuple[str, int]] = []
        self._seeds: dict[str, list[tuple[int, int]]] = {}
        for value in tuple(self._exact):
            self._exact += [
                half for half in (value[: (len(value) + 1) // 2], value[len(value) // 2 :]) if _mixed(half)
            ]
            self._learn(_flat(value), whole=False)
            for spelled in _encodings(value):
                self._learn(spelled, whole=False)
        for name in names:
            for spelled in _encodings(name):
                self._learn(spelled, whole=True)

    def _learn(self, spelled: str, *, whole: bool) -> None:
        if len(spelled) < LEAST:
            return
        least = len(spelled) if whole else max(SEED, len(spelled) // 2 - 2)
        number = len(self._spellings)
        self._spellings.append((spelled, least))
        for at in range(0, len(spelled) - SEED + 1, least - SEED + 1):
            self._seeds.setdefault(spelled[at : at + SEED], []).append((number, at))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where a known value stands in a text: pairs of begin and end, in order, none overlapping."""
        found = [one for value in self._exact for one in _places(text, value)] if self._exact else []
        low = _lower(text)
        flat = _DROPPED.sub("", low)
        hits = self._hits(flat)
        if hits:
            places = [at for at, sign in enumerate(low) if sign.isalnum()]
            for begin, end in hits:
                found.append((places[begin], places[end - 1] + 1))
        return _merged(found)

    def _hits(self, flat: str) -> list[tuple[int, int]]:
        if len(self._seeds) * 4 < len(flat):
            near = [seed for seed in self._seeds if seed in flat]
        else:
            near = list({flat[at : at + SEED] for at in range(len(flat) - SEED + 1)} & self._seeds.keys())
        found = []
        for seed in near:
            for number, offset in self._seeds[seed]:
                spelled, least = self._spellings[number]
                for at in _all(flat, seed):
                    begin, end = _grown(flat, at, spelled, offset)
                    part = flat[begin:end]
                    if end - begin >= least and (part == spelled or _telling(part)):
                        found.append((begin, end))
        return found


def _worth(value: str) -> bool:
    flat = _flat(value)
    return len(set(value)) > 2 and flat not in _NO_SECRETS and not (flat.isdigit() and len(flat) < 6)


def _telling(part: str) -> bool:
    """Tell whether a part of a secret is more than a word that stands in every text."""
    rest = _COMMON.sub("", part)
    return len(rest) >= SEED and (len(rest) >= 12 or any(map(str.isdigit, rest)) or odd_pairs(rest) >= 2)


def _mixed(half: str) -> bool:
    """Tell whether half of a secret, as it stands, is no word: signs or capitals among its letters."""
    letters = _DROPPED.sub("", half)
    return len(half) >= LEAST and not half.isdigit() and (letters != half or odd_pairs(letters) >= 1)


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(sign.lower()[:1] or sign for sign in text)


def _flat(text: str) -> str:
    return _DROPPED.sub("", _lower(text))


@lru_cache(1024)
def _encodings(value: str) -> frozenset[str]:
    """Return the other spellings of a value, letters and digits alone."""
    raw = value.encode()
    spelled = {
        value[::-1],
        raw.hex(),
        raw.hex()[::-1],
        json.dumps(value)[1:-1],
        quote(value, safe=""),
        escape(value),
    }
    spelled |= {"".join(f"u{ord(sign):04x}" for sign in value), "".join(f"x{byte:02x}" for byte in raw)}
    spelled |= {"".join(str(ord(sign)) for sign in value)}
    for lead in range(3):
        packed = base64.b64encode(b"\0" * lead + raw).decode().rstrip("=")
        first = (0, 2, 3)[lead]  # the first signs hold what stands before
        last = len(packed) - ((lead + len(raw)) % 3 != 0)
        spelled.add(packed[first:last])
        spelled.add(packed[first:last].replace("+", "").replace("/", "")[::-1])
    return frozenset(_flat(one) for one in spelled) - {_flat(value)}


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    if len(value) >= LEAST:
        for at in _all(text, value):
            yield at, at + len(value)
        return
    for match in re.finditer(rf"(?<![\w]){re.escape(value)}(?![\w])", text):
        yield match.span()


def _all(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _grown(flat: str, at: int, spelled: str, offset: int) -> tuple[int, int]:
    begin, left = at, offset
    while begin and left and flat[begin - 1] == spelled[left - 1]:
        begin, left = begin - 1, left - 1
    end, right = at + SEED, offset + SEED
    while end < len(flat) and right < len(spelled) and flat[end] == spelled[right]:
        end, right = end + 1, right + 1
    return begin, end


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def environment_secrets(environment: Mapping[str, str], words: Iterable[str] = ()) -> set[str]:
    """Return the secrets of an environment: variables of telling names, and logins inside addresses.

    Args:
        environment: Variable to value.
        words: The program's own arguments, which may hold addresses with logins.

    Returns:
        The values; what stands before the colon of a login is a name, what follows it a password.
    """
    found = {value.strip() for name, value in environment.items() if _SECRET_NAME.search(name)}
    for text in (*environment.values(), *words):
        for login in _LOGIN.findall(text) if "://" in text else ():
            name, _, password = login.partition(":")
            found |= {password, unquote(password)} if password else {name}
    return found - {""}


def url_secrets(address: str) -> set[str]:
    """Return the login of an address and the values of its query."""
    try:
        parts = urlsplit(address)
        return {parts.password or "", *re.findall(r"=([^&]{8,})", parts.query)} - {""}
    except ValueError:
        return set()


@cache
def local_names() -> tuple[str, ...]:
    """Return the names of this machine and of its user, where they would tell something.

    Returns:
        User, home folder, host and the e-mail address in git's settings: of four characters or more, and no
        common account or machine name.
    """
    node = platform.node()
    found = {os.environ.get("USERDOMAIN", ""), node, node.split(".")[0], Path.home().name, *_git_names()}
    with contextlib.suppress(
        OSError, KeyError, ImportError
    ):  # no entry in the password file: nothing to hide
        found.add(getpass.getuser())
    return tuple(sorted(name for name in found if len(name) >= 4 and name.lower() not in _NOBODY))


def _git_names() -> set[str]:
    found = {os.environ.get(name, "") for name in ("EMAIL", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")}
    for path in (Path.home() / ".gitconfig", Path.home() / ".config/git/config"):
        try:
            with path.open(encoding="utf-8", errors="replace") as lines:
                found |= set(re.findall(r"^\s*email\s*=\s*(\S+)\s*$", lines.read(65_536), re.MULTILINE))
        except OSError:
            continue
    return found


def process_known() -> Known:
    """Return what this process knows now; built anew only when something was added."""
    values = frozenset(environment_secrets(os.environ, sys.argv) | set(SECRETS_MADE))
    return _known(values)


@lru_cache(4)
def _known(values: frozenset[str]) -> Known:
    return Known(values, local_names())
