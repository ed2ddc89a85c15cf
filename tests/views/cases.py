"""Cases and trials for views: small, real, and made without any network."""

from dataclasses import replace

from deepkit.cases import Case
from deepkit.fixes import fix
from deepkit.records import Evidence, Sample, Settings, Trial
from deepkit.triage import explain, judge
from tests.observed import observed

PASTES = {
    "balance": "Error code: 402 - Insufficient Balance",
    "chinese": "服务器繁忙，请稍后再试",
    "busy": "Server busy, please try again later",
    "hostile": "Server busy <script>alert(1)</script> <img src=x onerror=y>",
    "nothing": "hello",
}


def measured(scenario: str | None = None, target: str = "deepseek") -> Case:
    """A case in which a few questions were refused with 503; of the sandbox when a scenario is named."""
    chat = {
        "n": 4, "ok": 1, "failures": {"http_503": 3}, "status": 503, "headers_s": 0.05, "answer_s": 0.3, "end_s": 0.9,
        "latencies_s": [0.9], "trace_id": "0123456789abcdef0123456789abcdef", "body_kind": "json",
        "error_message": "Service is too busy. <b>Please</b> use another provider.", "address": "127.0.0.1:443",
    }  # fmt: skip
    seen = (
        observed("tcp", connects=[{"address": "127.0.0.1:443", "connect_s": 0.001}]),
        observed("http", status=401, body_kind="json"),
        observed(
            "chat.stream",
            "fault",
            "http_503",
            "3 of 4 questions were refused with 503.",
            at=1795828011.0,
            **chat,
        ),
    )
    where = "sandbox" if scenario else target
    evidence = Evidence(seen, target=where, settings=Settings(), requests=9, at=1795828011.0, elapsed_s=2.2)
    return judge(evidence, scenario=scenario)


def pasted(name: str) -> Case:
    """A case that is a text alone."""
    return explain(PASTES[name])


def trial(key: str, outcomes: str) -> Trial:
    """A trial judged from its pairs: w for a pair that the fix won, l for one it lost, t for a tie."""
    samples: list[Sample] = []
    for pair, sign in enumerate(outcomes):
        for arm, ok in (("before", sign in "lt"), ("after", sign in "wt")):
            failure = None if ok else "http_503"
            at = 1795828011.0 + pair + (arm == "after") * 0.4
            one = Sample("before", ok, failure, 0.1 if ok else None, 0.3, 1, 0.0, at, pair)
            samples.append(replace(one, arm="after", attempts=2, waited_s=0.1) if arm == "after" else one)
    sides = [[one for one in samples if one.arm == arm] for arm in ("before", "after")]
    found = fix(key).verify(*sides)
    arms = [{"n": len(side), "ok": sum(one.ok for one in side)} for side in sides]
    return Trial(
        key,
        found.effect,
        found.because,
        len(outcomes),
        3 * len(outcomes),
        arms[0],
        arms[1],
        tuple(samples),
        None,
    )
