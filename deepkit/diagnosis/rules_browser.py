"""Rules for the chat page: what an empty profile and a browser without extensions cure, and what they do not."""

from collections.abc import Iterator

from deepkit.checks import Web
from deepkit.diagnosis.reachability import WORKS
from deepkit.diagnosis.rule import Finding, Rule, Strength
from deepkit.records import Evidence

CLEAN = "web: the same page with an empty profile"
BARE = "web: the same page without extensions"


def _failing(evidence: Evidence) -> Web:
    """Return the page's facts where the page is what the user uses and it fails; else nothing was measured."""
    web = evidence.facts(Web)
    return web if evidence.settings.surface == "web" and web.ok is False else Web()


def _blocked(web: Web) -> list[str]:
    return [one.path for one in web.assets if one.blocked]


def extension(evidence: Evidence) -> Iterator[Finding]:
    """Blocked requests, and a browser without extensions as the control."""
    web, cause = _failing(evidence), "browser_extension_block"
    blocked = _blocked(web)
    said = f"; blocked: {', '.join(blocked[:3])}" if blocked else ""
    if web.no_extension_ok is True:
        # An empty profile has no extensions either: only blocked requests tell the two apart.
        sure = bool(blocked) or web.clean_ok is False
        yield Finding(
            cause, "shown" if sure else "strong", f"Without extensions the page works{said}.", "web"
        )
    elif web.no_extension_ok is False:
        yield Finding(cause, "excludes", "Without extensions the page fails too.", "web")
    elif blocked:
        sentence = f"The browser itself stopped requests of the page{said}."
        yield Finding(cause, "strong", sentence, "web", next_check=BARE)


def state(evidence: Evidence) -> Iterator[Finding]:
    """Old cookies or assets, and an empty profile as the control: it has neither them nor extensions."""
    web, signs = _failing(evidence), _signs(_failing(evidence))
    said = f" ({'; '.join(signs)})" if signs else ""
    if web.clean_ok is True and web.no_extension_ok is True:
        if signs:  # the extensions alone explain it
            yield Finding("browser_state", "faint", f"This browser's state is out of date{said}.", "web")
    elif web.clean_ok is True:
        alone = web.no_extension_ok is False or (bool(signs) and not _blocked(web))
        strength: Strength = "shown" if alone else "weak" if _blocked(web) else "strong"
        sentence = f"With an empty profile the page works{said}."
        yield Finding("browser_state", strength, sentence, "web", next_check=None if alone else BARE)
    elif web.clean_ok is False:
        yield Finding("browser_state", "excludes", "With an empty profile the page fails too.", "web")
    elif signs and web.clean_ok is None:
        sentence = f"This browser's state is out of date{said}."
        yield Finding("browser_state", "strong", sentence, "web", next_check=CLEAN)


def _signs(web: Web) -> list[str]:
    """Return what speaks for old browser state, in words."""
    stale = [one.path for one in web.assets if one.stale]
    signs = [f"stale: {', '.join(stale[:3])}"] if stale else []
    if web.session_status in (401, 403, 419):
        signs.append("the kept login is refused")
    if web.page_status in (400, 431):
        size = web.cookie_bytes
        signs.append("too many cookies" if size is None else f"{size} bytes of cookies")
    return signs


def busy(evidence: Evidence) -> Iterator[Finding]:
    """The page says busy; an empty profile tells the server from the browser."""
    web = _failing(evidence)
    if not web.busy_text or web.clean_ok is True or web.no_extension_ok is True:
        return
    said = f"The page says {web.busy_text[:80]!r}"
    if web.clean_ok is False:
        yield Finding("server_overloaded", "shown", f"{said}, with an empty profile too.", "web")
    else:
        yield Finding("server_overloaded", "strong", f"{said}.", "web", next_check=CLEAN)


def login(evidence: Evidence) -> Iterator[Finding]:
    """The page's login is refused and an empty profile does not help."""
    web = _failing(evidence)
    if web.session_status in (401, 403) and web.clean_ok is not True:
        sentence = f"The page's login is refused ({web.session_status})."
        yield Finding("auth_failed", "weak", sentence, "web", next_check=CLEAN)


def page(evidence: Evidence) -> Iterator[Finding]:
    """The page itself answers with a server's failure or a refusal."""
    web = _failing(evidence)
    if web.page_status is None or web.clean_ok is True:
        return
    if web.page_status in (403, 451):
        yield Finding("firewall_or_geo_block", "strong", f"The page is refused ({web.page_status}).", "web")
    elif web.page_status == 503:
        yield Finding("server_overloaded", "strong", "The page answers 503.", "web")
    elif web.page_status >= 500:
        yield Finding("server_error", "strong", f"The page answers {web.page_status}.", "web")


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
