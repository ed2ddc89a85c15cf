"""One redactor a report: known values first, then labels, then shapes, then names."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from deepkit.redaction._encoded import ESCAPED, PACKED, readings
from deepkit.redaction.known import Known, local_names, process_known
from deepkit.redaction.labels import is_label, labelled
from deepkit.redaction.names import RULES as NAME_RULES
from deepkit.redaction.names import STAND_IN, Replace, StandIn
from deepkit.redaction.tokens import is_id_field, published, unlabelled

PASSES = 4
"""Most passes over one text; a second pass is needed when one removal uncovers another."""
_Q = r"""(?:\\{0,4}["']|&quot;|&\#(?:34|39|x27);)"""
_HEADERS = (
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-api-key|api-key|x-auth-token|x-goog-api-key|private-token|"
    r"ocp-apim-subscription-key|x-amz-security-token|x-csrf-token|x-xsrf-token"
)
_DONE = r"(?!\[removed:)"
_BREAK = r"(?:[ \t]*\r?\n[ \t]*)"
_FOLD = r"(?:\r?\n[ \t]+[^\s:]+(?=[ \t]*(?:\r?\n|$)))*"
_PART = rf"[\w-]{{8,}}+(?:{_BREAK}[\w-]++)*+"  # perhaps broken over lines
_DOT = rf"{_BREAK}?\.{_BREAK}?"
_LAST = rf"[\w-]*+(?:{_BREAK}[\w-]{{16,}}+(?=[\s\"']|$))*+"
_FORM = (
    r"(?=[\w.~+/-]{0,64}\d|[\w.~+/-]{24})[\w.~+/-]{8,}+=*+(?!:)"  # a colon follows in times, not in tokens
)
_FLAGS = re.IGNORECASE | re.MULTILINE
_COOKIE = r"(?:set-)?cookie2?:[ \t]*"
_SCHEME = r"(?:(?:bearer|basic|digest|token|negotiate|ntlm)[ \t]+)?"
_PRIVATE_KEY = r"[A-Z ]{0,30}PRIVATE KEY-----"
_BRANDS = r"(?:sk|rk|pk|csk|xai|pplx|nvapi|tvly)-(?=[\w-]{0,64}\d|[\w-]{20})(?!(?:your|xxx))[\w-]{8,}"
_PATTERNS = tuple(
    (rule, mark, re.compile(pattern, flags))
    for rule, mark, pattern, flags in (
        ("header", "cookie", rf"(?P<a>^[ \t<>*]{{0,20}}{_COOKIE}){_DONE}[^\s=;]{{1,256}}=[^\r\n]*", _FLAGS),
        (
            "header",
            "cookie",
            rf"(?P<a>{_COOKIE}){_DONE}[^\s=;<\"']{{1,256}}=(?:(?!\\[rn])[^\r\n<\"'])*",
            _FLAGS,
        ),
        (
            "header",
            ":",
            rf"(?P<a>(?<![\w-])(?:{_HEADERS}):[ \t]*){_SCHEME}{_DONE}[\w.~+/=:-]{{8,}}{_FOLD}",
            _FLAGS,
        ),
        (
            "login",
            "@",
            rf"(?P<a>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{{0,20}}://){_DONE}[^\s/\"'<>?#\\]{{1,512}}(?=@)",
            _FLAGS,
        ),
        ("jwt", "eyj", rf"(?<![\w-])eyJ{_PART}{_DOT}{_PART}{_DOT}{_LAST}", 0),
        ("bearer", "bearer", rf"(?P<a>\bbearer\s+){_DONE}(?!v?[\d.:]+(?![\w~+/-])){_FORM}", _FLAGS),
        ("key", "private key", rf"-----BEGIN {_PRIVATE_KEY}[^-]{{0,20000}}(?:-----END {_PRIVATE_KEY})?", 0),
        (
            "key",
            "sk-",
            rf"(?<![A-Za-z0-9])sk-(?:[0-9a-f]{_BREAK}?){{31}}[0-9a-f](?![0-9a-f])",
            0,
        ),  # over lines
        (
            "key",
            "-",
            rf"(?<![A-Za-z0-9])(?:{_BRANDS}|(?:sk|xai|pplx)-\w{{2,}}(?:\*{{3,}}|\.{{3}}|…)\w{{2,}})",
            0,
        ),
    )
)
"""Rule, what must stand in the text in lower case, and the pattern, in the order in which they apply."""
_MASKED = re.compile(r"(?<!\*)\*{4,64}+[\w-]{5,200}+(?!\*)")
_ESCAPED, _PACKED = re.compile(ESCAPED), re.compile(PACKED)
_WORDS = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\xff]{12,}")
"""Where a decoded run is text and no noise."""
MOST_RUNS = 4096
"""Runs of which a redactor remembers whether they hold a secret once decoded."""
_ZERO_WIDTH = re.compile(
    r"(?<=[A-Za-z0-9_.-])[\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+(?=[A-Za-z0-9_.-])"
)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that is safe to share, and what was removed from it.

    Args:
        text: The text with stand-ins.
        removed: Pairs of rule and count, most frequent first.
    """

    text: str
    removed: tuple[tuple[str, int], ...]


class Redactor:
    """Redacts many texts of one report with one numbering.

    Args:
        names: Host and user names to remove wherever they stand alone, beside this machine's own.
        secrets: Values to remove in every spelling, beside those that the process knows.
    """

    def __init__(self, names: Iterable[str] = (), secrets: Iterable[str] = ()) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        own = tuple(secrets)
        self._own = (Known(own),) if own else ()
        self._named = tuple(names)
        self.renew()
        self._runs: dict[str, bool] = {}
        given = {name for name in (*self._named, *local_names()) if name and not STAND_IN.fullmatch(name)}
        self._names: re.Pattern[str] | None = None
        if given:
            any_of = "|".join(map(re.escape, sorted(given, key=len, reverse=True)))
            self._names = re.compile(rf"(?<![\w.-])(?:{any_of})(?![\w-])", re.IGNORECASE)

    def renew(self) -> None:
        """Learn what the process got to know since this redactor was made."""
        self._known = (process_known(), *self._own)

    @property
    def removed(self) -> tuple[tuple[str, int], ...]:
        """What was removed so far: pairs of rule and count, most frequent first."""
        return _listed(self._counts)

    def redact(self, text: str, *, is_id: bool = False) -> Redacted:
        """Return the text without secrets and private names; doing it twice changes nothing more.

        Args:
            text: Any text.
            is_id: Whether the field that holds it says that it is an id; then it may look random.
        """
        plain = None if self._own or self._named else _plain(self._known[0])
        if plain is not None and (text, is_id) in plain:
            return Redacted(text, ())
        used = STAND_IN.findall(text)
        for kind, number in used:
            self._last[kind] = max(self._last[kind], int(number))  # never hand out a number that is in use
        here: Counter[str] = Counter()
        for _ in range(PASSES):
            before, text = text, self._pass(text, here, is_id=is_id)
            if text == before:
                break
        if plain is not None and not here and not used and len(text) < 400:
            plain.add((text, is_id))
        self._counts += here
        return Redacted(text, _listed(here))

    def peek(self, text: str) -> str:
        """Return the redacted text as `redact` does, and count nothing."""
        counted = self._counts.copy()
        clean = self.redact(text).text
        self._counts = counted
        return clean

    def _pass(self, text: str, here: Counter[str], *, is_id: bool) -> str:
        text = self._without_known(text, here)
        if not text.isascii() and _ZERO_WIDTH.search(text):
            counted: Counter[str] = Counter()
            joined = _ZERO_WIDTH.sub("", text)
            clean = self._by_shape(joined, counted, is_id=is_id)
            if clean != joined:
                here += counted
                return clean
        return self._by_shape(text, here, is_id=is_id)

    def _without_known(self, text: str, here: Counter[str]) -> str:
        for known in self._known:
            spans = known.spans(text)
            if spans:
                here["known"] += len(spans)
                text = _cut_out(text, ((begin, end, "[removed:known]") for begin, end in spans))
        return text

    def _by_shape(self, text: str, here: Counter[str], *, is_id: bool) -> str:
        low = text.lower()
        for rule, mark, pattern in _PATTERNS:
            if mark in low:
                text = _applied(rule, pattern, _gone(rule), text, here)
        low = text.lower() if len(text.lower()) == len(text) else "".join(s.lower()[:1] for s in text)
        text = self._places(text, labelled(text, low), here)
        text = self._places(text, (("key", span) for span in published(text)), here)
        if "%" in text or "\\u" in text:
            text = _applied("encoded", _ESCAPED, self._encoded, text, here)
        text = _applied("encoded", _PACKED, self._encoded, text, here)
        if not is_id:
            text = self._opaque(text, here)
        if "****" in text:
            text = _applied("key", _MASKED, lambda m: "****" + m[0][-4:], text, here)
        low = text.lower()
        for one in NAME_RULES:
            if one.mark in low:
                text = _applied(
                    one.rule, one.pattern, partial(_named, one.replace, self._stand_in), text, here
                )
        if self._names is not None:
            text = _applied("name", self._names, lambda m: self._stand_in("host", m[0]), text, here)
        return text

    def _places(self, text: str, found: Iterator[tuple[str, tuple[int, int]]], here: Counter[str]) -> str:
        cuts, last = [], 0
        for rule, (begin, end) in sorted(found, key=lambda one: one[1]):
            if begin >= last and not text.startswith("[removed:", begin):
                cuts.append((begin, end, f"[removed:{rule}]"))
                here[rule] += 1
                last = end
        return _cut_out(text, cuts) if cuts else text

    def _opaque(self, text: str, here: Counter[str]) -> str:
        cuts = [(begin, end, self._stand_in("token", text[begin:end])) for begin, end in unlabelled(text)]
        here["token"] += len(cuts)
        return _cut_out(text, cuts) if cuts else text

    def _encoded(self, match: re.Match[str]) -> str:
        """Remove a run that is a secret once decoded."""
        run = match[0]
        if run not in self._runs:
            if len(self._runs) > MOST_RUNS:
                self._runs.clear()
            self._runs[run] = any(
                any(known.spans(text) for known in self._known)
                or any(map(_holds_secret, _WORDS.findall(text)))
                for text in readings(run)
            )
        return "[removed:encoded]" if self._runs[run] else run

    def redact_tree(self, value: Any, key: str = "") -> Any:
        """Return a JSON value with every string redacted and every secret field emptied.

        Args:
            value: Objects, lists, strings, numbers, booleans, None.
            key: Name of the field that holds the value.

        Returns:
            A new value of the same shape; tuples become lists.
        """
        if isinstance(value, str):
            if _secret_field(key):
                return self._field(value)
            return self.redact(value, is_id=is_id_field(key)).text
        if isinstance(value, Mapping):
            return self._object(value, key)
        if isinstance(value, list | tuple):
            return [self.redact_tree(item, key) for item in value]
        return value

    def _object(self, value: Mapping[Any, Any], key: str) -> dict[Any, Any]:
        jar, name = key.lower() in {"cookies", "cookie"}, value.get("name")
        named = str(name) if isinstance(name, str) else ""  # a HAR's {"name", "value"}
        clean: dict[Any, Any] = {}
        for field, item in value.items():
            label = str(field)
            if jar and not (label != "value" and isinstance(name, str)):
                label = "cookie"
            elif named and label == "value" and (_secret_field(named) or is_id_field(named)):
                label = named
            clean[self.redact(field).text if isinstance(field, str) else field] = self.redact_tree(
                item, label
            )
        return clean

    def _field(self, value: str) -> str:
        if not value or _empty(value):
            return value
        self._counts["field"] += 1
        return "[removed:field]"

    def _stand_in(self, kind: str, value: str) -> str:
        spelled = (kind, value.lower() if kind != "token" else value)
        if spelled not in self._numbers:
            self._last[kind] += 1
            self._numbers[spelled] = self._last[kind]
        return f"{kind}-{self._numbers[spelled]}"


_PLAIN: dict[int, tuple[Known, set[tuple[str, bool]]]] = {}


def _plain(known: Known) -> set[tuple[str, bool]]:
    """Return the sentences in which nothing was found; a check-up says the same ones again and again."""
    kept = _PLAIN.get(id(known))
    if kept is None or len(kept[1]) >= 4096:
        _PLAIN.clear()
        kept = _PLAIN[id(known)] = (known, set())
    return kept[1]


def _gone(rule: str) -> Callable[[re.Match[str]], str]:
    return lambda m: f"{m['a'] if 'a' in m.re.groupindex else ''}[removed:{rule}]"


def _named(replace: Replace, stand_in: StandIn, match: re.Match[str]) -> str:
    return replace(match, stand_in)


def _applied(
    rule: str,
    pattern: re.Pattern[str],
    replace: Callable[[re.Match[str]], str],
    text: str,
    here: Counter[str],
) -> str:
    def one(match: re.Match[str]) -> str:
        new = replace(match)
        if new != match[0]:
            here[rule] += 1
        return new

    return pattern.sub(one, text)


def _cut_out(text: str, cuts: Iterable[tuple[int, int, str]]) -> str:
    pieces, last = [], 0
    for begin, end, instead in cuts:
        pieces += [text[last:begin], instead]
        last = end
    return "".join([*pieces, text[last:]])


def _holds_secret(text: str) -> bool:
    """Tell whether a decoded text holds a secret by its label, its prefix or its form."""
    low = text.lower()
    if any(mark in low and pattern.search(text) for _, mark, pattern in _PATTERNS):
        return True
    if next(published(text), None):
        return True
    low = low if len(low) == len(text) else "".join(s.lower()[:1] for s in text)
    return next(labelled(text, low), None) is not None


def _empty(value: str) -> bool:
    """Tell whether a secret field holds nothing secret: blank, a mask, or a removal already made."""
    return (
        value.startswith("[removed:")
        or not value.strip(" *.•…xX")
        or value.lower() in {"none", "null", "secret('***')"}
    )


def _secret_field(name: str) -> bool:
    return re.fullmatch(_HEADERS, name, re.IGNORECASE) is not None or is_label(name)


def _listed(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(((rule, n) for rule, n in counts.items() if n), key=lambda pair: (-pair[1], pair[0])))


def redact(text: str) -> Redacted:
    """Return one text without secrets and private names, and the list of what was removed.

    Args:
        text: Any text: an error, a log, a report.

    Returns:
        The redacted text; redacting it again changes nothing more.
    """
    return Redactor().redact(text)
