"""Fix 11: have the firewall let it through, and trust the company's certificate."""

from deepkit.checks import Http, Proxy, Tls
from deepkit.facts import provider
from deepkit.fixes._evidence import (
    UNREACHED,
    among,
    answered,
    cannot_tell,
    failures,
    no,
    seen,
    spelled,
    yes,
)
from deepkit.fixes._fix import SYSTEMS, assume, claim_of, define, listed
from deepkit.records import Evidence, Guide, Settings, Verdict

CLAIM = claim_of(
    "11",
    causes=(
        "tls_intercepted", "firewall_or_geo_block", "proxy_fault", "connection_reset", "tls_failure", "stream_cut",
        "connect_timeout", "path_mtu",
    ),
    changes=("trust", "assume"),
    cost="A request to the firewall team.",
    risk="Allow the named hosts only; never switch certificate checks off.",
)  # fmt: skip

CUT = ("stream_cut", "stream_silent", "closed_early", "read_timeout")
UNTRUSTED = ("tls_untrusted", "tls_handshake", "not_tls")
BLOCKED = (
    "block_page",
    "connection_reset",
    "proxy_refused",
    "proxy_auth",
    "proxy_error",
    "http_403",
    *UNTRUSTED,
)


def _tls(evidence: Evidence) -> Verdict | None:
    found, tls = seen(evidence, "tls"), evidence.facts(Tls)
    if found is None or found.outcome == "ok":
        return None
    issuer = tls.issuer or "unknown"
    if tls.trusted_by_system:
        return yes(
            f"The certificate comes from {issuer}, which this machine trusts and this program does not yet."
        )
    if found.failure in UNTRUSTED or (tls.verified is False and found.failure is None):
        return yes(f"The encrypted connection is not the server's own ({found.failure}, issuer {issuer}).")
    return None


def _blocked(evidence: Evidence) -> Verdict | None:
    page = evidence.facts(Http).block_page
    if page:
        return yes(f"A block page answers instead of the API: {page}.")
    proxy = seen(evidence, "proxy")
    if proxy is not None and proxy.outcome == "fault":
        return yes(
            f"The proxy in use fails: {evidence.facts(Proxy).failure or proxy.failure or proxy.reason}."
        )
    for check in ("tcp", "tls", "http"):
        found = seen(evidence, check)
        if found is not None and found.failure in BLOCKED:
            return yes(f"Something on the way stops the connection ({check}: {found.failure}).")
    stopped = among(evidence, BLOCKED)
    return yes(f"Something on the way stops questions: {spelled(stopped)}.") if stopped else None


def _cut(evidence: Evidence) -> Verdict | None:
    cut, plain = among(evidence, CUT), seen(evidence, "chat.plain")
    if not cut:
        return None
    if plain is not None and plain.outcome == "ok":
        return yes(f"Streams are cut ({spelled(cut)}) while an unstreamed answer comes whole.")
    if plain is not None and plain.failure not in CUT:
        return cannot_tell(
            f"Streams are cut ({spelled(cut)}); the unstreamed control failed for another reason."
        )
    return cannot_tell(
        f"Answers are cut ({spelled(cut)}), by the server or on the way; another network would tell."
    )


def check(evidence: Evidence) -> Verdict:
    """Look for foreign certificates, block pages, resets and cut streams."""
    verdict = _tls(evidence) or _blocked(evidence) or _cut(evidence)
    if verdict:
        return verdict
    tcp = seen(evidence, "tcp")
    if tcp is not None and tcp.failure == "connect_timeout":
        return cannot_tell("Nothing answers at the address; a firewall that drops silently looks the same.")
    if answered(evidence) is None and seen(evidence, "http") is None:
        return cannot_tell("The way to the API was not measured.")
    failed = failures(evidence)
    if failed and among(evidence, UNREACHED) == failed:
        return no(f"Nothing was seen that stops or changes what passes ({spelled(failed)}).")
    told = spelled(failed) or "no failure"
    return no(f"The API's own answers come through ({told}); nothing on the way stops or changes them.")


def guide(evidence: Evidence, variant: str) -> Guide:
    """The request to the firewall team, and how to trust a private root on one system."""
    official, tls = provider("deepseek"), evidence.facts(Tls)
    store = {
        "windows": "certmgr.msc, Trusted Root Certification Authorities",
        "macos": "Keychain Access, System, the certificate, Always Trust",
        "linux": "the folder of your distribution (/usr/local/share/ca-certificates on Debian and Ubuntu)",
    }[variant]
    issuer = f"The certificate that came was issued by {tls.issuer}." if tls.issuer else ""
    return Guide(
        variant,
        (
            f"Ask the firewall team to allow TCP port 443 to {listed(official.allow)}; by name, the addresses change.",
            (f"Ask them to exempt {official.hosts[0]} from TLS inspection, response buffering and idle limits "
            "below 10 minutes: DeepSeek keeps a waiting request open that long."),
            "No WebSocket rule is needed: the API streams over plain HTTPS.",
            f"If inspection must stay, its root belongs into this machine's store: {store}. {issuer}".strip(),
            "Then let your client use the machine's store; in Python the package truststore does that.",
            "Run the check-up again; send its report along, it carries nothing secret.",
        ),
        notes=("The API needs its own host alone; the others serve the chat page: its script, sign-in and challenges.",
               "Never switch certificate checks off: whoever sits in between could read your key.",
               "On another network (a phone's hotspot) the same check-up shows in a minute whether it is this one."),
    )  # fmt: skip


def apply(settings: Settings, _evidence: Evidence) -> Settings:
    """Trust the machine's own store, and take the hosts as allowed."""
    return assume(settings, "allowlisted", trust="system")


FIX = define(
    number=11,
    key="firewall_allowlist",
    title="Let it through the firewall",
    claim=CLAIM,
    needs=("proxy", "tcp", "tls", "http", "chat.stream", "chat.plain"),
    check=check,
    guide=guide,
    apply=apply,
    variants=SYSTEMS,
)
