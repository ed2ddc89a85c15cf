"""The chat page as the user's browser meets it, then with a clean profile and without extensions."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from deepkit.probes._look import Look, Stopwatch
from deepkit.records import Observation, Profile, Target
from deepkit.transport import Visit, visit
from deepkit.transport.question import MAX_TOKENS, PROMPT

CHECKS = ("web",)


async def probe(look: Look) -> AsyncIterator[Observation]:
    """Visit the page; if that fails, change the browser and visit again."""
    watch = Stopwatch()
    if look.target.web_url is None:
        yield watch.not_checked("web", "no chat page is known")
        return
    seen = await _visit(look, look.target)
    facts = _facts(seen)
    if seen.failure == "budget_spent":
        yield watch.not_checked("web", "the budget of this run is spent")
        return
    if seen.failure is None:
        yield watch.saw("web", "ok", seen.detail, facts=facts)
        return
    facts |= await _controls(look)
    reason = seen.detail or f"the chat page did not do what it should: {seen.failure}"
    yield watch.saw("web", "fault", reason, failure=seen.failure, facts=facts)


async def _visit(look: Look, target: Target) -> Visit:
    async with look.gate:
        settings = replace(look.single(), surface="web")
        return await visit(target, settings, look.meter, prompt=PROMPT, max_tokens=MAX_TOKENS)


async def _controls(look: Look) -> dict[str, bool]:
    """Change one thing about the browser at a time; a browser that has nothing to change gives no control."""
    profile = look.target.profile
    controls: dict[str, Target] = {}
    if profile != Profile():
        controls["clean_ok"] = replace(
            look.stand_ins.get("clean_profile") or replace(look.target, profile=Profile()), stand_ins={}
        )
    if profile.blocked:
        controls["no_extension_ok"] = replace(
            look.stand_ins.get("no_extensions") or replace(look.target, profile=replace(profile, blocked=())),
            stand_ins={},
        )
    visits = await asyncio.gather(*(_visit(look, target) for target in controls.values()))
    told = zip(controls, visits, strict=True)
    return {name: seen.failure is None for name, seen in told if seen.failure != "budget_spent"}


def _facts(seen: Visit) -> dict[str, Any]:
    question = seen.question
    return {
        "page_status": seen.page_status,
        "assets": [
            {"path": one.path, "status": one.status, "stale": one.stale, "blocked": one.blocked}
            for one in seen.assets
        ],
        "session_status": seen.session_status,
        "busy_text": seen.busy_text or None,
        "cookie_bytes": seen.cookie_bytes,
        "ok": seen.failure is None,
        "asked": seen.asked,
        "status": question.status if question else None,
        "error_message": question.error_message if question else None,
        "finish_reason": question.finish_reason if question else None,
        "first_token_s": question.first_token_s if question else None,
        "block_page": next((one.block_page for one in seen.exchanges if one.block_page), None),
        "address": next((one.address for one in seen.exchanges if one.address), None),
    }
