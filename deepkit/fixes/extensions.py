"""Fix 4: switch off the extension that stops the page's requests."""

from deepkit.facts import provider
from deepkit.fixes._browsers import EXTENSIONS, PRIVATE
from deepkit.fixes._evidence import cannot_tell, entries, facts, no, yes
from deepkit.fixes._fix import BROWSERS, Fix, assume, claim_of, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "4",
    causes=("browser_extension_block",),
    changes=("assume",),
    cost="One rule; the extension stays on everywhere else.",
    risk="None, if you allow the one site instead of switching the extension off.",
)


def blocked(evidence: Evidence) -> list[str]:
    """Return the paths of the requests that never left the browser."""
    rows = [row for row in entries(evidence, "web", "assets") if row.get("blocked")]
    return [str(row.get("path")) for row in rows or entries(evidence, "har", "blocked")]


def judge(evidence: Evidence) -> Verdict:
    """Compare the page as it is with the same page without extensions."""
    web, recorded, stopped = facts(evidence, "web"), facts(evidence, "har"), blocked(evidence)
    bare = web.get("no_extension_ok")
    if not web and not recorded:
        return cannot_tell(
            "The chat page was not measured; export a HAR file or open the page in a private window."
        )
    if web.get("ok"):
        return no("The chat page works with the extensions on.")
    if not web and not stopped:
        return no("The browser's recording shows no request of the page that was stopped.")
    if bare is False:
        return no("The page fails without extensions as well.")
    if bare:
        names = f": {listed(stopped)} never left the browser" if stopped else ""
        return yes(f"Without extensions the page works{names}.")
    if stopped:
        return yes(f"Requests never left the browser: {listed(stopped)}.")
    return cannot_tell("No request was blocked as far as seen; a window without extensions would tell.")


def write(evidence: Evidence, variant: str) -> Guide:
    """Steps for one browser, with the requests that were stopped."""
    stopped, host = blocked(evidence), provider("deepseek").hosts[1]
    seen = (
        f"Stopped in the browser: {listed(stopped)}." if stopped else "No blocked request was measured yet."
    )
    return Guide(
        variant,
        (
            seen,
            f"Control: open {PRIVATE[variant]}, where extensions are off unless you allowed them, log in and ask.",
            f"If that works, open {EXTENSIONS[variant]} and switch the blockers off one by one, reloading each time.",
            (
                f"Allow the site in the one that did it. uBlock Origin, My rules: no-cosmetic-filtering: {host} true; "
                f"its filter list: @@||{host}^$document"
            ),
            f"NoScript: set {host} to Trusted. Switch the others on again.",
        ),
        notes=(
            "An extension that a company installs cannot be switched off; give your administrator the list above.",
        ),
    )


def change(settings: Settings, _evidence: Evidence) -> Settings:
    """Take a browser without extensions as given."""
    return assume(settings, "no_extensions")


FIX = Fix(
    number=4,
    key="extensions",
    title="Switch off conflicting extensions",
    claim=CLAIM,
    needs=("web",),
    judge=judge,
    write=write,
    change=change,
    variants=BROWSERS,
)
