"""The API's endpoints: chat completions, models, balance."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deepkit.sandbox.accounts import Account, Accounts
from deepkit.sandbox.answer import Answer
from deepkit.sandbox.bodies import (
    Refusal,
    block_page,
    crowded,
    dumps,
    invalid,
    page,
    refusal,
    unauthenticated,
)
from deepkit.sandbox.failure_modes import dress, refused, respond
from deepkit.sandbox.question import current_models, parse
from deepkit.sandbox.site import LiveSite

MOST_BODY = 8 * 1024 * 1024
"""Longest request body that is read, in bytes; a longer one gets the web server's 413."""


async def limited_body(request: Request) -> bytes | Refusal:
    """Read a request's body up to MOST_BODY bytes."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MOST_BODY:
            return page(413, "Request Entity Too Large")
    return bytes(body)


class Api:
    """The endpoints over a set of accounts."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def routes(self) -> list[Route]:
        """Return the routes; "/v1" has nothing to do with the model's version."""
        rows: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
            ("/chat/completions", "POST", self._chat),
            ("/models", "GET", self._models),
            ("/user/balance", "GET", self._balance),
        ]
        prefixes = ("", "/v1", "/api/v1")
        return [
            Route(prefix + path, self._methods(method, call), methods=["GET", "HEAD", "POST", "OPTIONS"])
            for prefix in prefixes
            for path, method, call in rows
        ]

    def _methods(
        self, method: str, call: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            site: LiveSite = request.scope["site"]
            if request.method == "OPTIONS":
                answer = Response(status_code=204)
                dressed = dress(answer, "text/plain", site.rng)
                dressed.raw_headers += [(b"Allow", method.encode()), (b"Access-Control-Allow-Origin", b"*")]
                return dressed
            if site.spec.face in ("down", "blocked"):  # the gateway itself is out of order
                return respond_gateway(site)
            who = self._account(request, site)
            if isinstance(who, Refusal):
                return refused(who, site.rng)
            if request.method != method and not (method == "GET" and request.method == "HEAD"):
                return refused(refusal(405, "Method Not Allowed", "invalid_request_error"), site.rng)
            return await call(request)

        return endpoint

    def _account(self, request: Request, site: LiveSite) -> Account | Refusal:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return unauthenticated(None, site.rng)
        found = self._accounts.find(key.strip(), site.spec.provider)
        return found or unauthenticated(key.strip()[-4:], site.rng)

    async def _chat(self, request: Request) -> Response:
        site: LiveSite = request.scope["site"]
        body = await limited_body(request)
        if isinstance(body, Refusal):
            return refused(body, site.rng)
        asked = parse(body, site.spec.provider, site.spec.context)
        account = self._account(request, site)
        assert isinstance(account, Account)
        if isinstance(asked, Refusal):
            return refused(asked, site.rng)
        if float(account.balance) <= 0:
            return refused(refusal(402, "Insufficient Balance", "unknown_error"), site.rng)
        crowd = account.crowd()
        if crowd:
            return refused(crowded(*crowd), site.rng)
        return respond(site.decide(), Answer(asked, site.cache, site.rng), site.rng)

    async def _models(self, request: Request) -> Response:
        site: LiveSite = request.scope["site"]
        rows = [
            {"id": one, "object": "model", "owned_by": site.spec.provider}
            for one in current_models(site.spec.provider)
        ]
        return dress(Response(dumps({"object": "list", "data": rows})), "application/json", site.rng)

    async def _balance(self, request: Request) -> Response:
        site: LiveSite = request.scope["site"]
        account = self._account(request, site)
        assert isinstance(account, Account)
        return dress(Response(dumps(account.as_json())), "application/json", site.rng)


def respond_gateway(site: LiveSite) -> Response:
    """Return what a gateway says that does not get as far as reading the request."""
    if site.spec.face == "down":
        return refused(page(500, "Internal Server Error"), site.rng)
    return refused(block_page("this network"), site.rng)


def not_found(site: LiveSite) -> Response:
    """Return the answer to an unknown path."""
    return refused(Refusal(404, invalid("Not Found").body), site.rng)
