"""Exit status: 0 helped, 1 did not, 2 inconclusive."""

import argparse
from typing import Any

from deepkit.cli._parser import Parser, add_json, add_seed, add_target, note, put_json, say, whole

MOST_PAIRS = 200


def add_options(parser: Parser) -> None:
    """Add what this command takes."""
    parser.add_argument("key", metavar="KEY", help="the fix's key; deepkit fixes lists them")
    add_target(parser)
    parser.add_argument("--pairs", type=whole(1, MOST_PAIRS), metavar="N", help="most pairs to ask")
    add_json(parser)
    add_seed(parser)


def run(options: argparse.Namespace) -> int:
    """Carry it out and return the exit status."""
    from deepkit import trials
    from deepkit.fixes import fix
    from deepkit.redaction import Redactor
    from deepkit.targets import check_target

    fix(options.key)
    check_target(options.target, scenario=options.scenario)
    if not options.as_json:
        note(f"Trying {options.key} on {options.target}: at most {trials.TRIAL_BUDGET.requests} requests.")
        note(trials.forecast(options.key, pairs=options.pairs or trials.PAIRS))
    trial = trials.try_fix(
        options.key,
        options.target,
        scenario=options.scenario,
        pairs=options.pairs or trials.PAIRS,
        seed=options.seed,
    )
    body = Redactor().redact_tree({
        "fix": trial.fix, "verdict": trial.verdict, "pairs": trial.pairs, "requests": trial.requests,
        "before": dict(trial.before), "after": dict(trial.after), "because": trial.because,
        "gain": trial.gain, "e_value": trial.e_value, "seed": trial.seed,
    })  # fmt: skip
    put_json(body) if options.as_json else say(_in_words(body))
    return {"helped": 0, "inconclusive": 2}.get(trial.verdict, 1)


def _in_words(body: dict[str, Any]) -> str:
    lines = [f"{body['verdict']}: {body['because']}"]
    for arm in ("before", "after"):
        one = body[arm]
        first = "not measured" if one["first_token_s"] is None else f"{one['first_token_s']:.2f} s (median)"
        lines.append(f"  {arm:<7} {one['ok']} of {one['n']} answered, first token {first}")
    return "\n".join(lines)
