"""Fix 4: switch off the extension that stops the page's requests."""

from deepkit.checks import Har, Web
from deepkit.facts import provider
from deepkit.fixes._browsers import EXTENSIONS, PRIVATE
from deepkit.fixes._evidence import cannot_tell, no, yes
from deepkit.fixes._fix import BROWSERS, assume, claim_of, define, listed
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
    measured = [one.path for one in evidence.facts(Web).assets if one.blocked]
    return measured or [one.path for one in evidence.facts(Har).blocked]


def check(evidence: Evidence) -> Verdict:
    """Compare the page as it is with the same page without extensions."""
    web, stopped = evidence.facts(Web), blocked(evidence)
    unknown, bare = web == Web(), web.no_extension_ok
    if unknown and evidence.facts(Har) == Har():
        return cannot_tell(
            "The chat page was not measured; export a HAR file or open the page in a private window."
        )
    if web.ok:
        return no("The chat page works with the extensions on.")
    if unknown and not stopped:
        return no("The browser's recording shows no request of the page that was stopped.")
    if bare is False:
        return no("The page fails without extensions as well.")
    if bare:
        names = f": {listed(stopped)} never left the browser" if stopped else ""
        return yes(f"Without extensions the page works{names}.")
    if stopped:
        return yes(f"Requests never left the browser: {listed(stopped)}.")
    return cannot_tell("No request was blocked as far as seen; a window without extensions would tell.")


def guide(evidence: Evidence, variant: str) -> Guide:
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


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Take a browser without extensions as given."""
    return assume(settings, "no_extensions")


FIX = define(
    number=4,
    key="extensions",
    title="Switch off conflicting extensions",
    claim=CLAIM,
    needs=("web",),
    check=check,
    guide=guide,
    apply=apply,
    variants=BROWSERS,
)
