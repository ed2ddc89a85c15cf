"""Rules for the chat page: what an empty profile and a browser without extensions cure, and what they do not."""

from collections.abc import Iterator

from deepkit.diagnosis._rule import Finding, Rule, facts
from deepkit.diagnosis._way import WORKS
from deepkit.records import Evidence

CLEAN = "web: the same page with an empty profile"


def _fails(evidence: Evidence) -> dict[str, object]:
    """Return the page's facts when the page is what the user uses and it fails."""
    found = facts(evidence, "web")
    return found if evidence.settings.surface == "web" and found.get("ok") is False else {}


def _assets(found: dict[str, object], key: str) -> list[str]:
    listed = found.get("assets")
    return (
        [str(one.get("path")) for one in listed if isinstance(one, dict) and one.get(key)]
        if isinstance(listed, list | tuple)
        else []
    )


def extension(evidence: Evidence) -> Iterator[Finding]:
    """Blocked requests, and a browser without extensions as the control."""
    found = _fails(evidence)
    if not found:
        return
    blocked, control = _assets(found, "blocked"), found.get("no_extension_ok")
    said = f"; blocked: {', '.join(blocked[:3])}" if blocked else ""
    if control is True:
        clean = found.get("clean_ok")
        # An empty profile has no extensions either: only blocked requests tell the two apart.
        sure = bool(blocked) or clean is False
        yield Finding(
            "browser_extension_block",
            "shown" if sure else "strong",
            f"Without extensions the page works{said}.",
            "web",
        )
    elif control is False:
        yield Finding("browser_extension_block", "excludes", "Without extensions the page fails too.", "web")
    elif blocked:
        yield Finding(
            "browser_extension_block",
            "strong",
            f"The browser itself stopped requests of the page{said}.",
            "web",
            next_check="web: the same page without extensions",
        )


def state(evidence: Evidence) -> Iterator[Finding]:
    """Old cookies or assets, and an empty profile as the control."""
    found = _fails(evidence)
    if not found:
        return
    stale, control = _assets(found, "stale"), found.get("clean_ok")
    signs = [f"stale: {', '.join(stale[:3])}"] if stale else []
    if found.get("session_status") in (401, 403, 419):
        signs.append("the kept login is refused")
    if found.get("page_status") in (400, 431):
        signs.append(f"{found.get('cookie_bytes')} bytes of cookies")
    said = f" ({'; '.join(signs)})" if signs else ""
    blocked = bool(_assets(found, "blocked"))
    if control is True and not (blocked and found.get("no_extension_ok") is True):
        yield Finding("browser_state", "shown", f"With an empty profile the page works{said}.", "web")
    elif control is False:
        yield Finding("browser_state", "excludes", "With an empty profile the page fails too.", "web")
    elif signs and control is None:
        yield Finding(
            "browser_state", "strong", f"This browser's state is out of date{said}.", "web", next_check=CLEAN
        )


def busy(evidence: Evidence) -> Iterator[Finding]:
    """The page says busy; an empty profile tells the server from the browser."""
    found = _fails(evidence)
    text = found.get("busy_text")
    if not text or found.get("clean_ok") is True or found.get("no_extension_ok") is True:
        return
    if found.get("clean_ok") is False:
        yield Finding(
            "server_overloaded",
            "shown",
            f"The page says {str(text)[:80]!r}, with an empty profile too.",
            "web",
        )
    else:
        yield Finding(
            "server_overloaded", "strong", f"The page says {str(text)[:80]!r}.", "web", next_check=CLEAN
        )


def login(evidence: Evidence) -> Iterator[Finding]:
    """The page's login is refused and an empty profile does not help."""
    found = _fails(evidence)
    if found.get("session_status") in (401, 403) and found.get("clean_ok") is not True:
        yield Finding(
            "auth_failed",
            "weak",
            f"The page's login is refused ({found['session_status']}).",
            "web",
            next_check=CLEAN,
        )


def page(evidence: Evidence) -> Iterator[Finding]:
    """The page itself answers with a server's failure or a refusal."""
    found = _fails(evidence)
    status = found.get("page_status")
    if not isinstance(status, int) or found.get("clean_ok") is True:
        return
    if status in (403, 451):
        yield Finding("firewall_or_geo_block", "strong", f"The page is refused ({status}).", "web")
    elif status == 503:
        yield Finding("server_overloaded", "strong", "The page answers 503.", "web")
    elif status >= 500:
        yield Finding("server_error", "strong", f"The page answers {status}.", "web")


RULES = (
    Rule(
        "browser.extension",
        "browser",
        "The page works without extensions, or its requests were blocked.",
        extension,
        ("web", *WORKS),
        "SHOWN",
        "https://chromium.googlesource.com/chromium/src/+/main/net/base/net_error_list.h (BLOCKED_BY_CLIENT)",
    ),
    Rule(
        "browser.state",
        "browser",
        "The page works with an empty profile, or its state is out of date.",
        state,
        ("web", *WORKS),
        "SHOWN",
        "RFC 9111, section 4",
    ),
    Rule(
        "browser.busy",
        "browser",
        "The page says busy; shown when an empty profile is told so too.",
        busy,
        ("web", "status", *WORKS),
        "SHOWN",
        "https://api-docs.deepseek.com/quick_start/error_codes",
    ),
    Rule(
        "browser.login",
        "browser",
        "The page's login is refused.",
        login,
        ("web", *WORKS),
        "POSSIBLE",
        "RFC 9110, section 15.5.2 (401)",
    ),
    Rule(
        "browser.page",
        "browser",
        "The page itself fails.",
        page,
        ("web", *WORKS),
        "LIKELY",
        "RFC 9110, section 15.6",
    ),
)
