"""deepkit fixes and deepkit try."""

from typing import Annotated

import typer

from deepkit.cli._app import JsonOption, ScenarioOption, SeedOption, TargetOption, app, note, put_json


@app.command()
def fixes(
    key: Annotated[str | None, typer.Argument(help="One of the twelve, by its key.")] = None,
    as_json: JsonOption = False,
) -> int:
    """List the twelve fixes, or show one in full with its reality check and steps."""
    from deepkit.fixes import FIXES, fix
    from deepkit.records import Evidence

    if key is None:
        if as_json:
            put_json([{"number": one.number, "key": one.key, "title": one.title} for one in FIXES])
        else:
            print("\n".join(f"{one.number:>2} {one.key:<19} {one.title}" for one in FIXES))
        return 0
    one = fix(key)
    guide = one.guide(Evidence())
    if as_json:
        put_json(
            {
                "number": one.number,
                "key": one.key,
                "title": one.title,
                "promise": one.claim.promise,
                "verdict": one.claim.verdict,
                "reality": one.claim.reality,
                "source": one.claim.source,
                "date": one.claim.date,
                "steps": guide.steps,
                "commands": guide.commands,
                "notes": guide.notes,
            }
        )
        return 0
    print(f"{one.number}. {one.title}\n\nThe guide claims: {one.claim.promise}")
    print(f"What is known ({one.claim.verdict}): {one.claim.reality}")
    print(f"Source: {one.claim.source} ({one.claim.date})\n\nSteps ({guide.system}):")
    print("\n".join(f"  {n}. {step}" for n, step in enumerate(guide.steps, 1)))
    for line in guide.commands:
        print(f"  $ {' '.join(line)}")
    for text in guide.notes:
        print(f"  Note: {text}")
    return 0


@app.command(name="try")
def try_(
    key: Annotated[str, typer.Argument(help="The fix's key; deepkit fixes lists them.")],
    target: TargetOption = "sandbox",
    scenario: ScenarioOption = None,
    pairs: Annotated[int | None, typer.Option(min=1, max=200, help="Most pairs to ask.")] = None,
    as_json: JsonOption = False,
    seed: SeedOption = 0,
) -> int:
    """Try one fix in randomised pairs. Exit 0 helped, 1 did not, 2 inconclusive."""
    from deepkit import trials
    from deepkit.fixes import fix
    from deepkit.redaction import Redactor
    from deepkit.targets import check_target

    fix(key)
    check_target(target, scenario=scenario)
    if not as_json:
        note(f"Trying {key} on {target}: at most {trials.TRIAL_BUDGET.requests} requests.")
    trial = trials.try_fix(key, target, scenario=scenario, pairs=pairs or trials.PAIRS, seed=seed)
    body = {
        "fix": trial.fix,
        "verdict": trial.verdict,
        "pairs": trial.pairs,
        "requests": trial.requests,
        "before": dict(trial.before),
        "after": dict(trial.after),
        "because": trial.because,
        "e_value": trial.e_value,
        "seed": trial.seed,
    }
    body = Redactor().redact_tree(body)
    if as_json:
        put_json(body)
    else:
        print(f"{trial.verdict}: {body['because']}")
        for arm in ("before", "after"):
            one = body[arm]
            print(
                f"  {arm:<7} {one['ok']} of {one['n']} answered, first token {_seconds(one['first_token_s'])}"
            )
    return {"helped": 0, "inconclusive": 2}.get(trial.verdict, 1)


def _seconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f} s (median)"
