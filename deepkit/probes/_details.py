"""What a text says that is worth saying back: how long to wait, until when, which limit, which model, which field."""

import re
from datetime import UTC, datetime
from typing import Any

_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_WAIT = re.compile(
    r"(?:retry[-_ ]?after(?:[-_ ]ms)?|try again (?:in|after)|retry (?:in|after)|retrying in|wait(?: for)?|"
    r"reset(?:s)? (?:in|after)|"
    r"please (?:wait|retry)|через|dentro de|espere|等待|请在|稍等)\W{1,4}(?:about |at least )?"
    r"(?P<n>\d{1,7}(?:\.\d{1,6})?)\s?(?P<u>ms|milliseconds?|s\b|secs?|seconds?|m\b|mins?|minutes?|h\b|hours?|"
    r"d\b|days?|秒|分钟?|小时|天|секунд|минут|час|segundos|minutos|horas)?",
    re.IGNORECASE,
)
_CLOCKED = re.compile(
    r"(?:try again in|retry in|reset(?:s)? (?:in|"
    r"after)) (?:(?P<h>\d{1,3})h)?(?:(?P<m>\d{1,3})m)?(?P<s>\d{1,3}(?:\.\d+)?)s\b"
)
_UNITS = (
    ("ms", ("ms", "millisecond")), ("s", ("s", "sec", "秒", "секунд", "segundo")),
    ("m", ("m", "min", "分", "минут", "minuto")), ("h", ("h", "hour", "小时", "час", "hora")),
    ("d", ("d", "day", "天")),
)  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan enero janeiro janvier januar января", "february feb febrero fevereiro février februar февраля",
            "march mar marzo março mars märz марта", "april apr abril avril апреля", "may mayo maio mai мая",
            "june jun junio junho juin juni июня", "july jul julio julho juillet juli июля",
            "august aug agosto août августа", "september sep sept septiembre setembro septembre сентября",
            "october oct octubre outubro octobre oktober октября", "november nov noviembre novembro novembre ноября",
            "december dec diciembre dezembro décembre dezember декабря",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_NAMED_DAY = re.compile(
    r"\b(?P<m>[^\W\d]{3,10})\.? (?P<d>\d{1,2})(?:st|nd|rd|th)?,? (?P<y>20\d\d)\b|"
    r"\b(?P<d2>\d{1,2})(?:\.|º|er)? (?:de |d')?(?P<m2>[^\W\d]{3,10})\.?(?: de)? (?P<y2>20\d\d)\b",
    re.IGNORECASE,
)
_NUMBER_DAY = re.compile(
    r"(?P<y>20\d\d)\s?(?:年|[-/.])\s?(?P<m>\d{1,2})\s?(?:月|[-/.])\s?(?P<d>\d{1,2})|"
    r"\b(?P<d2>\d{1,2})\.(?P<m2>\d{1,2})\.(?P<y2>20\d\d)\b"
)
_UNTIL = re.compile(
    r"\b(?:until|till|up to)\b|禁言至|封禁至|直到|[到至](?=\s?20\d\d)|\bдо\b|\bhasta\b|\bbis\b|\baté\b|jusqu|まで|"
    r"mute_until|suspend|volver a|банит|заблокирован|a partir del",
    re.IGNORECASE,
)
_MUTE = re.compile(r"mute_until[\"']?\s*[:=]\s*(?P<at>\d{10})\b")
_LIMIT = (
    re.compile(
        r"(?:limit(?: of)?|maximum(?: context length)?(?: is| of)?|上限(?:为|是)?|"
        r"最大)\W{0,4}(?P<limit>\d[\d,]{0,11})(?P<rest>.{0,80})",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<asked>\d[\d,]{2,11})\s*(?:tokens?)?.{0,30}?(?:>|exceeds?|greater than|larger than|over|"
        r"超过)\D{0,40}(?P<limit>\d[\d,]{2,11})",
        re.IGNORECASE,
    ),
    re.compile(r"valid range of \w+ is \[\s*\d+\s*,\s*(?P<limit>\d{1,9})\s*\]", re.IGNORECASE),
    re.compile(r"only (?:read|afford)\D{0,20}(?P<limit>\d{1,9})", re.IGNORECASE),
)
_ASKED = re.compile(
    r"(?:requested?(?: about| up to)?|used|asked for|resulted in|current(?: concurrency)?(?: is)?|"
    r"请求)\W{0,4}(?P<asked>\d[\d,]{0,11})",
    re.IGNORECASE,
)
_MODEL = re.compile(
    r"(?:\bmodel(?:_?name|_?id)?|模型)[\"'`]?\s*(?:is|named|not exist|"
    r"[:=(])?\s*[:=(]?\s*[\"'`]?(?P<a>[A-Za-z][\w./:@-]{2,80}?\d?[\w./:@-]*)|(?P<b>\bdeepseek[-/][\w.:/-]{1,60})",
    re.IGNORECASE,
)
_NO_MODEL = frozenset(
    [
        "is",
        "not",
        "does",
        "the",
        "name",
        "does",
        "server",
        "provider",
        "error",
        "exist",
        "info",
        "response",
        "code",
        "output",
        "client",
        "model",
        "call",
        "length",
    ]
)
_FIELD = (
    re.compile(r"(?P<f>messages?\[\d+\](?:\.\w+(?:\[\d+\])?){0,4})"),
    re.compile(r"(?:missing|unknown|unrecognized|invalid|unsupported|unexpected)(?: field| parameter| argument|"
        r" keyword argument)?s?[: ]{1,2}[`'\"](?P<f>\w{2,40})[`'\"]", re.IGNORECASE),
    re.compile(r"[`'\"]param[`'\"]\s*:\s*[`'\"](?P<f>[\w.\[\]]{2,60})[`'\"]"),
    re.compile(r"\b(?P<f>max_(?:completion_)?tokens|temperature|top_p|response_format|tool_choice|"
        r"reasoning_content|reasoning_effort|tool_call_id)\b"),
)  # fmt: skip


def details(line: str) -> dict[str, Any]:
    """Read the particulars of an error.

    Args:
        line: Redacted text on one line.

    Returns:
        Those of `wait_s` (seconds), `until` (ISO date, with the minute where it is given), `limit` and `asked`
        (counts), `model` and `field` that the text gives.
    """
    read = line[:20_000]
    found = {
        "wait_s": _wait(read),
        "until": _until(read),
        **_limits(read),
        "model": _model(read),
        "field": _field(read),
    }
    return {name: value for name, value in found.items() if value is not None}


def _wait(line: str) -> float | None:
    clocked = _CLOCKED.search(line)
    if clocked and (clocked["h"] or clocked["m"]):
        return int(clocked["h"] or 0) * 3600 + int(clocked["m"] or 0) * 60 + float(clocked["s"])
    for match in _WAIT.finditer(line):
        unit = (match["u"] or "").lower()
        if not unit and "retry" not in match[0].lower():
            continue
        if not unit and "ms" in match[0].lower():
            unit = "ms"
        scale = next((name for name, starts in reversed(_UNITS) if unit and _is(unit, starts)), "s")
        return float(match["n"]) * _UNIT[scale]
    return None


def _is(unit: str, starts: tuple[str, ...]) -> bool:
    return any(
        unit == one or (len(one) > 1 and unit.startswith(one)) or (ord(one[0]) > 127 and unit.startswith(one))
        for one in starts
    )


def _until(line: str) -> str | None:
    muted = _MUTE.search(line)
    if muted:
        return f"{datetime.fromtimestamp(int(muted['at']), UTC):%Y-%m-%dT%H:%MZ}"
    if not _UNTIL.search(line):
        return None
    for match in _NUMBER_DAY.finditer(line):
        day = _day(match["y"] or match["y2"], match["m"] or match["m2"], match["d"] or match["d2"])
        if day and _UNTIL.search(line[max(0, match.start() - 80) : match.end() + 12]):
            return day + _minute(line[match.end() :])
    for match in _NAMED_DAY.finditer(line):
        month = _MONTHS.get((match["m"] or match["m2"]).lower())
        day = _day(match["y"] or match["y2"], month, match["d"] or match["d2"]) if month else None
        if day:
            return day + _minute(line[match.end() :])
    return None


def _day(year: str, month: str | int, day: str) -> str | None:
    return (
        f"{year}-{int(month):02d}-{int(day):02d}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else None
    )


def _minute(rest: str) -> str:
    found = re.match(r"\W{0,3}(?:日\s?)?(?:at |um |a las |в |à |às )?(\d{1,2}):(\d\d)\b", rest)
    return f"T{int(found[1]):02d}:{found[2]}" if found and int(found[1]) < 24 else ""


def _number(digits: str | None) -> int | None:
    return int(digits.replace(",", "")) if digits and digits.replace(",", "") else None


def _limits(line: str) -> dict[str, int | None]:
    for pattern in _LIMIT:
        match = pattern.search(line)
        if match:
            parts = match.groupdict()
            asked = parts.get("asked")
            if asked is None and (near := _ASKED.search(line)):
                asked = near["asked"]
            return {"limit": _number(parts["limit"]), "asked": _number(asked)}
    return {}


def _model(line: str) -> str | None:
    for match in _MODEL.finditer(line):
        name = (match["a"] or match["b"]).rstrip(".,:")
        if name.lower() not in _NO_MODEL and re.search(r"[\d/-]", name):
            return name[:80]
    return None


def _field(line: str) -> str | None:
    return next((match["f"] for pattern in _FIELD if (match := pattern.search(line))), None)
