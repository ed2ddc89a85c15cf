"""Sandboxes that close themselves, and plain clients for them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from deepkit.records import Target
from deepkit.sandbox import Sandbox, open_sandbox


@pytest.fixture
def opened() -> Iterator[Callable[..., Sandbox]]:
    """Open sandboxes that are closed after the test; none may have answered for a bug of its own."""
    with ExitStack() as stack:
        boxes: list[Sandbox] = []

        def opening(scenario: str, **options: Any) -> Sandbox:
            boxes.append(stack.enter_context(open_sandbox(scenario, **options)))
            return boxes[-1]

        yield opening
        assert [box.faults for box in boxes] == [()] * len(boxes)


def client(target: Target, *, timeout: float = 3.0, **options: Any) -> httpx.Client:
    """A plain client with the target's key; it takes nothing from the environment."""
    assert target.key is not None
    bearer = {"Authorization": f"Bearer {target.key.reveal()}"}
    return httpx.Client(base_url=target.base_url, headers=bearer, timeout=timeout, trust_env=False, **options)


def question(target: Target, **fields: Any) -> dict[str, Any]:
    """The body of one chat request, with the target's conversation if it has one."""
    messages = list(target.conversation) or [{"role": "user", "content": "Hello?"}]
    return {"model": target.model, "messages": messages, **fields}
