"""A case as JSON values: redacted, saved inside a report, and read again to the same answer."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from deepkit.cases import Case, Person
from deepkit.evidence import KIND as EVIDENCE
from deepkit.evidence import SCHEMA as EVIDENCE_SCHEMA
from deepkit.evidence import evidence_of
from deepkit.fixes import DECIDES
from deepkit.fixes import fix as fix_of
from deepkit.records import Sample, Trial
from deepkit.redaction import Redactor
from deepkit.schema import as_json, read_whole
from deepkit.triage import judge, kind_of

KIND = "deepkit-case"
SCHEMA = 1


def case_json(case: Case, redactor: Redactor | None = None) -> dict[str, Any]:
    """Return a case as JSON values, secrets removed.

    Args:
        case: The case.
        redactor: One that numbers masked names for a whole report; a new one unless given.

    Returns:
        Its evidence, trials, person and scenario: the diagnosis and the answer follow from these.
    """
    body = {
        "kind": KIND,
        "schema": SCHEMA,
        "case": case.kind,
        "scenario": case.scenario,
        "person": as_json(case.person),
        "evidence": {"kind": EVIDENCE, "schema": EVIDENCE_SCHEMA, "evidence": as_json(case.evidence)},
        "trials": [as_json(one) for one in case.trials],
    }
    clean: dict[str, Any] = (redactor or Redactor()).redact_tree(body)
    return clean


def read_case(body: Any) -> Case:
    """Judge again what `case_json` saved.

    Args:
        body: JSON values from anywhere.

    Returns:
        The case, with the diagnosis and the answer of this version of DeepKit.

    Raises:
        ValueError: With what is wrong.
    """
    if not isinstance(body, Mapping) or body.get("kind") != KIND:
        raise ValueError("it holds no case")
    if not isinstance(body.get("schema"), int) or body["schema"] > SCHEMA:
        raise ValueError("a newer version wrote it")
    scenario = str(body["scenario"]) if body.get("scenario") else None
    evidence = evidence_of(body.get("evidence"))
    if kind_of(evidence, scenario) != body.get("case"):
        raise ValueError("its kind and its evidence contradict each other")
    case = judge(evidence, scenario=scenario, person=read_whole(Person, body.get("person") or {}))
    trials = body.get("trials")
    if not isinstance(trials, list):
        raise ValueError("its trials cannot be read")
    return replace(case, trials=tuple(_trial(one) for one in trials))


def cleaned(case: Case) -> Case:
    """Return a case without secrets and private names: what every page is drawn from."""
    told = read_case(case_json(case))
    return replace(told, evidence=replace(told.evidence, settings=told.settings))


def _trial(told: Any) -> Trial:
    """Read a trial; what it shows is judged again from its samples."""
    rows = (told.get("samples") or []) if isinstance(told, Mapping) else None
    if not isinstance(rows, list):
        raise ValueError("a trial cannot be read")
    known = {one.name: told[one.name] for one in fields(Trial) if one.name in told}
    samples = tuple(read_whole(Sample, one) for one in rows)
    gain = tuple(known["gain"]) if known.get("gain") else None
    trial = Trial(**{**known, "samples": samples, "gain": gain})
    if not samples:
        return trial
    sides = [[one for one in samples if one.arm == arm] for arm in ("before", "after")]
    found = fix_of(trial.fix).verify(sides[0], sides[1], DECIDES * trial.family)
    return replace(trial, verdict=found.effect, because=found.because)
