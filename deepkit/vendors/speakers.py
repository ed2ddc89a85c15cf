"""Who speaks: from a host, or from the hosts, marks and words of a text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from deepkit.vendors.meanings import READ
from deepkit.vendors.records import Provider
from deepkit.vendors.tables import vendors

By = Literal["host", "mark", "page", "client", "word", "port", "hint"]
RANK: tuple[By, ...] = ("host", "mark", "page", "client", "word", "port", "hint")
"""What tells a speaker, the strongest first."""
OUTER = ("relay", "aggregator")
"""Kinds that stand in front of others: where two are marked, they are what the user talks to."""

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uff00-\uffef"
"""Kana, Chinese signs and their punctuation: such text is written without spaces, so a host may follow at once."""
_HOST = re.compile(
    rf"(?<![^\W{_CJK}])(?<![@.%-])(?:[A-Za-z0-9_-]{{1,63}}\.){{1,8}}[A-Za-z]{{2,24}}(?![^\W{_CJK}]|[@-]|\.\w)"
)
_GLUED = re.compile(rf"[@.][^\s/@.]*[{_CJK}]$")
"""Such text inside a host's own name, which makes another name of it."""
_URL = re.compile(r"\b\w{1,20}://([^\s\"'<>/?#\\]*)[^\s\"'<>]*")
_DOTTED = re.compile(
    r"(?<![\w@])(?:[a-z0-9_-]+\.)+"
    r"(?:com|cn|ai|net|org|io|dev|app|co|xyz|top|cc|me|tech|site|vip|pro|online|shop|cloud|run|fun|store|info)(?![\w-])"
)
"""Bare addresses, in which words are not read: whoever puts a vendor's name into an address is not that vendor."""
_HELP = re.compile(r"(?:docs?|help|support|status|wiki|learn|api-docs|developers?|community)\.")
_PORT = re.compile(
    r"(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[?::1\]?|host\.docker\.internal)['\"]?"
    r"(?::|,? port[ =:]{1,2})(\d{2,5})\b"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """One vendor in a text, what tells it (see RANK), and where that begins."""

    provider: Provider
    by: By
    at: int


@dataclass(frozen=True, slots=True)
class _HostRule:
    """One host pattern as a regular expression, how exact it is, what it tells, whose it is."""

    pattern: str
    exact: int
    by: By
    provider: Provider


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _host_pattern(pattern: str) -> str:
    below = r"(?:[a-z0-9_-]+\.)+" if pattern.startswith("*.") else r"(?:[a-z0-9_-]+\.)*"
    parts = pattern.removeprefix("*.").split("*")
    return below + "[a-z0-9_-]*".join(re.escape(part) for part in parts)


@cache
def _host_rules() -> dict[str, list[_HostRule]]:
    """Host rules by their last two labels, the most exact first."""
    rules: dict[str, list[_HostRule]] = {}
    for one in vendors():
        kinds: tuple[tuple[By, tuple[str, ...]], ...] = (("host", one.hosts), ("page", one.domains))
        for by, patterns in kinds:
            for pattern in patterns:
                rule = _HostRule(_host_pattern(pattern), len(pattern.replace("*", "")), by, one)
                rules.setdefault(_ending(pattern), []).append(rule)
    for listed in rules.values():
        listed.sort(key=lambda rule: -rule.exact)
    return rules


def _ending(host: str) -> str:
    """Return the last two labels, which no pattern leaves open."""
    return ".".join(host.split(".")[-2:])


def _rule(host: str) -> _HostRule | None:
    name = host.strip().rstrip(".")
    if not name.isascii():  # a foreign letter that looks like a Latin one, or becomes one in lower case
        return None
    name = name.lower()
    rules = _host_rules().get(_ending(name), ())
    return next((rule for rule in rules if _compiled(rule.pattern).fullmatch(name)), None)


def speaker(host: str) -> Provider | None:
    """Return whose a host is.

    Args:
        host: A host name, without port and path.

    Returns:
        The vendor with the most exact pattern that fits the whole name; None for everybody else's
        hosts, those included that merely contain a vendor's name.
    """
    rule = _rule(host)
    return rule.provider if rule else None


def on_port(port: int) -> Provider | None:
    """Return the local server that listens on a port by default; any program could."""
    return next((one for one in vendors() if port in one.ports), None)


def _blanked(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)


def _host_of(authority: str) -> str:
    """Return the host of an address without user, port, and Chinese text that goes on right behind it."""
    host = authority.rpartition("@")[2].partition(":")[0]
    return re.sub(rf"(?<=[A-Za-z])[{_CJK}][^.]*$", "", host)


def _named_hosts(text: str) -> Iterator[tuple[str, int]]:
    """Yield hosts and where they stand; in an address only the host itself counts, not what its path quotes."""
    for match in _URL.finditer(text):
        yield _host_of(match[1]), match.start(1)
    for match in _HOST.finditer(prose := _blanked(_URL, text)):
        if not _GLUED.search(prose[max(0, match.start() - 80) : match.start()]):
            yield match.group(), match.start()


def _hosts(text: str) -> Iterator[Mention]:
    for name, at in _named_hosts(text):
        rule = _rule(name)
        if rule and (rule.by == "host" or not _HELP.match(name.lower())):
            yield Mention(rule.provider, rule.by, at)


def _patterns(text: str, client: str) -> Iterator[Mention]:
    prose = _blanked(_DOTTED, _blanked(_URL, text))
    for port in _PORT.finditer(text):
        if one := on_port(int(port[1])):
            yield Mention(one, "port", port.start())
    for one in vendors():
        sources: tuple[tuple[By, tuple[str, ...], str], ...] = (
            ("mark", one.marks, text),
            ("client", one.words, client),
            ("word", one.words, prose),
            ("hint", one.hints, text),
        )
        for by, patterns, where in sources:
            for pattern in patterns if where else ():
                if match := _compiled(pattern).search(where):
                    yield Mention(one, by, match.start())


def mentions(text: str, client: str = "") -> tuple[Mention, ...]:
    """List the vendors that a text names, each once, by what tells it best.

    Args:
        text: The error as it came; its first 20,000 characters are read.
        client: Name of the client, if it is known.

    Returns:
        Mentions, the strongest first: hosts, marks (those of relays before those of vendors), pages,
        the client's name, words, ports, hints; in the order of the text among equals.
    """
    read = text[:READ]
    found = sorted(
        (*_hosts(read), *_patterns(read.lower(), client.lower())),
        key=lambda one: (RANK.index(one.by), one.by == "mark" and one.provider.kind not in OUTER, one.at),
    )
    first = {one.provider.name: one for one in reversed(found)}
    return tuple(one for one in found if first[one.provider.name] is one)


def named_in(text: str, client: str = "") -> Provider | None:
    """Return who speaks in a text: hosts decide before marks, marks before words; a hint alone names nobody."""
    found = [one for one in mentions(text, client) if one.by != "hint"]
    return found[0].provider if found else None
