"""Golden cases: a folder each, with what was observed, what was concluded, and which fixes were then advised."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from deepkit.diagnosis import diagnose
from deepkit.fixes import fixes_for
from deepkit.records import Evidence, Observation
from deepkit.redaction import Redactor
from deepkit.schema import as_json
from tests.observed import facts_of

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.parent for path in FOLDER.glob("*/observations.json"))


def concluded(evidence: Evidence) -> dict[str, str | None]:
    """Return what a case keeps of its diagnosis."""
    found = diagnose(evidence)
    state = found.accusations[0].state if found.accusations and found.verdict != "healthy" else None
    return {"verdict": found.verdict, "whose": found.whose, "state": state}


def advised(evidence: Evidence) -> list[str]:
    """Return the keys of the fixes that are advised, best first."""
    return [fix.key for fix, verdict in fixes_for(diagnose(evidence), evidence) if verdict.answer == "yes"]


def load(folder: Path) -> Evidence:
    """Read what a case observed."""
    body = json.loads((folder / "observations.json").read_text(encoding="utf-8"))
    seen = tuple(_observation(**one) for one in body.pop("observations"))
    return replace(msgspec.convert(body, Evidence), observations=seen)


def _observation(check: str, facts: dict[str, Any], **rest: Any) -> Observation:
    return Observation(check, facts=facts_of(check, facts), **rest)


def conclude(folder: Path) -> None:
    """Write what follows from a case's observations; review the difference before you commit it."""
    evidence = load(folder)
    for name, told in (("diagnosis", concluded(evidence)), ("fixes", advised(evidence))):
        (folder / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def write(name: str, evidence: Any) -> None:
    """Write one case, redacted: evidence, or its JSON."""
    folder = FOLDER / f"lab_{name.replace('-', '_')}"
    folder.mkdir(parents=True, exist_ok=True)
    clean = Redactor().redact_tree(as_json(evidence))
    raw = msgspec.json.format(msgspec.json.encode(clean), indent=1)
    (folder / "observations.json").write_bytes(raw)
    conclude(folder)
