"""A log taken apart: which of its entries is the error that stopped the work.

A log holds warnings of the start, telemetry that a blocker stopped, errors that a second try
cured, and the one that ended it. The last error that is not cured counts; where a relay tried
one after the other and all failed, the one asked first.
"""

import re
from dataclasses import dataclass

_STAMP = r"(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ,]+\d\d:\d\d|\[?\d\d:\d\d:\d\d\b|time=\S)"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|ERR|FATAL|CRIT(?:ICAL)?|SEVERE|PANIC)"
_STARTS = re.compile(
    rf"^\W{{0,2}}(?:[\w./-]{{1,30}}\s*[|\]:]\s*)?(?:{_STAMP}|\[?{_LEVEL}\b|level=\w)|"
    rf"^[^\s{{]{{0,40}} {{0,4}}\[?{_LEVEL}\]?[ :]"
    r"|^(?:GET|POST|PUT|PATCH|OPTIONS) https?://|^\[(?:Violation|Deprecation|Intervention|Report Only)\]"
    r"|^(?:Uncaught|Access to (?:fetch|XMLHttpRequest|script)|Failed to load resource|The resource https?://)"
    r"|^Refused to |^\[\w[\w -]{0,20}\] +\S+ +(?:\d{3}\b|connect\b|timeout\b|ok\b)"
)
_CALM = re.compile(r"\b(?:TRACE|DEBUG|INFO|NOTICE)\b|level=(?:info|debug|trace)")
_WARNS = re.compile(r"\b(?:WARN(?:ING)?)\b|level=warn")
_CURED = re.compile(
    r"\b(?:ok|OK|succeeded|success(?:ful|fully)?|recovered|reconnected|resumed|healthy|connected)\b|"
    r"\b20[0-4]\b(?! ?(?:ms|s\b))|"
    r"(?<![不未])成功|已连接|已恢复|恢复正常|успешно|восстановлен"
)
_NOISE = re.compile(
    r"preloaded using link preload|^\[Violation\]|^\[Deprecation\]|Download the React DevTools|source ?map|favicon|"
    r"DeprecationWarning|UserWarning|FutureWarning|The play\(\) request was interrupted|ResizeObserver loop|"
    r"\.volces\.com|/api/v\d/events\b|monitor_web|/(?:collect|telemetry|analytics|beacon|track)\b|"
    r"\b(?:telemetry|posthog|"
    r"sentry|datadog|segment\.io|statsig|langsmith|langfuse|google-analytics|googletagmanager|hotjar|amplitude)\b|"
    r"raw\.githubusercontent\.com|model_prices|(?:check(?:ing)?|look(?:ing)?) for updates|update check|gstatic|"
    r"fonts\.g",
    re.IGNORECASE,
)
"""What a page or a program complains of without its work being stopped: measuring, updates, fonts, warnings."""
_FAILS = re.compile(
    r"error|exception|fail|refus|denied|reset|time ?d? ?-?out|unavailable|too busy|too many|insufficient|"
    r"invalid|aborted|"
    r"\b[45]\d\d\b|E[A-Z]{5,}|错误|失败|超时|繁忙|不足|异常|拒绝|ошибк|эрро|エラー|失敗",
    re.IGNORECASE,
)
_ALL_FAILED = re.compile(
    r"\ball (?:\d+ |the |of the )?(?:\w+ ){0,2}(?:failed|down|exhausted|unavailable)|no (?:more )?fallbacks?\b|"
    r"fallbacks? (?:are |were )?exhausted|(?:全部|所有|均)[^。]{0,10}(?:失败|不可用)",
    re.IGNORECASE,
)
_BARE = re.compile(r"^\d{3} [A-Z]")
MOST = 400
"""Entries that are looked at; of more the last ones count."""
OTHERS, EXCERPT = 4, 160


@dataclass(frozen=True, slots=True)
class Parts:
    """The entry that stopped the work, and short excerpts of the other errors."""

    decisive: str
    others: tuple[str, ...]


def take_apart(text: str) -> Parts | None:
    """Find the entry of a log that stopped the work.

    Args:
        text: Unwrapped text with its lines.

    Returns:
        The parts; None where the text is no log, or where its entries hold at most one error and no noise.
    """
    entries = _entries(text)
    if len(entries) < 2:
        return None
    noise = [one for one in entries if _NOISE.search(one[:300])]
    wrong = [at for at, one in enumerate(entries) if one not in noise and _is_wrong(one)]
    if not wrong or (len(wrong) == 1 and len(noise) + 1 >= len(entries) and not noise):
        return None
    chosen = _chosen(entries, wrong)
    others = [entries[at] for at in wrong if at != chosen and not _same(entries[at], entries[chosen])]
    return Parts(entries[chosen], tuple(re.sub(r"\s+", " ", one)[:EXCERPT] for one in others[-OTHERS:]))


def _entries(text: str) -> list[str]:
    """Split at lines that begin an entry; what stands between belongs to the entry above."""
    lines = [line for line in text.splitlines() if line.strip()]
    starts = [bool(_STARTS.search(line[:200])) for line in lines]
    if sum(starts) < 2:
        return []
    entries: list[str] = []
    for line, begins in zip(lines[-4 * MOST :], starts[-4 * MOST :], strict=True):
        alone = bool(entries) and bool(_NOISE.search(entries[-1][:300])) and not line[0].isspace()
        if begins or not entries or alone or _BARE.search(line):
            entries.append(line)
        else:
            entries[-1] += "\n" + line
    return entries[-MOST:]


def _is_wrong(entry: str) -> bool:
    first = entry[:600]
    failed = bool(_FAILS.search(first))
    if _CALM.search(first[:80]) and not re.search(r"\b[45]\d\d\b|(?i:exception|error:)", first):
        return False
    return failed and not (_CURED.search(first) and not re.search(r"\b[45]\d\d\b|(?i:error)", first))


def _chosen(entries: list[str], wrong: list[int]) -> int:
    if any(_ALL_FAILED.search(entries[at][:300]) for at in range(wrong[0], len(entries))):
        cured = [at for at in range(wrong[-1]) if _CURED.search(entries[at][:300]) and at not in wrong]
        chain = [at for at in wrong if at > (cured[-1] if cured else -1)]
        return chain[0] if chain else wrong[-1]
    grave = [at for at in wrong if not _WARNS.search(entries[at][:80])]
    return _concrete(entries, grave) if grave else _concrete(entries, wrong)


def _concrete(entries: list[str], among: list[int]) -> int:
    """Return the last one that says what it was: a status, an errno, an exception; "giving up" says nothing."""
    said = [
        at
        for at in among
        if re.search(r"\b[45]\d\d\b|\b\w+(?:Error|Exception)\b|\bE[A-Z]{5,}\b|: \S", entries[at])
    ]
    named = [
        at for at in said if re.search(r"\b[45]\d\d\b|\b\w+(?:Error|Exception)\b|\bE[A-Z]{5,}\b", entries[at])
    ]
    return (named or said or among)[-1]


def _same(one: str, other: str) -> bool:
    """Whether two entries differ in numbers alone: the same error again."""
    plain = [re.sub(r"\W*\d[\d.:,-]*", "#", entry)[:120] for entry in (one, other)]
    return plain[0] == plain[1]
