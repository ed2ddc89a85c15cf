"""Exit status: 0 helped, 1 did not, 2 inconclusive."""

import argparse
from typing import TYPE_CHECKING, Any

from deepkit.cli._parser import (
    Parser,
    add_consent,
    add_json,
    add_seed,
    add_target,
    note,
    opened,
    put_json,
    real,
    say,
    whole,
)
from deepkit.cli._waiting import waiting

if TYPE_CHECKING:
    from deepkit.records import Sample

MOST_PAIRS = 200


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("key", metavar="KEY", help="the fix's key; deepkit fixes lists them")
    add_target(parser)
    parser.add_argument("--pairs", type=whole(1, MOST_PAIRS), metavar="N", help="most pairs to ask")
    parser.add_argument(
        "--within", type=real(1), metavar="S", help="most time for all of it, in seconds; 600 unless given"
    )
    add_consent(parser)
    add_json(parser)
    add_seed(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit import trials
    from deepkit.fixes import fix
    from deepkit.redaction import Redactor

    fix(options.key)
    case, bound_s = opened(options, trials.TRIAL_BUDGET), options.within or trials.TRIAL_S
    if not options.as_json:
        most = f"at most {trials.TRIAL_BUDGET.requests} requests in at most {bound_s:.0f} s"
        note(f"Trying {options.key} on {options.target}: {most}.")
        note(trials.forecast(options.key, pairs=options.pairs or trials.PAIRS))
    with waiting(bound_s, quiet=options.as_json) as alive:
        trial = trials.try_fix(
            options.key,
            case.target if case else options.target,
            scenario=options.scenario,
            settings=case.settings if case else None,
            pairs=options.pairs or trials.PAIRS,
            total_s=bound_s,
            seed=options.seed,
            on_sample=(lambda one: alive.note(_sampled(one))) if alive else None,
        )
    body = Redactor().redact_tree({
        "fix": trial.fix, "verdict": trial.verdict, "pairs": trial.pairs, "requests": trial.requests,
        "before": dict(trial.before), "after": dict(trial.after), "because": trial.because,
        "gain": trial.gain, "e_value": trial.e_value, "seed": trial.seed,
    })  # fmt: skip
    put_json(body) if options.as_json else say(_in_words(body))
    return {"helped": 0, "inconclusive": 2}.get(trial.verdict, 1)


def _sampled(one: "Sample") -> str:
    how = f"answered after {one.total_s or 0:.1f} s" if one.ok else one.failure or "failed"
    return f"  pair {one.pair + 1:>3}, {'with' if one.arm == 'after' else 'without'} the fix: {how}"


def _in_words(body: dict[str, Any]) -> str:
    lines = [f"{body['verdict']}: {body['because']}"]
    for arm in ("before", "after"):
        one = body[arm]
        first = "not measured" if one["first_token_s"] is None else f"{one['first_token_s']:.2f} s (median)"
        lines.append(f"  {arm:<7} {one['ok']} of {one['n']} answered, first token {first}")
    return "\n".join(lines)
