"""The chat page: page, assets, session check, question (docs/design.md, "How the web chat is asked")."""

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from deepkit.sandbox.answer import Answer
from deepkit.sandbox.api import limited_body, not_found, respond_gateway
from deepkit.sandbox.bodies import WEB_BUSY, Refusal, dumps, page
from deepkit.sandbox.failure_modes import dress, refused, respond
from deepkit.sandbox.question import MOST_OUTPUT, Question, current_models, tokens
from deepkit.sandbox.site import LiveSite

SESSION = "ds_session_id"
EXPIRED = "expired-"
"""How the sandbox's stale session cookies begin."""
MOST_COOKIES = 8192
"""Longest Cookie header the web server takes, in bytes (the usual size of its header buffers)."""
KINDS = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


@cache
def assets() -> dict[str, bytes]:
    """Return the page's files by path; a path carries the beginning of its content's hash."""
    found = {}
    for one in files("deepkit.sandbox").joinpath("page").iterdir():
        stem, dot, ending = one.name.rpartition(".")
        if dot + ending in KINDS:
            content = one.read_bytes()
            found[f"/static/{stem}.{hashlib.sha256(content).hexdigest()[:8]}.{ending}"] = content
    return found


def asset_path(stem: str) -> str:
    """Return the path of the asset whose name begins so."""
    return next(path for path in assets() if path.startswith(f"/static/{stem}."))


@cache
def index() -> bytes:
    """Return the page with the addresses and hashes of its files filled in."""
    text = files("deepkit.sandbox").joinpath("page/index.html").read_text(encoding="utf-8")
    for path, content in assets().items():
        name = path.split("/")[-1].split(".")[0]
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        text = text.replace(f"{{{name}}}", path).replace(f"{{{name}_hash}}", f"sha256-{digest}")
    return text.encode()


def routes() -> list[Route]:
    """Return the page's routes."""
    return [
        Route("/", _page),
        Route("/favicon.ico", _nothing),
        Route("/static/{name}", _asset),
        Route("/api/v0/users/current", _session),
        Route("/api/v0/analytics/events", _nothing, methods=["POST"]),
        Route("/api/v0/chat/completion", _question, methods=["POST"]),
    ]


def _site(request: Request) -> LiveSite:
    site: LiveSite = request.scope["site"]
    return site


async def _page(request: Request) -> Response:
    site = _site(request)
    if _too_large(request):
        return refused(
            page(400, "Bad Request", "<center>Request Header Or Cookie Too Large</center>\r\n"), site.rng
        )
    if site.spec.face in ("down", "blocked"):
        return respond_gateway(site)
    answer = dress(Response(index()), "text/html; charset=utf-8", site.rng)
    answer.headers["Cache-Control"] = "no-cache"
    if SESSION not in request.cookies:
        answer.set_cookie(SESSION, f"{site.rng.getrandbits(96):024x}", httponly=True, samesite="lax")
    return answer


async def _asset(request: Request) -> Response:
    content = assets().get(request.url.path)
    if content is None:
        return not_found(_site(request))
    answer = dress(Response(content), KINDS["." + request.url.path.rpartition(".")[2]], _site(request).rng)
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


async def _nothing(request: Request) -> Response:
    return dress(Response(status_code=204), "text/plain", _site(request).rng)


def _too_large(request: Request) -> bool:
    return len(request.headers.get("cookie", "")) > MOST_COOKIES


def _stale(request: Request) -> Response | None:
    if request.cookies.get(SESSION, "").startswith(EXPIRED):
        body = {"code": 40003, "msg": "Authorization Failed (invalid token)", "data": None}
        return dress(Response(dumps(body), 401), "application/json", _site(request).rng)
    return None


async def _session(request: Request) -> Response:
    user = {"id": "guest", "status": 0}
    body = {"code": 0, "msg": "", "data": {"biz_code": 0, "biz_msg": "", "biz_data": user}}
    return _stale(request) or dress(Response(dumps(body)), "application/json", _site(request).rng)


async def _question(request: Request) -> Response:
    site = _site(request)
    stale = _stale(request)
    if stale is not None:
        return stale
    body = await limited_body(request)
    if isinstance(body, Refusal):
        return refused(body, site.rng)
    try:
        asked = json.loads(body)
        prompt = str(asked["prompt"])
    except (ValueError, KeyError, TypeError):
        return refused(Refusal(400, dumps({"code": 40000, "msg": "invalid request", "data": None})), site.rng)
    decision = site.decide(site.spec.web)
    if decision.face == "full":
        busy = dumps({"code": 50000, "msg": WEB_BUSY, "data": None})
        return dress(Response(busy), "application/json", site.rng)
    return respond(decision, Answer(_asked(prompt, asked.get("max_tokens")), site.cache, site.rng), site.rng)


def _asked(prompt: str, most: object) -> Question:
    return Question(
        model=current_models("deepseek")[0],
        messages=({"role": "user", "content": prompt},),
        stream=True,
        thinking=False,
        include_usage=False,
        max_tokens=most if isinstance(most, int) and most > 0 else MOST_OUTPUT,
        prompt_tokens=tokens(prompt),
    )
