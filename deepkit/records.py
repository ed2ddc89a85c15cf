"""What flows between the stages: frozen records, no logic that belongs to a stage.

    Target, Settings --probe--> Evidence --diagnose--> Diagnosis --fixes_for--> Fixes --try_fix--> Trial

Admission rule: a class may stand here only if two stages that do not know each other
both need it, and its methods only read its own fields. Times are seconds, points in
time are Unix seconds (UTC), `None` means "not measured".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from deepkit.checks import Facts
from deepkit.display import Shown
from deepkit.errors import FAILURES as FAILURES
from deepkit.secret import Secret as Secret

F = TypeVar("F", bound=Facts)
Outcome = Literal["ok", "fault", "partial", "not_checked", "check_failed"]
State = Literal["SHOWN", "LIKELY", "POSSIBLE", "RULED_OUT", "INSUFFICIENT"]
Answer = Literal["yes", "no", "cannot_tell"]
Effect = Literal["helped", "worse", "no_difference", "inconclusive"]
Surface = Literal["api", "web"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long one attempt may take, in seconds; `total` bounds all of it, keep-alives included."""

    connect: float = 5.0
    first_byte: float = 30.0
    idle: float = 30.0
    total: float = 60.0


@dataclass(frozen=True, slots=True, repr=False)
class Policy(Shown):
    """A retry policy as data; `deepkit.retries` says what it does.

    Args:
        kind: none, ladder, fixed, exponential, full_jitter, equal_jitter, decorrelated_jitter, additive_jitter,
            scaled_jitter, memoryless_jitter.
        retries: Most retries after the first attempt.
        base_s: First delay, or the scale of the jitter.
        cap_s: Longest single delay.
        ladder_s: The delays of kind "ladder", one a retry; the last repeats.
        deadline_s: Total time for all attempts and waits; None is no limit of its own.
        honour_retry_after: Take the server's Retry-After as a floor, with positive jitter on top.
        budget_ratio: Retries earned by each first attempt (token bucket); None is no budget.
        budget_burst: Tokens the bucket starts with and can hold.
        factor: Growth of the exponential kinds from one retry to the next.
        jitter_s: Widest random addition of kind "additive_jitter", in seconds.
        jitter_share: Share of a delay that chance moves: off a "scaled_jitter" delay, on top of a Retry-After.
        retry_after_cap_s: Longest Retry-After that is waited for; a longer one ends the retrying.
        guard: What holds all calls back together: none, breaker, grpc_throttle, adaptive_throttle, aimd, cubic.
        guard_level: Its level; `deepkit.retries.throttles` says what that is for each.
        guard_window_s: Time over which a breaker and an adaptive throttle count.
        guard_tokens: Tokens of a gRPC throttle; first rate of aimd and cubic, in attempts a second.
        hedge_after_s: Time after which an async client sends a second copy of a request; None is never.
    """

    kind: str = "none"
    retries: int = 0
    base_s: float = 0.5
    cap_s: float = 30.0
    ladder_s: tuple[float, ...] = ()
    deadline_s: float | None = None
    honour_retry_after: bool = True
    budget_ratio: float | None = None
    budget_burst: float = 5.0
    factor: float = 2.0
    jitter_s: float = 1.0
    jitter_share: float = 0.25
    retry_after_cap_s: float = 600.0
    guard: str = "none"
    guard_level: float = 0.1
    guard_window_s: float = 120.0
    guard_tokens: float = 10.0
    hedge_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How the client behaves; each fix's `apply` returns a changed copy.

    Args:
        surface: The web chat or the API.
        route: Name of one of the target's routes; "direct" is none.
        resolver: "system" is what the user's machine answers, "fresh" asks the target's other servers.
        family: Address family to connect with.
        trust: Certificate roots: "default" (bundled and the target's own) or "system" (the machine's store too).
        model: Model id; None is the target's; "listed" asks the server which it offers.
        history: What becomes of the target's conversation: sent as it is, repaired, or dropped.
        policy: The retry policy.
        failover: Names of the target's alternatives, tried in turn once a call has failed.
        timeouts: Bounds of one attempt.
        stream: Ask for a streamed answer.
        assume: Changes outside this process that are taken as made ("allowlisted", "topped_up", "quiet_hour",
            "clean_profile", "no_extensions", "better_line", "working_key"); the target's stand-ins say what they mean.
    """

    surface: Surface = "api"
    route: str = "direct"
    resolver: Literal["system", "fresh"] = "system"
    family: Literal["any", "ipv4", "ipv6"] = "any"
    trust: Literal["default", "system"] = "default"
    model: str | None = None
    history: Literal["keep", "repair", "fresh"] = "keep"
    policy: Policy = Policy()
    failover: tuple[str, ...] = ()
    timeouts: Timeouts = Timeouts()
    stream: bool = True
    assume: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Route:
    """A way to the target: a proxy address (http:// or socks5://), or None for the direct way."""

    name: str
    proxy: str | None = None
    region: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a browser brings along: cookies, cached assets (path to content hash), blocked address patterns."""

    cookies: Mapping[str, str] = field(default_factory=dict)
    cached: Mapping[str, str] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask, and what stands in for the parts of the world that a trial cannot change.

    Args:
        name: "sandbox", "deepseek", a provider's name, or "custom".
        base_url: Address of the API, without a trailing slash.
        web_url: Address of the chat page, if there is one.
        status_url: Address of the status page's JSON, if there is one.
        key: The API key.
        model: The model to ask for.
        ca_file: Additional trusted certificate roots (PEM), for "default" trust.
        system_ca_file: Stand-in for the machine's certificate store; None is the real one.
        system_dns: "host:port" that stands in for the system's resolver; None is the real one.
        fresh_dns: "host:port" or DNS-over-HTTPS addresses to compare with.
        routes: Ways to the target; the direct one is always there.
        alternatives: Other providers to fail over to.
        conversation: The messages of the user's failing conversation, if known.
        profile: The user's browser, as far as known.
        stand_ins: For each name in `Settings.assume`, the target as it would be.
        live: True when requests leave this machine and cost money.
        private: True when its name leads to this machine or its private network and nowhere else.
        key_in_clear: The user allows that the key travels unencrypted.
    """

    name: str
    base_url: str
    web_url: str | None = None
    status_url: str | None = None
    key: Secret | None = None
    model: str = "deepseek-flash"
    ca_file: str | None = None
    system_ca_file: str | None = None
    system_dns: str | None = None
    fresh_dns: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    alternatives: tuple["Target", ...] = ()
    conversation: tuple[Mapping[str, Any], ...] = ()
    profile: Profile = Profile()
    stand_ins: Mapping[str, "Target"] = field(default_factory=dict)
    live: bool = True
    private: bool = False
    key_in_clear: bool = False

    def under(self, settings: Settings) -> "Target":
        """Return the target as it is once the assumed outside changes are made."""
        target = self
        for name in sorted(settings.assume):
            stand_in = self.stand_ins.get(name)
            if stand_in is not None:
                target = replace(stand_in, stand_ins={})
        return target


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may spend: requests, tokens of output, and the least spacing between requests in seconds."""

    requests: int = 40
    tokens: int = 2000
    spacing_s: float = 0.0


@dataclass(frozen=True, slots=True, repr=False)
class Observation(Shown):
    """One check's result.

    Args:
        check: The check's name; docs/checks.md lists them with their facts.
        outcome: ok, fault, partial, not_checked (see reason), check_failed (the check itself broke).
        failure: One of FAILURES, or None.
        facts: What was measured, the record of this check; see `deepkit.checks`.
        reason: One sentence for people.
        at: When it began.
        elapsed_s: How long it took.
    """

    check: str
    outcome: Outcome
    failure: str | None = None
    facts: Facts = Facts()
    reason: str = ""
    at: float | None = None
    elapsed_s: float | None = None

    @property
    def made(self) -> bool:
        """Whether the check was made and came to a result."""
        return self.outcome not in ("not_checked", "check_failed")


@dataclass(frozen=True, slots=True, repr=False)
class Evidence(Shown):
    """All observations of one look, with the settings they were made under."""

    observations: tuple[Observation, ...] = ()
    target: str = ""
    settings: Settings = Settings()
    requests: int = 0
    at: float | None = None
    elapsed_s: float | None = None

    def get(self, check: str) -> Observation | None:
        """Return the observation of that check, or None when it was never looked at."""
        return next((seen for seen in self.observations if seen.check == check), None)

    def facts(self, kind: type[F]) -> F:
        """Return the facts of one check: all "not measured" when it was not made or came to no result."""
        seen = self.get(kind.check)
        return seen.facts if seen is not None and seen.made and isinstance(seen.facts, kind) else kind()


@dataclass(frozen=True, slots=True)
class Accusation:
    """A cause with its state and the evidence.

    Args:
        cause: Its name in `deepkit.causes`.
        state: How sure it is.
        evidence_for: Sentences that speak for it.
        evidence_against: Sentences that speak against it.
        next_check: The check that would decide.
        probability: How often such a reading was right; None unless calibrated.
        rules: Ids of the rules that named it.
        silenced_by: The proven cause of a lower layer that explains the same symptoms.
        whose: Whose fault it is here, where that is not the cause's usual one.
    """

    cause: str
    state: State
    evidence_for: tuple[str, ...] = ()
    evidence_against: tuple[str, ...] = ()
    next_check: str | None = None
    probability: float | None = None
    rules: tuple[str, ...] = ()
    silenced_by: str | None = None
    whose: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis(Shown):
    """The ranked causes, best first; `verdict` is a cause's name, "healthy" or "inconclusive".

    Args:
        verdict: The one word.
        whose: Whose fault it is.
        accusations: The causes.
        next_check: The check that would decide; for "healthy" one that would make it surer.
        notes: What is out of the ordinary although it explains no failure, one sentence each.
    """

    verdict: str
    whose: str
    accusations: tuple[Accusation, ...] = ()
    next_check: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a fix is worth trying, and what that rests on.

    Args:
        answer: yes, no or cannot_tell.
        because: The reason, for people.
        regardless: The part of the reason that holds even where nothing was measured.
    """

    answer: Answer
    because: str
    regardless: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a trial of a fix shows, and the numbers that it rests on; `gain` and `e_value` as in Trial."""

    effect: Effect
    because: str
    gain: tuple[float, float] | None = None
    e_value: float | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """Steps for a person on one system or in one browser; `commands` change the system and need consent."""

    system: str
    steps: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One question asked under one arm of a trial, with all its attempts; a `control` does not get the fix."""

    arm: Literal["before", "after"]
    ok: bool
    failure: str | None = None
    first_token_s: float | None = None
    total_s: float | None = None
    attempts: int = 1
    waited_s: float = 0.0
    at: float | None = None
    pair: int = 0
    control: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Trial(Shown):
    """A fix tried in randomised pairs: every sample, the verdict and why.

    Args:
        fix: The fix's key.
        verdict: helped, worse, no_difference or inconclusive.
        because: One sentence that carries the numbers.
        pairs: Completed pairs.
        requests: Requests sent, retries included.
        before: Summary of the arm without the fix (`after`: with it): n, ok, success with its interval, times.
        samples: Every question in the order asked.
        e_value: Strength of the evidence; 50 times `family`, the number of fixes tried together, decides.
        seed: Seed of the order of the arms.
        gain: Limits of the gain in the share of answered questions, valid whenever it stopped.
    """

    fix: str
    verdict: Effect
    because: str
    pairs: int
    requests: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    samples: tuple[Sample, ...] = ()
    e_value: float | None = None
    seed: int = 0
    gain: tuple[float, float] | None = None
    family: int = 1
