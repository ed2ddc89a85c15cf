"""Rules for what stands between the connection and the API: TLS, proxies, portals, block pages, wrong addresses."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from deepkit.diagnosis._chat import Chat
from deepkit.diagnosis._rule import Finding, Rule, facts, made
from deepkit.diagnosis._way import CHAT, WORKS, route_that_works, works
from deepkit.records import Evidence

PUBLIC_ISSUERS = re.compile(
    r"digicert|geotrust|thawte|rapidssl|symantec|verisign|let'?s encrypt|isrg|globalsign|sectigo|comodo|usertrust|"
    r"amazon|google trust|gts |trustasia|wotrus|cfca|entrust|godaddy|starfield|certum|buypass|zerossl|microsoft|"
    r"identrust|ssl\.com|actalis|swisssign|quovadis|t-telesec|cloudflare|baltimore|xinchacha|sheca|racknerd|tencent",
    re.IGNORECASE,
)
"""Words in the names of public certificate authorities; an issuer without any of them is private."""
CREDIT = re.compile(
    r"balance is insufficient|insufficient[_ ](?:user[_ ])?(?:quota|balance|credit)|额度不足|余额不足",
    re.IGNORECASE,
)
"""Resellers refuse for lack of credit with 403 as well as with 402."""
REGION = re.compile(
    r"(?:country|region)[^.]{0,40}not (?:supported|available)|unsupported_country", re.IGNORECASE
)
PROXY_FAILURES = ("proxy_refused", "proxy_auth", "proxy_error")
ROOTS = "tls: compare the issuer that this network presents with the one over another network"


def tls_issuer(evidence: Evidence) -> Iterator[Finding]:
    """A certificate whose issuer the bundled roots do not know."""
    seen, found = evidence.get("tls"), facts(evidence, "tls")
    if found.get("verified") is True:
        for cause in ("tls_intercepted", "tls_failure"):
            yield Finding(cause, "excludes", "The certificate is genuine and the handshake works.", "tls")
        return
    chat = Chat(evidence)
    refused = seen is not None and seen.failure == "tls_untrusted"
    if not refused and not (
        found.get("verified") is False and seen is not None and seen.failure in (None, "tls_untrusted")
    ):
        if chat.count("tls_untrusted"):
            yield Finding(
                "tls_intercepted",
                "strong",
                f"{chat.share('tls_untrusted')} failed on the certificate.",
                "chat.stream",
                chat.count("tls_untrusted"),
                ROOTS,
            )
        return
    issuer = str(found.get("issuer") or "")
    named = (
        f"The server's certificate is refused; its issuer is {issuer!r}"
        if issuer
        else "The server's certificate is refused"
    )
    private = bool(issuer) and not PUBLIC_ISSUERS.search(issuer)
    if found.get("trusted_by_system") is True:
        yield Finding(
            "tls_intercepted", "shown", f"{named}, which only this machine's own store trusts.", "tls"
        )
    elif private and not found.get("self_signed"):
        yield Finding("tls_intercepted", "shown", f"{named}, which is no public authority.", "tls")
    elif found.get("self_signed"):
        yield Finding(
            "tls_intercepted",
            "strong",
            f"{named}: the certificate vouches for itself.",
            "tls",
            next_check=ROOTS,
        )
        yield Finding("tls_failure", "faint", "A server with a certificate of its own looks the same.", "tls")
    elif len(found.get("chain") or ()) == 1:
        alone = "it came without the certificate that vouches for it: the server is set up badly"
        yield Finding("tls_failure", "strong", f"{named}; {alone}.", "tls", next_check=ROOTS)
        yield Finding("tls_intercepted", "weak", f"{named}.", "tls", next_check=ROOTS)
    else:
        yield Finding("tls_intercepted", "strong", f"{named}.", "tls", next_check=ROOTS)


def tls_broken(evidence: Evidence) -> Iterator[Finding]:
    """The handshake failed for another reason than the issuer."""
    seen = evidence.get("tls")
    failure = seen.failure if seen is not None else None
    chat = Chat(evidence)
    if failure is None and chat.count("tls_handshake", "tls_expired", "tls_hostname"):
        failure = next(name for name in ("tls_expired", "tls_hostname", "tls_handshake") if chat.count(name))
    if failure == "tls_expired":
        offset = facts(evidence, "local_net").get("clock_offset_s")
        clock = isinstance(offset, int | float) and abs(offset) > 86_400
        why = f"this machine's clock is wrong by {offset:.0f} s" if clock else "the certificate has expired"
        yield Finding("tls_failure", "shown", f"The certificate's dates were refused: {why}.", "tls")
    elif failure == "tls_hostname":
        yield Finding(
            "tls_failure",
            "strong",
            "The certificate is for another name: another server answers at this address.",
            "tls",
        )
        yield Finding(
            "dns_stale",
            "faint",
            "A wrong address shows like this.",
            "tls",
            next_check="tcp.fresh: try the address that other servers give",
        )
    elif failure in ("tls_handshake", "not_tls"):
        route = route_that_works(evidence)
        passes = facts(evidence, "tls").get("older_version_ok") is True
        older = " of TLS 1.3 and takes TLS 1.2, as an old filter on the way does" if passes else ""
        how = "speaks no TLS" if failure == "not_tls" else "broke off the handshake"
        if failure == "not_tls":
            yield Finding(
                "wrong_endpoint", "strong", "What answers at this address and port speaks no TLS.", "tls"
            )
            yield Finding(
                "tls_failure", "weak", "What answers at this address and port speaks no TLS.", "tls"
            )
        else:
            yield Finding(
                "tls_failure",
                "shown" if route else "strong",
                f"The other side {how}{older}" + (f", while route {route} works." if route else "."),
                "tls",
            )


def proxy(evidence: Evidence) -> Iterator[Finding]:
    """The proxy that the user's own requests take fails; others do not matter."""
    if works(evidence):
        return
    chat, seen = Chat(evidence), evidence.get("proxy")
    names = {name for name in PROXY_FAILURES if chat.count(name)}
    names |= {
        one.failure
        for check in ("http", "key", "tls", "tcp")
        if (one := evidence.get(check)) and one.failure in PROXY_FAILURES
    }
    own = seen is not None and made(seen) and seen.failure in PROXY_FAILURES
    if own and seen is not None:
        names.add(str(seen.failure))
    if not names:
        if facts(evidence, "proxy").get("disagree") is True and not chat.ok:
            yield Finding(
                "proxy_fault", "weak", "Programs on this machine disagree about which proxy to take.", "proxy"
            )
        return
    how = {
        "proxy_auth": "wants a login (407)",
        "proxy_refused": "does not take connections",
        "proxy_error": "fails",
    }
    said = " and ".join(how[name] for name in sorted(names))
    tried = bool(chat) or made(evidence.get("http"))
    yield Finding(
        "proxy_fault",
        "shown" if tried else "strong",
        f"The proxy that your requests take {said}.",
        "proxy",
        max(1, chat.count(*PROXY_FAILURES)),
    )


def portal(evidence: Evidence) -> Iterator[Finding]:
    """The network answers in the server's place and wants a login."""
    seen, found = evidence.get("http"), facts(evidence, "http")
    if seen is None or works(evidence):
        return
    where = str(found.get("location") or "")
    login = re.search(r"login|portal|captive|hotspot|auth|splash|wifi", where, re.IGNORECASE)
    if found.get("status") == 511 or "portal" in str(found.get("block_page") or "").lower():
        yield Finding(
            "captive_portal", "shown", "The network's login page answers in the server's place.", "http"
        )
    elif found.get("captive_portal") is True:
        yield Finding(
            "captive_portal", "shown", "The API's name is answered by somebody else's login page.", "http"
        )
    elif login and _elsewhere(found):
        strength: Any = "shown" if found.get("plain_http") else "strong"
        yield Finding(
            "captive_portal",
            strength,
            f"Requests are sent to a login page at {urlsplit(where).hostname or where!r}.",
            "http",
        )


def _elsewhere(found: dict[str, Any]) -> bool:
    target = urlsplit(str(found.get("location") or "")).hostname
    return bool(target) and target != found.get("host")


def block_page(evidence: Evidence) -> Iterator[Finding]:
    """A firewall, bot check or regional rule answers with a page of its own."""
    if works(evidence):
        return
    chat, found = Chat(evidence), facts(evidence, "http")
    page = found.get("block_page") or chat.first("block_page")
    if page and "portal" in str(page).lower():
        return
    route = route_that_works(evidence)
    if page or chat.count("block_page"):
        also = f", while route {route} works" if route else ""
        yield Finding(
            "firewall_or_geo_block",
            "shown",
            f"A block page answered ({page or 'block_page'}){also}.",
            "http",
            max(1, chat.count("block_page")),
        )
    elif found.get("status") == 451 or chat.status == 451:
        yield Finding(
            "firewall_or_geo_block", "shown", "451: refused for legal reasons of your region.", "http"
        )
    elif CREDIT.search(chat.message):
        return
    elif REGION.search(f"{chat.message} {found.get('error_message') or ''}") and not chat.ok:
        yield Finding("firewall_or_geo_block", "shown", "The answer refuses your region.", "http")
    elif chat.count("http_403") or (found.get("status") == 403 and not chat.ok):
        html = "html" in (found.get("body_kind"), chat.first("body_kind"))
        strength: Any = "shown" if route else ("strong" if html else "weak")
        yield Finding(
            "firewall_or_geo_block",
            strength,
            "403 refuses the sender" + (f", while route {route} works." if route else "."),
            "http",
            max(1, chat.count("http_403")),
            "routes: ask over another connection",
        )


def address(evidence: Evidence) -> Iterator[Finding]:
    """Something answers, but not the API."""
    if works(evidence):
        return
    seen, found, chat = evidence.get("http"), facts(evidence, "http"), Chat(evidence)
    if found.get("block_page") or chat.first("finish_reason") == "content_filter":
        return
    page = found.get("body_kind") == "html" and found.get("status") == 200
    if page or (seen is not None and seen.failure == "wrong_content"):
        agree = chat.count(
            "wrong_content", "http_404", "http_405", "http_4xx", "bad_body", "not_http", "redirected"
        )
        yield Finding(
            "wrong_endpoint",
            "shown" if agree and not chat.ok else "strong",
            "A web page answers at this address, not the API.",
            "http",
        )
    elif chat.count("wrong_content") and not chat.ok:
        yield Finding(
            "wrong_endpoint",
            "strong",
            f"{chat.share('wrong_content')} were web pages instead of the API's.",
            "chat.stream",
        )
    missing = chat.count("http_404") and "model" not in chat.message.lower()
    if missing or found.get("status") == 404:
        both = missing and found.get("status") == 404
        yield Finding(
            "wrong_endpoint",
            "shown" if both else "strong",
            "404: nothing lives at this path.",
            "http",
            max(1, chat.count("http_404")),
        )
    if chat.count("http_4xx") and chat.status == 405:
        yield Finding("wrong_endpoint", "strong", "405: this path takes no questions.", "chat.stream")
    if seen is not None and seen.failure in ("redirected", "not_http"):
        what = "only points elsewhere" if seen.failure == "redirected" else "does not speak HTTP"
        yield Finding("wrong_endpoint", "strong", f"The address {what}.", "http")
    elif chat.count("redirected", "not_http") and not chat.ok:
        yield Finding(
            "wrong_endpoint", "strong", "The address answers, but not as the API does.", "chat.stream"
        )


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
