"""Model servers on this machine, known by their answers and not by their ports."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from deepkit.checks import Local, checked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.records import Settings, Target, Timeouts
from deepkit.transport import Exchange, listed_models, send
from deepkit.transport.bodies import json_of
from deepkit.transport.connect import try_one
from deepkit.transport.served_by import served_by

CHECKS = ("local",)
PORTS: tuple[int, ...] = (1234, 11434, 8000, 8080, 30000, 4000)
"""Where LM Studio, Ollama, vLLM, llama.cpp, SGLang and LiteLLM's proxy listen unless told otherwise."""
PATIENCE = Timeouts(connect=0.3, first_byte=1.0, idle=1.0, total=1.5)


async def probe(context: Context) -> Observations:
    """Knock at the usual ports; only where somebody listens is anything asked."""
    watch = Stopwatch()
    found = await asyncio.gather(*(_server(context, port) for port in PORTS if port != _own_port(context)))
    servers = [one for one in found if one is not None]
    reason = "" if servers else "no model server answers on this machine's usual ports"
    yield watch.saw(checked(Local, {"servers": servers}), "ok", reason)


def _own_port(context: Context) -> int | None:
    return context.port if context.host in ("127.0.0.1", "localhost", "::1") else None


async def _server(context: Context, port: int) -> dict[str, Any] | None:
    knock = await try_one("127.0.0.1", port, timeout_s=PATIENCE.connect)
    if knock.failure:
        return None
    target = Target("local", f"http://127.0.0.1:{port}", live=False)
    settings = Settings(timeouts=replace(PATIENCE, total=min(PATIENCE.total, context.left_s)))

    async def get(path: str) -> Exchange:
        return await send(target, settings, context.meter, "GET", path, with_key=False, limit_bytes=200_000)

    models = await get("/v1/models")
    if models.failure == "budget_spent" or models.body_kind != "json":
        return None
    kind = served_by(models) or await _ollama(get) or "unknown"
    loading = models.status == 503 and "loading" in (models.error_message or "").lower()
    state = "loading" if loading else "ready" if models.ok else "error"
    return {"port": port, "kind": kind, "state": state, "models": list(listed_models(models)[:20])}


async def _ollama(get: Callable[[str], Awaitable[Exchange]]) -> str | None:
    """An old Ollama names nobody in its model list; its version page does (docs/api.md, "Version")."""
    version = await get("/api/version")
    told = json_of(version.body) if version.ok else None
    return "ollama" if isinstance(told, dict) and "version" in told else None
