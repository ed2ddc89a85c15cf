"""The API's front door, without a key: who answers, and in which language?"""

from dataclasses import replace
from urllib.parse import urlsplit

from deepkit.checks import Http
from deepkit.probes._context import Context, Observations, Stopwatch, answered
from deepkit.transport import Exchange, send
from deepkit.transport.handshake import handshake
from deepkit.transport.resolve import literal
from deepkit.transport.served_by import served_by

CHECKS = ("http",)
PLAIN_PORT = 80
"""Where plain HTTP is spoken; a portal answers there for every host."""
ANSWERED = frozenset({200, 401, 402, 403, 429})
"""Statuses with which a working API answers somebody who has no key."""


async def probe(context: Context) -> Observations:
    """GET /models without the key."""
    watch = Stopwatch()
    told = await context.gateway()
    failure = judged(told)
    facts = answered(
        Http,
        told,
        server=told.headers.get("server"),
        served_by=served_by(told),
        content_type=told.headers.get("content-type"),
        location=_without_query(told.headers.get("location")),
        plain_http=context.base.scheme == "http",
        via=told.headers.get("via"),
    )
    if failure is None:
        yield watch.saw(facts, "ok")
        return
    facts = replace(facts, captive_portal=await _portal(context))
    reason = _REASONS.get(failure, f"the API's front did not answer as one: {failure}")
    if context.base.scheme == "http" and await _speaks_tls(context, told):
        failure, facts = "not_http", replace(facts, tls_on_port=True)
        reason = "this port speaks TLS, not plain HTTP: the address should begin with https://"
    if failure in ("budget_spent", "interrupted"):
        yield watch.not_checked(Http, "the budget of this run is spent")
        return
    yield watch.saw(facts, "fault", reason, failure=failure)


_REASONS = {
    "wrong_content": "a web page answered where an API should: the address may be wrong, or somebody is in between",
    "redirected": "the address leads somewhere else; an API does not redirect",
    "block_page": "a block page answered in the API's place",
    "http_404": "there is no API at this address",
    "empty_body": "the answer was empty",
}


def judged(told: Exchange) -> str | None:
    """Name what is wrong with the front's answer; None when an API answered."""
    if told.status is None or told.failure in ("block_page", "redirected", "too_large", "bad_body"):
        return told.failure
    if told.body_kind == "html" and (told.ok or told.status in ANSWERED | {404}):
        return "wrong_content"
    if told.ok and told.body_kind == "empty":
        return "empty_body"
    if told.ok and told.body_kind == "text":
        return "bad_body" if "json" in told.headers.get("content-type", "").lower() else "wrong_content"
    return None if told.status in ANSWERED else told.failure


async def _speaks_tls(context: Context, told: Exchange) -> bool:
    odd = told.failure in ("not_http", "closed_early", "connection_reset", "read_timeout") or (
        told.status == 400 and told.body_kind == "html"
    )
    if not odd or context.settings.route != "direct":
        return False
    seen = (
        await handshake(
            replace(context.target, base_url=f"https://{context.base.netloc.rpartition('@')[2]}"),
            context.single(),
            verify=False,
        )
        if context.base.port
        else await _on_port_80(context)
    )
    return seen.failure is None and seen.tls is not None


async def _portal(context: Context) -> bool | None:
    """Tell whether somebody else answers the API's name in plain HTTP, as a network that wants a login does.

    Asked only when the API itself did not answer, without a key, and of no third party: a portal takes
    every address. An API's own plain port leads to itself or says nothing, which proves nothing.

    Returns:
        Whether a portal answers; None when nobody did.
    """
    if not context.target.live or context.base.scheme != "https" or context.settings.route != "direct":
        return None
    host = f"[{context.host}]" if ":" in context.host else context.host
    url = f"http://{host}:{PLAIN_PORT}/"
    told = await send(
        context.target,
        context.single(),
        context.meter,
        "GET",
        url,
        with_key=False,
        deadline_s=min(2.0, context.left_s),
    )
    if told.status is None:
        return None
    if told.status == 511 or told.block_page == "captive_portal":
        return True
    leads_to = urlsplit(told.headers.get("location", "")).hostname
    if told.failure == "redirected" and leads_to:
        return not _same_site(leads_to, context.host)
    return False


def _same_site(one: str, other: str) -> bool:
    """Whether two hosts share their last two labels; an address only equals itself."""
    return one == other or (literal(other) is None and one.split(".")[-2:] == other.split(".")[-2:])


async def _on_port_80(context: Context) -> Exchange:
    return await handshake(
        replace(context.target, base_url=f"https://{context.host}:80"), context.single(), verify=False
    )


def _without_query(url: str | None) -> str | None:
    return url.split("?")[0].split("#")[0] if url else None
