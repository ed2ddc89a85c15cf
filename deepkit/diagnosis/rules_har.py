"""Rules for a recorded page load: what the browser's own record shows."""

from collections.abc import Iterator
from typing import Any

from deepkit.diagnosis._rule import Finding, Rule, facts
from deepkit.records import Evidence

NET = {
    "dns_nxdomain": "dns_failure",
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
    return facts(evidence, "har")


def _questions(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in found.get("chat") or () if isinstance(one, dict)]


def blocked(evidence: Evidence) -> Iterator[Finding]:
    """Requests of the page that the browser itself stopped."""
    found = _har(evidence)
    own = found.get("blocked") or []
    vital = [one for one in own if one.get("kind") in ("chat", "session", "asset")]
    if vital:
        paths = ", ".join(str(one.get("path")) for one in vital[:3])
        yield Finding(
            "browser_extension_block",
            "shown",
            f"The browser stopped {len(vital)} requests of the page itself: {paths}.",
            "har",
            len(vital),
        )
    elif own:
        yield Finding(
            "browser_extension_block",
            "weak",
            f"The browser stopped {len(own)} requests.",
            "har",
            next_check=CLEAN,
        )
    elif found.get("blocked_side") and not found.get("ok"):
        yield Finding(
            "browser_extension_block",
            "faint",
            f"The browser stopped {found['blocked_side']} requests to other hosts.",
            "har",
            next_check=CLEAN,
        )


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
    stale = found.get("stale_assets") or []
    if stale:
        kept = f"; {found.get('from_cache')} answers came from the cache" if found.get("from_cache") else ""
        yield Finding(
            "browser_state",
            "strong",
            f"The page asks for {len(stale)} files that the server no longer has{kept}.",
            "har",
            next_check=CLEAN,
        )
    if found.get("session_error"):
        said = f"The login was refused: {str(found['session_error'])[:80]}."
        # Old files and an old login together are one old profile.
        old: Any = "strong" if stale else "weak"
        yield Finding("browser_state", old, f"{said} The browser keeps an old one.", "har", next_check=CLEAN)
        yield Finding("auth_failed", "weak" if stale else "strong", said, "har", next_check=CLEAN)


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


def network(evidence: Evidence) -> Iterator[Finding]:
    """Requests that never reached the server, in the browser's own words."""
    found = _har(evidence)
    failures = found.get("failures") if isinstance(found.get("failures"), dict) else {}
    reached = bool(found.get("statuses"))
    for name, cause in NET.items():
        n = int((failures or {}).get(name, 0))
        asked = sum(one.get("failure") == name for one in _questions(found))
        if n and (asked or not reached):
            yield Finding(cause, "strong", f"{n} requests to DeepSeek failed with {name}.", "har", n)
        elif n:
            yield Finding(
                cause, "weak", f"{n} requests to DeepSeek failed with {name}, others got through.", "har", n
            )


def answers(evidence: Evidence) -> Iterator[Finding]:
    """What came back to the questions themselves; the last one counts most."""
    found = _har(evidence)
    for number, one in enumerate(reversed(_questions(found))):
        weight = 2.0 if number == 0 else 1.0
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


def cors(evidence: Evidence) -> Iterator[Finding]:
    """The browser refused an answer because of cross-origin rules."""
    found = _har(evidence)
    if found.get("cors") and not found.get("ok"):
        yield Finding(
            "wrong_endpoint",
            "faint",
            "Cross-origin rules stopped a request; a wrong address shows like that.",
            "har",
        )


RULES = (
    Rule("har.blocked", "browser", "Requests that the browser itself stopped.", blocked),
    Rule("har.state", "browser", "Old files, oversized cookies, a refused login.", state),
    Rule("har.challenge", "http", "A bot check answered.", challenge),
    Rule("har.network", "tcp", "Requests that never reached the server.", network),
    Rule("har.answers", "server", "What came back to the questions.", answers),
    Rule("har.cors", "http", "Cross-origin rules stopped a request.", cors),
)
