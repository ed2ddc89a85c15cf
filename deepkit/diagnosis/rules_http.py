"""Rules for what stands between the connection and the API: TLS, proxies, portals, block pages, wrong addresses."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from deepkit.checks import BodyKind, Http, LocalNet, Proxy, Tls
from deepkit.diagnosis.reachability import WORKS, made, route_that_works, works
from deepkit.diagnosis.rule import Finding, Rule, Strength
from deepkit.diagnosis.samples import CHAT, Samples
from deepkit.records import Evidence

PUBLIC_ISSUERS = re.compile(
    r"digicert|geotrust|thawte|rapidssl|symantec|verisign|let'?s encrypt|isrg|globalsign|sectigo|comodo|usertrust|"
    r"amazon|google trust|gts |trustasia|wotrus|cfca|entrust|godaddy|starfield|certum|buypass|zerossl|microsoft|"
    r"identrust|ssl\.com|actalis|swisssign|quovadis|t-telesec|cloudflare|baltimore|xinchacha|sheca|racknerd|tencent",
    re.IGNORECASE,
)
"""Words in the names of public certificate authorities; an issuer without any of them is private."""
REGION = re.compile(
    r"(?:country|region)[^.]{0,40}not (?:supported|available)|unsupported_country", re.IGNORECASE
)
LOGIN = re.compile(r"login|portal|captive|hotspot|auth|splash|wifi", re.IGNORECASE)
"""Words in the address of a network's login page."""
DAY_S = 86_400.0
"""A clock that is wrong by more than this makes a valid certificate look out of date, in seconds."""
PROXY_FAILURES = {
    "proxy_auth": "wants a login (407)",
    "proxy_error": "fails",
    "proxy_refused": "does not take connections",
}
ROOTS = "tls: compare the issuer that this network presents with the one over another network"
FRESH_ADDRESS = "tcp.fresh: try the address that other servers give"


def tls_issuer(evidence: Evidence) -> Iterator[Finding]:
    """A certificate whose issuer the bundled roots do not know."""
    seen, tls, chat = evidence.get("tls"), evidence.facts(Tls), Samples(evidence)
    if tls.verified is True:
        for cause in ("tls_intercepted", "tls_failure"):
            yield Finding(cause, "excludes", "The certificate is genuine and the handshake works.", "tls")
        return
    failure = seen.failure if seen is not None else None
    if failure == "tls_untrusted" or (tls.verified is False and failure is None):
        yield from _untrusted(tls)
    elif n := chat.count("tls_untrusted"):
        sentence = f"{chat.share('tls_untrusted')} failed on the certificate."
        yield Finding("tls_intercepted", "strong", sentence, "chat.stream", n, ROOTS)


def _untrusted(tls: Tls) -> Iterator[Finding]:
    """Tell a certificate of somebody on the way from one that the server itself has set up badly."""
    cause, issuer = "tls_intercepted", tls.issuer or ""
    named = "The server's certificate is refused" + (f"; its issuer is {issuer!r}" if issuer else "")
    private = bool(issuer) and not PUBLIC_ISSUERS.search(issuer)
    if tls.trusted_by_system is True:
        yield Finding(cause, "shown", f"{named}, which only this machine's own store trusts.", "tls")
    elif private and not tls.self_signed:
        yield Finding(cause, "shown", f"{named}, which is no public authority.", "tls")
    elif tls.self_signed:
        sentence = f"{named}: the certificate vouches for itself."
        yield Finding(cause, "strong", sentence, "tls", next_check=ROOTS)
        yield Finding("tls_failure", "faint", "A server with a certificate of its own looks the same.", "tls")
    elif len(tls.chain) == 1:
        alone = "it came without the certificate that vouches for it: the server is set up badly"
        yield Finding("tls_failure", "strong", f"{named}; {alone}.", "tls", next_check=ROOTS)
        yield Finding(cause, "weak", f"{named}.", "tls", next_check=ROOTS)
    else:
        yield Finding(cause, "strong", f"{named}.", "tls", next_check=ROOTS)


def tls_broken(evidence: Evidence) -> Iterator[Finding]:
    """The handshake failed for another reason than the issuer."""
    seen, chat = evidence.get("tls"), Samples(evidence)
    failure = seen.failure if seen is not None else None
    if failure is None:
        names = ("tls_expired", "tls_hostname", "tls_handshake")
        failure = next((name for name in names if chat.count(name)), None)
    if failure == "tls_expired":
        offset = evidence.facts(LocalNet).clock_offset_s or 0.0
        clock = abs(offset) > DAY_S
        why = f"this machine's clock is wrong by {offset:.0f} s" if clock else "the certificate has expired"
        yield Finding("tls_failure", "shown", f"The certificate's dates were refused: {why}.", "tls")
    elif failure == "tls_hostname":
        other = "The certificate is for another name: another server answers at this address."
        yield Finding("tls_failure", "strong", other, "tls")
        yield Finding(
            "dns_stale", "faint", "A wrong address shows like this.", "tls", next_check=FRESH_ADDRESS
        )
    elif failure == "tls_handshake":
        route, old = route_that_works(evidence), evidence.facts(Tls).older_version_ok is True
        older = " of TLS 1.3 and takes TLS 1.2, as an old filter on the way does" if old else ""
        also = f", while route {route} works" if route else ""
        sentence = f"The other side broke off the handshake{older}{also}."
        yield Finding("tls_failure", "shown" if route else "strong", sentence, "tls")
    elif failure == "not_tls":
        sentence = "What answers at this address and port speaks no TLS."
        yield Finding("wrong_endpoint", "strong", sentence, "tls")
        yield Finding("tls_failure", "weak", sentence, "tls")


def proxy(evidence: Evidence) -> Iterator[Finding]:
    """The proxy that the user's own requests take fails; others do not matter."""
    if works(evidence):
        return
    chat = Samples(evidence)
    met = (seen.failure for check in ("http", "key", "tls", "tcp") if (seen := evidence.get(check)))
    own = evidence.get("proxy")
    names = {*met, own.failure if own is not None and own.made else None}
    how = [words for name, words in PROXY_FAILURES.items() if name in names or chat.count(name)]
    if how:
        tried = bool(chat) or made(evidence, "http")
        sentence = f"The proxy that your requests take {' and '.join(how)}."
        n = max(1, chat.count(*PROXY_FAILURES))
        yield Finding("proxy_fault", "shown" if tried else "strong", sentence, "proxy", n)
    elif evidence.facts(Proxy).disagree is True and not chat.ok:
        sentence = "Programs on this machine disagree about which proxy to take."
        yield Finding("proxy_fault", "weak", sentence, "proxy")


def _is_portal(page: str | None) -> bool:
    return "portal" in (page or "").lower()


def portal(evidence: Evidence) -> Iterator[Finding]:
    """The network answers in the server's place and wants a login."""
    http = evidence.facts(Http)
    if works(evidence):
        return
    if http.status == 511 or _is_portal(http.block_page):
        sentence = "The network's login page answers in the server's place."
        yield Finding("captive_portal", "shown", sentence, "http")
    elif http.captive_portal is True:
        sentence = "The API's name is answered by somebody else's login page."
        yield Finding("captive_portal", "shown", sentence, "http")
    elif LOGIN.search(http.location or "") and (host := _host(http.location or "")):
        sentence = f"Requests are sent to a login page at {host}."
        yield Finding("captive_portal", "shown" if http.plain_http else "strong", sentence, "http")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:  # a bracket that is never closed
        return None


def block_page(evidence: Evidence) -> Iterator[Finding]:
    """A firewall, bot check or regional rule answers with a page of its own."""
    chat, http, cause = Samples(evidence), evidence.facts(Http), "firewall_or_geo_block"
    page = http.block_page or chat.block_page
    if works(evidence) or _is_portal(page):
        return
    route = route_that_works(evidence)
    also = f", while route {route} works" if route else ""
    if page or chat.count("block_page"):
        sentence = f"A block page answered ({page or 'block_page'}){also}."
        yield Finding(cause, "shown", sentence, "http", max(1, chat.count("block_page")))
    elif 451 in (http.status, chat.status):
        yield Finding(cause, "shown", "451: refused for legal reasons of your region.", "http")
    elif chat.lacks_credit or chat.blames_key or (chat.key_withheld and not html_of(http, chat)):
        return
    elif REGION.search(f"{chat.message} {http.error_message or ''}") and not chat.ok:
        yield Finding(cause, "shown", "The answer refuses your region.", "http")
    elif chat.count("http_403") or (http.status == 403 and not chat.ok):
        html = html_of(http, chat)
        strength: Strength = "shown" if route else "strong" if html else "weak"
        n, other = max(1, chat.count("http_403")), "routes: ask over another connection"
        yield Finding(cause, strength, f"403 refuses the sender{also}.", "http", n, other)


def html_of(http: Http, chat: Samples) -> bool:
    """Tell whether a page came where an API's answer was asked for."""
    return BodyKind.HTML in (http.body_kind, chat.body_kind)


def address(evidence: Evidence) -> Iterator[Finding]:
    """Something answers, but not the API."""
    http, chat = evidence.facts(Http), Samples(evidence)
    if works(evidence) or http.block_page or chat.finish_reason == "content_filter":
        return
    yield from _page_answers(evidence, http, chat)
    yield from _nothing_there(http, chat)
    yield from _not_the_api(evidence, chat)


NOT_THE_API = ("wrong_content", "http_404", "http_405", "http_4xx", "not_http", "redirected")


def _page_answers(evidence: Evidence, http: Http, chat: Samples) -> Iterator[Finding]:
    seen = evidence.get("http")
    page = http.body_kind is BodyKind.HTML and http.status == 200
    odd = (
        seen is not None
        and seen.failure == "wrong_content"
        and "json" not in (http.content_type or "").lower()
    )
    if page or odd:
        sure = chat.count(*NOT_THE_API) and not chat.ok
        sentence = "A web page answers at this address, not the API."
        yield Finding("wrong_endpoint", "shown" if sure else "strong", sentence, "http")
    elif chat.count("wrong_content") and not chat.ok:
        sentence = f"{chat.share('wrong_content')} were web pages instead of the API's."
        yield Finding("wrong_endpoint", "strong", sentence, "chat.stream")


def _nothing_there(http: Http, chat: Samples) -> Iterator[Finding]:
    missing = chat.count("http_404") > 0 and "model" not in chat.message.lower()
    lives = chat.ok or any(name.startswith("http_") for name in {*chat.failures} - {"http_404", "http_4xx"})
    if missing or (http.status == 404 and not lives):
        sure, n = missing and http.status == 404, max(1, chat.count("http_404"))
        sentence = "404: nothing lives at this path."
        yield Finding("wrong_endpoint", "shown" if sure else "strong", sentence, "http", n)
    if chat.count("http_4xx") and chat.status == 405:
        yield Finding("wrong_endpoint", "strong", "405: this path takes no questions.", "chat.stream")


def _not_the_api(evidence: Evidence, chat: Samples) -> Iterator[Finding]:
    seen = evidence.get("http")
    if seen is not None and seen.failure in ("redirected", "not_http"):
        what = "only points elsewhere" if seen.failure == "redirected" else "does not speak HTTP"
        yield Finding("wrong_endpoint", "strong", f"The address {what}.", "http")
    elif chat.count("redirected", "not_http") and not chat.ok:
        sentence = "The address answers, but not as the API does."
        yield Finding("wrong_endpoint", "strong", sentence, "chat.stream")


RULES = (
    Rule(
        "tls.issuer",
        "tls",
        "The issuer is unknown to the bundled roots; shown when private or trusted by this machine only.",
        tls_issuer,
        ("tls", *CHAT),
        "SHOWN",
        "RFC 5280; OONI, https://github.com/ooni/spec/blob/master/data-formats/df-007-errors.md",
    ),
    Rule(
        "tls.handshake",
        "tls",
        "Dates, name or handshake fail.",
        tls_broken,
        ("tls", "local_net", "routes", *CHAT),
        "SHOWN",
        "RFC 8446, section 6; RFC 5280, section 6",
    ),
    Rule(
        "proxy.in-use",
        "proxy",
        "The proxy that the user's own requests take fails.",
        proxy,
        ("proxy", "http", "key", "tls", "tcp", *CHAT, *WORKS),
        "SHOWN",
        "RFC 9110, section 15.5.8 (407)",
    ),
    Rule(
        "http.portal",
        "link",
        "A login page of the network answers in the server's place.",
        portal,
        ("http", *WORKS),
        "SHOWN",
        "RFC 6585, section 6 (511); RFC 8952",
    ),
    Rule(
        "http.block",
        "http",
        "A block page or a refusal of the sender.",
        block_page,
        ("http", "routes", *CHAT, *WORKS),
        "SHOWN",
        "RFC 7725 (451); RFC 9110, section 15.5.4 (403)",
    ),
    Rule(
        "http.address",
        "http",
        "Something answers that is not the API.",
        address,
        ("http", *CHAT, *WORKS),
        "SHOWN",
        "https://api-docs.deepseek.com/",
    ),
)
