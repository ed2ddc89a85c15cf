"""What the model says, cut into the chunks of an event stream or put into one body."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from random import Random
from typing import Any

from deepkit.sandbox.bodies import dumps
from deepkit.sandbox.forms import JSON_ANSWER
from deepkit.sandbox.question import Question

REASONING = ("The user ", "asks something ", "small; ", "a short answer ", "will do.")
ANSWER = ("Hello", "! ", "This is ", "the sandbox ", "of DeepKit; ", "all is well ", "here.")
CACHE_UNIT = 64
"""Cached prefixes are counted in units of this many tokens."""
MOST_PREFIXES = 512


class Cache:
    """The disk cache: a prefix of messages that was seen before costs less."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def hits(self, question: Question) -> int:
        """Return how many prompt tokens were cached, and remember this conversation."""
        digest, best = hashlib.sha256(question.model.encode()), 0
        for one in question.messages:
            digest.update(dumps(one))
            best = max(best, self._seen.get(digest.digest(), 0))
        self._seen[digest.digest()] = question.prompt_tokens
        while len(self._seen) > MOST_PREFIXES:
            self._seen.popitem(last=False)
        return min(best, question.prompt_tokens) // CACHE_UNIT * CACHE_UNIT


class Answer:
    """One answer with its identity, its pieces and its token counts.

    Args:
        question: What was asked.
        cache: The site's cache.
        rng: Source of the identity.
    """

    def __init__(self, question: Question, cache: Cache, rng: Random) -> None:
        self.question = question
        self.id = f"{rng.getrandbits(128):032x}"
        self.created = int(time.time())
        self.reasoning = list(REASONING) if question.thinking else []
        room = max(0, question.max_tokens - len(self.reasoning))
        self.reasoning = self.reasoning[: question.max_tokens]
        forms, said = question.forms, JSON_ANSWER if question.forms.as_json else ANSWER
        self.text = [forms.tool[1]] if forms.tool else list(said[:room])
        self.finish = "tool_calls" if forms.tool else "stop" if room >= len(said) else "length"
        self._call_id = f"call_{rng.getrandbits(64):016x}" if forms.tool else ""
        self._cached = cache.hits(question)

    def usage(self) -> dict[str, Any]:
        """Return the token counts; the reasoning's stand apart only when there was some."""
        prompt, out = self.question.prompt_tokens, len(self.reasoning) + len(self.text)
        counts: dict[str, Any] = {
            "prompt_tokens": prompt,
            "completion_tokens": out,
            "total_tokens": prompt + out,
            "prompt_tokens_details": {"cached_tokens": self._cached},
            "prompt_cache_hit_tokens": self._cached,
            "prompt_cache_miss_tokens": prompt - self._cached,
        }
        if self.reasoning:
            counts["completion_tokens_details"] = {"reasoning_tokens": len(self.reasoning)}
        return counts

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        """Return one event for each choice."""
        usage = {"usage": None} if self.question.include_usage else {}
        return b"".join(
            self._event({
                "choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}], **usage
            })
            for index in range(self.question.forms.choices)
        )  # fmt: skip

    def _event(self, rest: dict[str, Any]) -> bytes:
        head = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.question.model,
            "system_fingerprint": "fp_sandbox",
        }
        return b"data: " + dumps({**head, **rest}) + b"\n\n"

    def role(self) -> bytes:
        """Return the first chunk, which carries the role and no text."""
        delta: dict[str, Any] = {"role": "assistant", "content": "" if not self.reasoning else None}
        return self.chunk({**delta, "reasoning_content": ""} if self.reasoning else delta)

    def thoughts(self) -> Iterator[bytes]:
        """Return the reasoning's chunks."""
        for piece in self.reasoning:
            yield self.chunk({"content": None, "reasoning_content": piece})

    def words(self) -> Iterator[bytes]:
        """Return the answer's chunks."""
        for piece in self.text:
            extra = {"reasoning_content": None} if self.reasoning else {}
            said = (
                {"tool_calls": [{"index": 0, **self._call(piece)}]} if self._call_id else {"content": piece}
            )
            yield self.chunk({**said, **extra})

    def _call(self, arguments: str) -> dict[str, Any]:
        """Return the tool call that was demanded."""
        name = self.question.forms.tool[0] if self.question.forms.tool else ""
        return {"id": self._call_id, "type": "function", "function": {"name": name, "arguments": arguments}}

    def end(self, finish: str | None = None) -> Iterator[bytes]:
        """Return the chunk with the finish reason, the usage where it was asked for, and the last line."""
        yield self.chunk({"content": ""}, finish or self.finish)
        if self.question.include_usage:
            yield self._event({"choices": [], "usage": self.usage()})
        yield b"data: [DONE]\n\n"

    def whole(self, finish: str | None = None) -> bytes:
        """Return the unstreamed body."""
        message: dict[str, Any] = {"role": "assistant", "content": "" if finish else "".join(self.text)}
        if self.reasoning:
            message["reasoning_content"] = "".join(self.reasoning)
        if self._call_id and not finish:
            message |= {"content": "", "tool_calls": [self._call("".join(self.text))]}
        rest = {"message": message, "logprobs": None, "finish_reason": finish or self.finish}
        return dumps({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.question.model,
            "choices": [{"index": index, **rest} for index in range(self.question.forms.choices)],
            "usage": self.usage(),
            "system_fingerprint": "fp_sandbox",
        })  # fmt: skip
