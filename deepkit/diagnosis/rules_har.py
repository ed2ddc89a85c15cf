"""Rules for a recorded page load: what the browser's own record shows."""

from collections.abc import Iterator

from deepkit.checks import Har, RecordedQuestion
from deepkit.diagnosis.reachability import Judge
from deepkit.diagnosis.rule import Finding, Rule, Strength
from deepkit.records import Evidence

DAY_S = 86_400.0
NET = {
    "dns_nxdomain": "dns_failure",
    "dns_timeout": "dns_failure",
    "dns_error": "dns_failure",
    "network_unreachable": "connect_timeout",
    "connection_refused": "connection_refused",
    "connect_timeout": "connect_timeout",
    "connection_reset": "connection_reset",
    "tls_untrusted": "tls_intercepted",
    "tls_expired": "tls_failure",
    "tls_hostname": "tls_failure",
    "tls_handshake": "tls_failure",
    "proxy_auth": "proxy_fault",
    "proxy_refused": "proxy_fault",
    "stream_cut": "stream_cut",
}
CLEAN = "web: open the same page in a private window with extensions off, and record again"
ASK: dict[str, tuple[str, Strength]] = {
    "http_400": ("invalid_request", "weak"),
    "http_401": ("auth_failed", "strong"),
    "http_402": ("insufficient_balance", "strong"),
    "http_403": ("firewall_or_geo_block", "weak"),
    "http_404": ("wrong_endpoint", "strong"),
    "http_413": ("context_too_long", "strong"),
    "http_422": ("invalid_request", "strong"),
    "http_429": ("rate_limited", "strong"),
    "http_500": ("server_error", "strong"),
    "http_502": ("server_error", "strong"),
    "http_503": ("server_overloaded", "strong"),
    "http_504": ("server_error", "strong"),
    "http_5xx": ("server_error", "strong"),
}
UNBLOCK = "har: remove that rule and record again"
WAIT_FOR_END = "har: record again and export only after the answer has stopped"


def _requests(n: int) -> str:
    return f"{n} request{'s' * (n != 1)}"


def _answered(har: Har) -> bool:
    """Tell whether the last question got an answer, whatever it said: then nothing stopped it."""
    return bool(har.chat) and bool(har.chat[-1].status)


def blocked(evidence: Evidence) -> Iterator[Finding]:
    """Requests of the page that the browser itself stopped.

    It is shown only when the question, its session or the page itself never left the browser; a
    blocked script may matter or not, and matters not when the question was answered.
    """
    har, cause = evidence.facts(Har), "browser_extension_block"
    vital = [one for one in har.blocked if one.kind in ("chat", "session", "page")]
    named = ", ".join(one.path for one in [*vital, *(one for one in har.blocked if one not in vital)][:3])
    said = f"The browser stopped {_requests(len(har.blocked))} to DeepSeek: {named}."
    if har.blocked and _answered(har):
        said += " The question was answered all the same."
        yield Finding(cause, "faint", said, "har", next_check=CLEAN)
    elif any(one.by == "devtools" for one in vital):
        said += " A rule of the developer tools' own request blocking did it."
        yield Finding(cause, "strong", said, "har", len(vital), UNBLOCK)
    elif vital:
        yield Finding(cause, "shown", said, "har", len(vital))
    elif har.blocked:
        asset = any(one.kind == "asset" for one in har.blocked)
        yield Finding(cause, "strong" if asset else "weak", said, "har", next_check=CLEAN)
    elif har.blocked_side and not har.ok:
        said = f"The browser stopped {_requests(har.blocked_side)} to other hosts."
        yield Finding(cause, "faint", said, "har", next_check=CLEAN)


def state(evidence: Evidence) -> Iterator[Finding]:
    """Old assets, oversized cookies, a refused login."""
    har, stale = evidence.facts(Har), len(evidence.facts(Har).stale_assets)
    if har.oversized_cookies:
        size = "" if har.cookie_bytes is None else f" {har.cookie_bytes} bytes of"
        yield Finding("browser_state", "shown", f"The server refuses this browser's{size} cookies.", "har")
    if stale:
        kept = f"; {har.from_cache} answers came from the cache" if har.from_cache else ""
        said = f"The page asks for {stale} file{'s' * (stale != 1)} that the server no longer has{kept}."
        yield Finding("browser_state", "strong", said, "har", next_check=CLEAN)
    if har.session_error:
        said = f"The login was refused: {har.session_error[:80]}."
        # Old files and an old login together are one old profile.
        old: Strength = "strong" if stale else "weak"
        yield Finding("browser_state", old, f"{said} The browser keeps an old one.", "har", next_check=CLEAN)
        yield Finding("auth_failed", "weak" if stale else "strong", said, "har", next_check=CLEAN)
    elif har.login_redirect and not _answered(har):
        yield Finding("auth_failed", "weak", "DeepSeek sent the browser to its login page.", "har")


def challenge(evidence: Evidence) -> Iterator[Finding]:
    """A bot check answered in DeepSeek's place."""
    har = evidence.facts(Har)
    if har.challenge and not har.ok:
        answered = any(one.status == 200 and one.events for one in har.chat)
        said = f"A bot check answered ({har.challenge})."
        yield Finding("firewall_or_geo_block", "weak" if answered else "shown", said, "har")


def portal(evidence: Evidence) -> Iterator[Finding]:
    """A network's own login page stood in DeepSeek's place."""
    har = evidence.facts(Har)
    if har.portal and not har.ok:
        said = "The browser was sent to a login page of the network it is in."
        yield Finding("captive_portal", "weak" if _answered(har) else "strong", said, "har")


def network(evidence: Evidence) -> Iterator[Finding]:
    """Requests that never reached the server, in the browser's own words."""
    har = evidence.facts(Har)
    for name, cause in NET.items():
        n = har.failures.get(name, 0)
        said = f"{_requests(n)} to DeepSeek failed with {name}"
        if name == "tls_expired" and abs(offset := har.clock_offset_s or 0.0) > DAY_S:
            said += f"; this machine's clock is wrong by {offset:.0f} s"
        if n and (not har.statuses or any(one.failure == name for one in har.chat)):
            yield Finding(cause, "strong", f"{said}.", "har", n)
        elif n:
            yield Finding(cause, "weak", f"{said}, others got through.", "har", n)


def answers(evidence: Evidence) -> Iterator[Finding]:
    """What came back to the questions themselves; the last one counts most."""
    har = evidence.facts(Har)
    for back, one in enumerate(reversed(har.chat)):
        weight = 2.0 if back == 0 else 1.0
        if one.busy:
            said = f"The chat's own answer says {one.busy[:60]!r}."
            yield Finding("server_overloaded", "strong", said, "har", weight, CLEAN)
        elif one.failure in ASK:
            cause, strength = ASK[one.failure]
            said = f"A question was answered with {one.status}"
            said += f": {one.error_message}." if one.error_message else "."
            old = cause == "auth_failed" and har.stale_assets
            yield Finding(cause, "weak" if old else strength, said, "har", weight)
        elif one.status == 200 and one.recorded:
            yield from _recorded(one, weight)


def _recorded(one: RecordedQuestion, weight: float) -> Iterator[Finding]:
    if one.keep_alives and not one.events:
        said = f"{one.keep_alives} keep-alives came and no word of an answer."
        yield Finding("server_overloaded", "strong", said, "har", weight)
    elif one.blank:
        said = "A question was answered with success and blank lines only."
        yield Finding("empty_response_under_load", "strong", said, "har", weight)
    elif one.events and not one.finished:
        said = "An answer began and its end was not recorded."
        yield Finding("stream_cut", "weak", said, "har", weight, WAIT_FOR_END)


def refused(evidence: Evidence) -> Iterator[Finding]:
    """The browser's own rules refused an answer, or the question."""
    har = evidence.facts(Har)
    if har.ok:
        return
    if har.refused.get("administrator"):
        said = "A policy of this browser's administrator stopped requests to DeepSeek."
        yield Finding("firewall_or_geo_block", "weak" if _answered(har) else "strong", said, "har")
    if har.refused.keys() - {"administrator"}:
        named = ", ".join(sorted(har.refused))
        said = f"The browser's own rules stopped requests ({named}); a wrong address shows like that."
        yield Finding("wrong_endpoint", "faint", said, "har")


def _rule(rule_id: str, layer: str, says: str, judge: Judge) -> Rule:
    """Make a rule for a recording: it looks at nothing else."""
    return Rule(rule_id, layer, says, judge, ("har",), "SHOWN", SPEC)


SPEC = "http://www.softwareishard.com/blog/har-12-spec/"
RULES = (
    _rule("har.blocked", "browser", "Requests that the browser itself stopped.", blocked),
    _rule("har.state", "browser", "Old files, oversized cookies, a refused login.", state),
    _rule("har.challenge", "http", "A bot check answered.", challenge),
    _rule("har.portal", "http", "A network's own login page stood in DeepSeek's place.", portal),
    _rule("har.network", "tcp", "Requests that never reached the server.", network),
    _rule("har.answers", "server", "What came back to the questions.", answers),
    _rule(
        "har.cors",
        "http",
        "The browser's own rules (cross-origin, mixed content, policy) stopped a request.",
        refused,
    ),
)
