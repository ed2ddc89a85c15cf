"""Secrets and private names out of any text, with the list of what was removed.

Secrets (keys, logins, cookies) are replaced by `[removed:<rule>]`. Names that a reader
must be able to follow (addresses, hosts, users) become numbered stand-ins (`ip-1`,
`host-2`, `user-1`) that stay the same throughout one Redactor, so that "the second
address was slow" survives. Loopback addresses say nothing about anybody and are kept.

The shapes of keys follow the providers' own documents and the published rule sets of
secret scanners; partly masked keys follow DeepSeek's 401 message (`Your api key: ****1234`).
A secret is also found in base64, behind percent signs or JSON's escapes, and broken over lines.
"""

import contextlib
import getpass
import ipaddress
import platform
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from deepkit.redaction._encoded import ESCAPED, PACKED, readings

SECRET = frozenset(("header", "login", "jwt", "field", "bearer", "key"))
"""Rules for what nobody may see; the others hide names."""
PASSES = 4
"""Most passes over one text; a second pass is needed when one removal uncovers another."""

_Q = r"""(?:\\{0,4}["']|&quot;|&\#(?:34|39|x27);)"""  # a quote: plain, escaped in JSON, or escaped in HTML
_VALUE = rf"(?P<q>{_Q})(?P<v>(?:(?!(?P=q))(?:\\.|[^\\\n])){{1,8192}})(?P=q)"
_PRIVATE_FIELDS = (
    r"x-api-key|api[_-]?keys?|apikey|passw(?:or)?d|passphrase|secret|client[_-]?secret|private[_-]?key|"
    r"(?:access|refresh|auth|id|user|session|csrf|bearer)[_-]?token|token|session[_-]?id|sessionid|cf_clearance"
)
_HEADERS = r"(?:proxy-)?authorization|(?:set-)?cookie2?|x-api-key|api-key|x-auth-token|x-goog-api-key"
_STAND_IN = re.compile(r"\b(ip|host|user|email|mac)-(\d{1,6})\b")
_DONE = r"(?!\[removed:)"

_BREAK = r"(?:[ \t]*\r?\n[ \t]*)"
_KEYS = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?|"
    rf"(?<![A-Za-z0-9])sk-(?:[0-9a-f]{_BREAK}?){{31}}[0-9a-f](?![0-9a-f])|"  # DeepSeek's own, perhaps broken over lines
    r"(?<![A-Za-z0-9])(?:"
    r"(?:sk|rk|pk|csk|xai|pplx|nvapi|tp|tvly)-(?=[\w-]{0,64}\d|[\w-]{20})[\w-]{8,}"
    r"|(?:sk|xai|pplx)-\w{2,}(?:\*{3,}|\.{3}|…)\w{2,}"
    r"|(?:gsk|hf|r8|fw|tgp_v1|ghp|gho|github_pat|glpat|key)[_-](?=[\w-]{0,64}\d)[\w-]{20,}"
    r"|AIza[\w-]{30,}|A[KS]IA[0-9A-Z]{16}|[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![A-Za-z0-9])"
    r")"
)
_V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_PRIVATE = r"(?:local|lan|internal|intranet|corp|localdomain|home\.arpa|home|private)"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text that is safe to share, and what was removed from it.

    Args:
        text: The text with stand-ins.
        removed: Pairs of rule and count, most frequent first.
    """

    text: str
    removed: tuple[tuple[str, int], ...]


def local_names() -> tuple[str, ...]:
    """Return this machine's host name and user name, where they would tell something.

    Returns:
        Names of four characters or more that are no common account or machine name.
    """
    found: list[str] = []
    with contextlib.suppress(
        OSError, KeyError, ImportError
    ):  # no entry in the password file: nothing to hide
        found.append(getpass.getuser())
    found += {platform.node(), platform.node().split(".")[0]} - {""}
    common = {"root", "user", "admin", "ubuntu", "debian", "runner", "jovyan", "localhost", "administrator"}
    return tuple(sorted(name for name in set(found) if len(name) >= 4 and name.lower() not in common))


class Redactor:
    """Redacts many texts of one report with one numbering.

    Args:
        names: Host and user names to remove wherever they stand alone; see `local_names`.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._numbers: dict[tuple[str, str], int] = {}
        self._last: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._rules = list(self._all_rules())
        self._named = False
        given = sorted(
            {name for name in names if name and not _STAND_IN.fullmatch(name)}, key=len, reverse=True
        )
        if given:
            self._named = True
            pattern = r"(?<![\w.-])(?:" + "|".join(map(re.escape, given)) + r")(?![\w-])"
            self._rules.append(
                ("name", re.compile(pattern, re.IGNORECASE), lambda m: self._stand_in("host", m[0]))
            )

    @property
    def removed(self) -> tuple[tuple[str, int], ...]:
        """What was removed so far: pairs of rule and count, most frequent first."""
        return _listed(self._counts)

    def redact(self, text: str) -> Redacted:
        """Return the text without secrets and private names; doing it twice changes nothing more."""
        if text in _PLAIN and not self._named:
            return Redacted(text, ())
        used = _STAND_IN.findall(text)
        for kind, number in used:
            self._last[kind] = max(self._last[kind], int(number))  # never hand out a number that is in use
        here: Counter[str] = Counter()
        for _ in range(PASSES):
            before = text
            for rule, pattern, replace in self._rules:
                text = self._applied(rule, pattern, replace, text, here)
            if text == before:
                break
        if not here and not used and not self._named and len(text) < 400:
            _remember(text)
        self._counts += here
        return Redacted(text, _listed(here))

    def redact_tree(self, value: Any, key: str = "") -> Any:
        """Return a JSON value with every string redacted and every secret field emptied.

        Args:
            value: Objects, lists, strings, numbers, booleans, None.
            key: Name of the field that holds the value.

        Returns:
            A new value of the same shape; tuples become lists.
        """
        if isinstance(value, str):
            return self._field(value) if _secret_field(key) else self.redact(value).text
        if isinstance(value, Mapping):
            return self._object(value, key)
        if isinstance(value, list | tuple):
            return [self.redact_tree(item, key) for item in value]
        return value

    def _object(self, value: Mapping[Any, Any], key: str) -> dict[Any, Any]:
        jar, name = key.lower() in {"cookies", "cookie"}, value.get("name")
        named = (
            str(name) if isinstance(name, str) and _secret_field(name) else ""
        )  # a HAR's {"name", "value"}
        clean: dict[Any, Any] = {}
        for field, item in value.items():
            label = str(field)
            if jar and not (label != "value" and isinstance(name, str)):
                label = "cookie"
            elif named and label == "value":
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

    def _applied(
        self,
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

    def _stand_in(self, kind: str, value: str) -> str:
        spelled = (kind, value.lower())
        if spelled not in self._numbers:
            self._last[kind] += 1
            self._numbers[spelled] = self._last[kind]
        return f"{kind}-{self._numbers[spelled]}"

    def _all_rules(self) -> Iterable[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]]:
        """Yield (rule, pattern, replacement) in the order in which they apply; a rule's id never changes."""
        flags = re.IGNORECASE | re.MULTILINE

        def gone(rule: str) -> Callable[[re.Match[str]], str]:
            return lambda m: f"{m['a'] if 'a' in m.re.groupindex else ''}[removed:{rule}]"

        def quoted(rule: str) -> Callable[[re.Match[str]], str]:
            return lambda m: m[0] if _empty(m["v"]) else f"{m['a']}{m['q']}[removed:{rule}]{m['q']}"

        yield (
            "header",
            re.compile(rf"(?P<a>{_Q}(?:{_HEADERS}){_Q}\s*[:=,]\s*){_VALUE}", flags),
            quoted("header"),
        )
        yield (
            "header",
            re.compile(
                rf"(?P<a>^[ \t<>*]{{0,20}}(?:set-)?cookie2?:\s*){_DONE}[^\s=;]{{1,256}}=[^\r\n]*", flags
            ),
            gone("header"),
        )
        yield (
            "header",
            re.compile(
                rf"(?P<a>(?:set-)?cookie2?:\s*){_DONE}[^\s=;<\"']{{1,256}}=(?:(?!\\[rn])[^\r\n<\"'])*", flags
            ),
            gone("header"),
        )
        yield (
            "header",
            re.compile(
                rf"(?P<a>(?:{_HEADERS}):\s*)(?:(?:bearer|basic|digest|token|negotiate|ntlm)\s+)?{_DONE}[\w.~+/=:-]{{8,}}",
                flags,
            ),
            gone("header"),
        )
        yield (
            "login",
            re.compile(
                rf"(?P<a>(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{{0,20}}://){_DONE}[^\s/\"'<>?#\\]{{1,512}}(?=@)",
                flags,
            ),
            gone("login"),
        )
        part = rf"[\w-]{{8,}}+(?:{_BREAK}[\w-]++)*+"  # perhaps broken over lines
        dot = rf"{_BREAK}?\.{_BREAK}?"
        last = rf"[\w-]*+(?:{_BREAK}[\w-]{{16,}}+(?=[\s\"']|$))*+"
        yield "jwt", re.compile(rf"(?<![\w-])eyJ{part}{dot}{part}{dot}{last}", flags), gone("jwt")
        yield (
            "field",
            re.compile(rf"(?P<a>{_Q}(?:{_PRIVATE_FIELDS}){_Q}\s*[:=]\s*){_VALUE}", flags),
            quoted("field"),
        )
        yield "field", re.compile(rf"(?P<a>\b(?:{_PRIVATE_FIELDS})\s*=\s*){_VALUE}", flags), quoted("field")
        code = r"(?!os\.|self\.|getenv|environ|none\b|null\b|true\b|false\b|Secret\(|[$%{<\[(])"
        yield (
            "field",
            re.compile(
                r"(?P<a>(?:\b(?:[A-Z0-9]+_)*(?:API_?KEY|TOKEN|SECRET|PASSWORD|ACCESS_KEY)\s*=\s*"
                r"|[?&;](?i:api[_-]?key|key|token|access_token|sig|signature|password|secret)="
                r"|(?i:\b(?:api_?key|passw(?:or)?d|secret|(?:access|refresh)_token)\s*=\s*)"
                rf"|(?i:--(?:api-key|password|token)[ =])))(?i:{code})[^\s\"'&,;)<>\\]{{4,}}"
            ),
            gone("field"),
        )
        form = r"(?=[\w.~+/-]{0,64}\d|[\w.~+/-]{24})[\w.~+/-]{8,}+=*+(?!:)"  # a colon follows in times, not in tokens
        bearer = rf"(?P<a>\bbearer\s+){_DONE}(?!v?[\d.:]+(?![\w~+/-])){form}"
        yield "bearer", re.compile(bearer, flags), gone("bearer")
        yield "key", re.compile(_KEYS), gone("key")
        yield "encoded", re.compile(ESCAPED), self._encoded
        yield "encoded", re.compile(PACKED), self._encoded
        yield (
            "key",
            re.compile(r"(?<!\*)\*{4,64}+[\w-]{5,200}+(?!\*)"),
            lambda m: "****" + m[0][-4:],
        )
        yield (
            "email",
            re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\b", re.IGNORECASE),
            (lambda m: self._stand_in("email", m[0])),
        )
        yield from self._name_rules()

    def _name_rules(self) -> Iterable[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]]]:
        keep_user = r"(?!user-\d+\b|(?:shared|public|default)\b)"

        def user(match: re.Match[str]) -> str:
            return f"{match['a']}{self._stand_in('user', match['u'])}"

        def host(match: re.Match[str]) -> str:
            name = match["h"]
            placeholder = (
                name.isupper() or name.lower() == "localhost"
            )  # HOST in "http://HOST:PORT" is nobody's
            if placeholder or _STAND_IN.fullmatch(name) or re.fullmatch(_V4, name):
                return match[0]
            return f"{match['a']}{self._stand_in('host', name)}"

        folder = r"(?P<a>(?:(?<![\w.])/(?:home|users)/|[a-z]:(?:\\+|/)users(?:\\+|/)))"
        home = rf"{folder}{keep_user}(?P<u>[^\s/\\\"'<>:|?*&;,)]+)"
        yield "home", re.compile(home, re.IGNORECASE), user
        prompt = rf"(?P<a>){keep_user}(?<![\w.@-])(?P<u>[a-z_][\w-]{{0,31}})@(?P<h>[a-z0-9][\w.-]{{0,62}})(?=:[~/])"
        yield (
            "home",
            re.compile(prompt, re.IGNORECASE),
            lambda m: f"{user(m)}@{self._stand_in('host', m['h'])}",
        )
        proxy = rf"(?P<a>\b(?:https?|all|ftp)_proxy{_Q}?\s*[=:]\s*{_Q}?(?:\w+://)?(?:[^@/\s]{{0,256}}@)?)(?P<h>[a-z][\w.-]*\w)"
        yield "host", re.compile(proxy, re.IGNORECASE), host
        yield (
            "host",
            re.compile(
                r"(?P<a>\b(?:https?|wss?|socks\w*|ftps?|ssh|git|ldaps?|smb|redis|amqp|mysql|postgres\w*)://(?:[^\s/@]{0,256}@)?)(?P<h>[a-z][\w-]*)(?=[:/?#\s\"'<)]|$)",
                re.IGNORECASE | re.MULTILINE,
            ),
            host,
        )
        inner = (
            rf"(?P<a>(?<![\w.-]))(?!(?:threading|asyncio|self|cls|path|os|np|pathlib)\.)"
            rf"(?P<h>(?:[a-z0-9][\w-]{{0,62}}\.){{1,8}}{_PRIVATE})(?![\w(=-]|\.\w)"
        )
        yield "host", re.compile(inner, re.IGNORECASE), host
        yield (
            "mac",
            re.compile(r"(?<![\w:-])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![\w:-])", re.IGNORECASE),
            (lambda m: self._stand_in("mac", m[0].replace("-", ":"))),
        )
        yield (
            "ip",
            re.compile(r"(?<![\w:.])(?=[0-9a-f]*:[0-9a-f:.]*:)[0-9a-f:.]{3,45}(?:%\w+)?", re.IGNORECASE),
            self._ip,
        )
        version = r"(?<![\w.])(?<!==)(?<!>=)(?<!<=)(?<!~=)(?<!version )(?<!version=)(?<!\w/)"
        yield "ip", re.compile(rf"{version}{_V4}(?!\.?\d|[-+]?[a-z_])", re.IGNORECASE), self._ip
        # A product token such as Chrome/1.2.3.4 is a version, host/10.0.0.1 as Java prints it is an address.
        yield "ip", re.compile(rf"(?<=\w/){_V4}(?=:\d)", re.IGNORECASE), self._ip

    def _encoded(self, match: re.Match[str]) -> str:
        """Remove a run that is a secret once decoded."""
        for text in readings(match[0]):
            for rule, pattern, replace in self._rules:
                if rule in SECRET and any(replace(one) != one[0] for one in pattern.finditer(text)):
                    return "[removed:encoded]"
        return match[0]

    def _ip(self, match: re.Match[str]) -> str:
        text = match[0].rstrip(".:") if not match[0].endswith("::") else match[0]
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return match[0]
        mapped = getattr(address, "ipv4_mapped", None) or address
        mask = text.startswith("255.")
        word = address.version == 6 and not any(sign.isdigit() for sign in text)  # C++'s a::b
        if mapped.is_loopback or mapped.is_unspecified or mask or word:
            return match[0]
        return self._stand_in("ip", str(address)) + match[0][len(text) :]


_PLAIN: set[str] = set()
"""Sentences in which nothing was found; a check-up says the same ones again and again."""


def _remember(text: str) -> None:
    if len(_PLAIN) >= 4096:
        _PLAIN.clear()
    _PLAIN.add(text)


def _empty(value: str) -> bool:
    """Tell whether a secret field holds nothing secret: blank, a mask, or a removal already made."""
    return (
        value.startswith("[removed:")
        or not value.strip(" *.•…xX")
        or value.lower() in {"none", "null", "secret('***')"}
    )


def _secret_field(name: str) -> bool:
    return re.fullmatch(rf"(?:\w+[_-])?(?:{_PRIVATE_FIELDS}|{_HEADERS})", name, re.IGNORECASE) is not None


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
