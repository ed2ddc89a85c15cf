"""The chat page as the user's browser meets it, then with a clean profile and without extensions."""

import asyncio
from dataclasses import replace

from deepkit.checks import Web, checked
from deepkit.probes._context import Context, Observations, Stopwatch
from deepkit.records import Profile, Target
from deepkit.transport import Visit, visit
from deepkit.transport.question import MAX_TOKENS, PROMPT

CHECKS = ("web",)


async def probe(context: Context) -> Observations:
    """Visit the page; if that fails, change the browser and visit again."""
    watch = Stopwatch()
    if context.target.web_url is None:
        yield watch.not_checked(Web, "no chat page is known")
        return
    seen = await _visit(context, context.target)
    facts = _facts(seen)
    if seen.failure == "budget_spent":
        yield watch.not_checked(Web, "the budget of this run is spent")
        return
    if seen.failure is None:
        yield watch.saw(facts, "ok", seen.detail)
        return
    clean_ok, no_extension_ok = await _controls(context)
    facts = replace(facts, clean_ok=clean_ok, no_extension_ok=no_extension_ok)
    reason = seen.detail or f"the chat page did not do what it should: {seen.failure}"
    yield watch.saw(facts, "fault", reason, failure=seen.failure)


async def _visit(context: Context, target: Target) -> Visit:
    async with context.gate:
        settings = replace(context.single(), surface="web")
        return await visit(target, settings, context.meter, prompt=PROMPT, max_tokens=MAX_TOKENS)


async def _controls(context: Context) -> tuple[bool | None, bool | None]:
    """Visit with a clean profile, and without extensions; a browser that has nothing to change gives no control."""
    profile, known = context.target.profile, context.stand_ins
    clean = known.get("clean_profile") or replace(context.target, profile=Profile())
    bare = known.get("no_extensions") or replace(context.target, profile=replace(profile, blocked=()))
    clean_ok, no_extension_ok = await asyncio.gather(
        _works(context, clean if profile != Profile() else None),
        _works(context, bare if profile.blocked else None),
    )
    return clean_ok, no_extension_ok


async def _works(context: Context, target: Target | None) -> bool | None:
    if target is None:
        return None
    seen = await _visit(context, replace(target, stand_ins={}))
    return seen.failure is None if seen.failure != "budget_spent" else None


def _facts(seen: Visit) -> Web:
    question = seen.question
    values = {
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
    return checked(Web, values)
