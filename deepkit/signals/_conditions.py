"""The words in which a signal states when it holds, and what of a text they are asked of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

MODEL_SERVERS = frozenset(
    {"ollama", "lmstudio", "llamacpp", "vllm", "sglang", "koboldcpp", "xinference", "jan"}
)
"""Programs that serve a model on the user's own machine."""

FIELDS = (
    "surface", "peer", "status", "provider", "provider_by", "meant", "meaning", "meaning_by", "named", "failed_at",
    "key_tail", "deepseek_body",
)  # fmt: skip
"""What a condition may ask for, beside the recognised wordings."""


@dataclass(frozen=True)
class Reading:
    """What is known of one text; every condition is asked of it.

    Args:
        signals: Each recognised wording with an excerpt.
        status: The HTTP status it is about.
        surface: web, api, local, third_party or unknown.
        peer: Kind of the host that was asked.
        provider: Who stands between, by name.
        provider_by: What tells it: host, mark, page, client or word.
        meant: The vendor that the user set up.
        meaning: What the error means at `provider`, one of `deepkit.vendors.CATEGORIES`.
        meaning_by: Whether its code or its bare status says so.
        named: Kinds of the hosts that the text names; "official_root" is DeepSeek's without a path.
        failed_at: Kind of the address at which the connection itself failed.
        key_tail: What is odd about the end of an echoed key.
        deepseek_body: Whether the error object has DeepSeek's shape.
    """

    signals: Mapping[str, str]
    status: int | None = None
    surface: str = "unknown"
    peer: str = ""
    provider: str = ""
    provider_by: str = ""
    meant: str = ""
    meaning: str = ""
    meaning_by: str = ""
    named: frozenset[str] = frozenset()
    failed_at: str = ""
    key_tail: str = ""
    deepseek_body: bool = False

    @property
    def local(self) -> bool:
        """A server on the user's own machine was asked."""
        return self.surface == "local" or self.peer == "local"

    @property
    def between(self) -> bool:
        """A reseller, router or gateway answered, or a stranger whose name imitates DeepSeek's."""
        if self.peer == "look_alike":
            return True
        if self.peer == "provider" or self.surface == "third_party":
            return not self.local
        if self.local or self.surface in ("api", "web") or self.peer == "official":
            return False
        return bool(self.provider) or "gateway" in self.signals

    @property
    def official(self) -> bool:
        """DeepSeek itself was asked, as far as the text tells."""
        return self.surface not in ("third_party", "local") and not self.between

    @property
    def model_server(self) -> bool:
        """A model server on this machine answered."""
        named = self.provider in MODEL_SERVERS or "local_log" in self.signals
        return (self.local and named) or "local_busy" in self.signals

    @cached_property
    def answers(self) -> Mapping[str, frozenset[str | int]]:
        """What is known in each of FIELDS, and the wordings."""
        roles = ("local", "between", "official", "model_server")
        return {
            "surface": frozenset({self.surface}),
            "peer": frozenset(name for name in roles if getattr(self, name)) | ({self.peer} - {*roles, ""}),
            "status": frozenset({"none" if self.status is None else self.status}),
            "provider": frozenset({self.provider}),
            "provider_by": frozenset({self.provider_by}),
            "meant": frozenset({self.meant}),
            "meaning": frozenset({self.meaning}),
            "meaning_by": frozenset({self.meaning_by}),
            "named": self.named,
            "failed_at": frozenset({self.failed_at}),
            "key_tail": frozenset({self.key_tail}),
            "deepseek_body": frozenset({"yes" if self.deepseek_body else "no"}),
            "wordings": frozenset(self.signals),
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """One field must hold one of these values, or none of them."""

    field: str
    values: frozenset[str | int]
    wanted: bool = True

    def holds(self, reading: Reading) -> bool:
        """Tell whether a reading meets the condition."""
        return self.values.isdisjoint(reading.answers[self.field]) != self.wanted
