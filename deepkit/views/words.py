"""Words of the closed sets, and numbers as people write them."""

from collections.abc import Mapping

CHECKS = {
    "local_net": "this machine's network",
    "dns.system": "name lookup, as this machine does it",
    "dns.servers": "name lookup, each server of this machine",
    "dns.fresh": "name lookup, asked elsewhere",
    "tcp": "connection",
    "tcp.fresh": "connection to the fresh addresses",
    "tls": "encryption and certificate",
    "http": "gateway without a key",
    "key": "your key",
    "balance": "your balance",
    "models": "model names",
    "chat.stream": "a few small questions, streamed",
    "chat.plain": "a small question, not streamed",
    "conversation": "your conversation",
    "web": "the chat page",
    "status": "the provider's status page",
    "routes": "other routes",
    "alternatives": "other providers",
    "proxy": "proxy settings",
    "local": "model servers on this machine",
    "path": "quality of the line",
    "text": "the pasted error",
    "har": "the HAR file",
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "ok": ("well", "good"),
    "fault": ("fault", "bad"),
    "partial": ("partly well", "warn"),
    "not_checked": ("not checked", "quiet"),
    "check_failed": ("check broke", "warn"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "SHOWN": ("proven", "info"),
    "LIKELY": ("likely", "warn"),
    "POSSIBLE": ("possible", "quiet"),
    "INSUFFICIENT": ("not enough evidence", "quiet"),
    "RULED_OUT": ("ruled out", "quiet"),
}
FITS: Mapping[str, tuple[str, str]] = {
    "yes": ("fits", "good"),
    "no": ("does not fit", "quiet"),
    "cannot_tell": ("not enough evidence", "quiet"),
}
EFFECTS: Mapping[str, tuple[str, str]] = {
    "helped": ("helped", "good"),
    "worse": ("made it worse", "bad"),
    "no_difference": ("no difference", "quiet"),
    "inconclusive": ("not certain yet", "warn"),
}
CLAIMS: Mapping[str, tuple[str, str]] = {
    "holds": ("true", "good"),
    "holds_in_part": ("true in part", "info"),
    "outdated": ("outdated", "warn"),
    "contradicted": ("false", "bad"),
    "cannot_be_told": ("unproven", "quiet"),
}
SYSTEMS = {
    "windows": "Windows", "macos": "macOS", "linux": "Linux",
    "chrome": "Chrome", "edge": "Edge", "firefox": "Firefox", "safari": "Safari",
}  # fmt: skip
LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "first": "Do this first", "then": "Then", "sure": "To be sure", "why": "What shows it", "send": "Send this",
        "ticket": "Ticket, to copy into a mail or an issue", "how": "How", "reasons": "All reasons",
        "practice": "Practice: a simulation on your own computer. Nothing here says anything about DeepSeek today.",
    },
    "zh": {
        "first": "先做这一步", "then": "然后", "sure": "想确认", "why": "依据", "send": "发送这段文字",
        "ticket": "工单文字，可复制到邮件或问题单", "how": "怎么做", "reasons": "全部依据",
        "practice": "练习：这是在您自己电脑上的模拟，与 DeepSeek 今天的状况无关。",
    },
}  # fmt: skip
"""Headings of the answer card."""


def spaced(name: str) -> str:
    """Write an identifier for people: "server_overloaded" is "server overloaded"."""
    return name.replace("_", " ")


def seconds(value: float | None) -> str:
    """Write a duration for people: "340 ms", "2.4 s", "not measured".

    Args:
        value: Seconds, or None.

    Returns:
        The words.
    """
    if value is None:
        return "not measured"
    if value < 0.9995:
        return f"{value * 1000:.0f} ms" if value >= 0.01 else f"{value * 1000:.1f} ms"
    return f"{value:.1f} s" if value < 99.95 else f"{value:.0f} s"


def many(count: int, noun: str) -> str:
    """Write a count with its noun: "1 win", "3 wins"."""
    end = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{count} {noun}{end}"
