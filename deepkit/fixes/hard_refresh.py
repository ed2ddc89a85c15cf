"""Fix 3: reload past the cache, clear what the site stored."""

from deepkit.checks import Har, Web
from deepkit.facts import provider
from deepkit.fixes._browsers import EXPORT_HAR, HARD_RELOAD, PRIVATE, SITE_DATA
from deepkit.fixes._evidence import cannot_tell, failures, no, spelled, yes
from deepkit.fixes._fix import BROWSERS, assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "3",
    causes=("browser_state",),
    changes=("assume",),
    cost="You are logged out of the site; drafts in the page are lost.",
    risk="Clear this one site's data only; clearing everything logs you out everywhere.",
)


MOST_COOKIES = 8_000
"""Bytes of a request's header that servers commonly take (nginx: large_client_header_buffers, 8 kB)."""


def signs(evidence: Evidence) -> list[str]:
    """Return what in the page speaks for old browser state, in words."""
    web, har = evidence.facts(Web), evidence.facts(Har)
    measured = [one.path for one in web.assets if one.stale]
    stale = measured or [one.path for one in har.stale_assets]
    found = [f"stale from cache: {listed(stale)}"] if stale else []
    page = har if web == Web() else web
    if page.session_status in (400, 401, 403, 431):
        found.append(f"the stored session is answered with {page.session_status}")
    refused = page is har and har.oversized_cookies
    if page.cookie_bytes and (page.cookie_bytes > MOST_COOKIES or refused):
        found.append(f"{page.cookie_bytes} bytes of cookies, more than servers commonly take")
    return found


def check(evidence: Evidence) -> Verdict:
    """Compare the page as it is with the same page in an empty profile."""
    web, found = evidence.facts(Web), signs(evidence)
    clean, bare = web.clean_ok, web.no_extension_ok
    if web == Web() and evidence.facts(Har) != Har():
        return _recorded(evidence, found)
    if web == Web():
        return cannot_tell(
            "The chat page was not measured; export a HAR file or open the page in a private window."
        )
    if web.ok:
        return no("The chat page works in this browser as it is.")
    if clean is False:
        return no("An empty profile fails the same way, so it is not this browser's memory.")
    if clean and bare:
        return no("It is enough to leave the extensions out; the stored data is fine.")
    told = f" ({'; '.join(found)})" if found else ""
    if clean:
        return yes(f"An empty profile works where this one fails{told}.")
    if found:
        return yes(f"The page shows old browser state: {'; '.join(found)}.")
    return cannot_tell(
        "The page fails, but it was not tried with an empty profile; a private window would tell."
    )


def _recorded(evidence: Evidence, found: list[str]) -> Verdict:
    if found:
        return yes(f"The recording shows old browser state: {'; '.join(found)}.")
    if failed := failures(evidence):
        return no(f"The recording shows no old browser state; what failed is {spelled(failed)}.")
    return cannot_tell("The recording shows no old browser state; a private window would tell.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """Steps for one browser, the control first."""
    found = signs(evidence)
    seen = f"What was seen: {'; '.join(found)}." if found else "No sign of old state was measured yet."
    return Guide(
        variant,
        (
            seen,
            f"Control: open {PRIVATE[variant]}, log in and ask. If that fails too, stop: it is not this browser.",
            f"If it works, reload the normal window past its cache: {HARD_RELOAD[variant]}.",
            f"If the fault stays, clear this one site's data: {SITE_DATA[variant]}. Then log in again.",
            f"Still broken? Export a HAR file ({EXPORT_HAR[variant]}) and give it to DeepKit.",
        ),
        notes=(
            "Save first: copy unsent text and note how you log in, for you will be logged out.",
            f"Clear {provider('deepseek').hosts[1]} only, not everything.",
        ),
    )


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Take an empty browser profile as given."""
    return assume(settings, "clean_profile")


FIX = define(
    number=3,
    key="hard_refresh",
    title="Hard refresh, clear site data",
    claim=CLAIM,
    needs=("web",),
    check=check,
    guide=guide,
    apply=apply,
    variants=BROWSERS,
)
