"""Rules for a recorded page load: what the browser's own record shows."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from deepkit.diagnosis.rule import Finding, Rule
from deepkit.records import Evidence
from deepkit.schema import as_json

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
ASK = {
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


def _har(evidence: Evidence) -> dict[str, Any]:
    seen = evidence.get("har")
    return as_json(seen.facts) if seen is not None and seen.made else {}


def _requests(n: int) -> str:
    return f"{n} request{'s' * (n != 1)}"


def _questions(found: dict[str, Any]) -> list[dict[str, Any]]:
    return _rows(found.get("chat"))


def _rows(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list | tuple) else []


def _answered(found: dict[str, Any]) -> bool:
    """Tell whether the last question got an answer, whatever it said: then nothing stopped it."""
    asked = _questions(found)
    return bool(asked) and bool(asked[-1].get("status"))


def blocked(evidence: Evidence) -> Iterator[Finding]:
    """Requests of the page that the browser itself stopped.

    It is shown only when the question, its session or the page itself never left the browser; a
    blocked script may matter or not, and matters not when the question was answered.
    """
    found = _har(evidence)
    own = _rows(found.get("blocked"))
    vital = [one for one in own if one.get("kind") in ("chat", "session", "page")]
    named = ", ".join(str(one.get("path")) for one in [*vital, *(one for one in own if one not in vital)][:3])
    said = f"The browser stopped {_requests(len(own))} to DeepSeek: {named}."
    cause = "browser_extension_block"
    if own and _answered(found):
        yield Finding(
            cause, "faint", f"{said} The question was answered all the same.", "har", next_check=CLEAN
        )
    elif any(one.get("by") == "devtools" for one in vital):
        said += " A rule of the developer tools' own request blocking did it."
        yield Finding(cause, "strong", said, "har", len(vital), "har: remove that rule and record again")
    elif vital:
        yield Finding(cause, "shown", said, "har", len(vital))
    elif own:
        asset = any(one.get("kind") == "asset" for one in own)
        yield Finding(cause, "strong" if asset else "weak", said, "har", next_check=CLEAN)
    elif found.get("blocked_side") and not found.get("ok"):
        said = f"The browser stopped {_requests(found['blocked_side'])} to other hosts."
        yield Finding(cause, "faint", said, "har", next_check=CLEAN)


def state(evidence: Evidence) -> Iterator[Finding]:
    """Old assets, oversized cookies, a refused login."""
    found = _har(evidence)
    if found.get("oversized_cookies"):
        yield Finding(
            "browser_state",
            "shown",
            f"The server refuses this browser's {found.get('cookie_bytes')} bytes of cookies.",
            "har",
        )
    listed = found.get("stale_assets")
    stale = listed if isinstance(listed, list | tuple) else ()
    if stale:
        kept = f"; {found.get('from_cache')} answers came from the cache" if found.get("from_cache") else ""
        yield Finding(
            "browser_state",
            "strong",
            f"The page asks for {len(stale)} file{'s' * (len(stale) != 1)} that the server no longer has{kept}.",
            "har",
            next_check=CLEAN,
        )
    if found.get("session_error"):
        said = f"The login was refused: {str(found['session_error'])[:80]}."
        # Old files and an old login together are one old profile.
        old: Any = "strong" if stale else "weak"
        yield Finding("browser_state", old, f"{said} The browser keeps an old one.", "har", next_check=CLEAN)
        yield Finding("auth_failed", "weak" if stale else "strong", said, "har", next_check=CLEAN)
    elif found.get("login_redirect") and not _answered(found):
        yield Finding("auth_failed", "weak", "DeepSeek sent the browser to its login page.", "har")


def challenge(evidence: Evidence) -> Iterator[Finding]:
    """A bot check answered in DeepSeek's place."""
    found = _har(evidence)
    if found.get("challenge") and not found.get("ok"):
        answered = any(one.get("status") == 200 and one.get("events") for one in _questions(found))
        yield Finding(
            "firewall_or_geo_block",
            "weak" if answered else "shown",
            f"A bot check answered ({found['challenge']}).",
            "har",
        )


def portal(evidence: Evidence) -> Iterator[Finding]:
    """A network's own login page stood in DeepSeek's place."""
    found = _har(evidence)
    if found.get("portal") and not found.get("ok"):
        said = "The browser was sent to a login page of the network it is in."
        yield Finding("captive_portal", "weak" if _answered(found) else "strong", said, "har")


def network(evidence: Evidence) -> Iterator[Finding]:
    """Requests that never reached the server, in the browser's own words."""
    found = _har(evidence)
    failures = found.get("failures") if isinstance(found.get("failures"), dict) else {}
    reached = bool(found.get("statuses"))
    for name, cause in NET.items():
        n = int((failures or {}).get(name) or 0)
        asked = sum(one.get("failure") == name for one in _questions(found))
        said = f"{_requests(n)} to DeepSeek failed with {name}"
        if name == "tls_expired" and abs(offset := found.get("clock_offset_s") or 0.0) > DAY_S:
            said += f"; this machine's clock is wrong by {offset:.0f} s"
        if n and (asked or not reached):
            yield Finding(cause, "strong", f"{said}.", "har", n)
        elif n:
            yield Finding(cause, "weak", f"{said}, others got through.", "har", n)


def answers(evidence: Evidence) -> Iterator[Finding]:
    """What came back to the questions themselves; the last one counts most."""
    found = _har(evidence)
    for back, one in enumerate(reversed(_questions(found))):
        weight = 2.0 if back == 0 else 1.0
        if one.get("busy"):
            yield Finding(
                "server_overloaded",
                "strong",
                f"The chat's own answer says {str(one['busy'])[:60]!r}.",
                "har",
                weight,
                CLEAN,
            )
            continue
        named = ASK.get(str(one.get("failure")))
        if named:
            said = f": {one['error_message']}" if one.get("error_message") else ""
            strength: Any = "weak" if named[0] == "auth_failed" and found.get("stale_assets") else named[1]
            yield Finding(
                named[0], strength, f"A question was answered with {one.get('status')}{said}.", "har", weight
            )
        elif one.get("status") == 200 and one.get("recorded"):
            yield from _recorded(one, weight)


def _recorded(one: dict[str, Any], weight: float) -> Iterator[Finding]:
    if one.get("keep_alives") and not one.get("events"):
        yield Finding(
            "server_overloaded",
            "strong",
            f"{one['keep_alives']} keep-alives came and no word of an answer.",
            "har",
            weight,
        )
    elif one.get("blank"):
        yield Finding(
            "empty_response_under_load",
            "strong",
            "A question was answered with success and blank lines only.",
            "har",
            weight,
        )
    elif one.get("events") and not one.get("finished"):
        yield Finding(
            "stream_cut",
            "weak",
            "An answer began and its end was not recorded.",
            "har",
            weight,
            "har: record again and export only after the answer has stopped",
        )


def refused(evidence: Evidence) -> Iterator[Finding]:
    """The browser's own rules refused an answer, or the question."""
    found = _har(evidence)
    rules = found.get("refused") if isinstance(found.get("refused"), dict) else {}
    if found.get("ok") or not rules:
        return
    if rules.get("administrator"):
        said = "A policy of this browser's administrator stopped requests to DeepSeek."
        yield Finding("firewall_or_geo_block", "weak" if _answered(found) else "strong", said, "har")
    if set(rules) - {"administrator"}:
        named = ", ".join(sorted(rules))
        said = f"The browser's own rules stopped requests ({named}); a wrong address shows like that."
        yield Finding("wrong_endpoint", "faint", said, "har")


def _rule(rule_id: str, layer: str, says: str, judge: Callable[[Evidence], Iterable[Finding]]) -> Rule:
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
