"""How much redaction misses and how much it takes too much, beside detect-secrets on the same texts.

`python -m benchmarks redaction`. Twenty thousand plantings of each kind, made at random from a seed
(tests/plantings.py). detect-secrets gets an environment of its own in .cache/detect-secrets; it sees each text as
a line of a file, with all its plugins, and counts as having found a secret when it names any on that line.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from deepkit.redaction import Redactor, redact
from tests import plantings

COUNT, HARMLESS, IDS, COMPARED = 20_000, 10_000, 1_000, 4_000
MOST_UNLABELLED, MOST_CHANGED = 0.02, 0.01
DETECT_SECRETS = "1.5.0"
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "detect-secrets"
THEIRS = """
import json, sys
from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings
found = SecretsCollection()
with default_settings():
    found.scan_file(sys.argv[1])
print(len({secret.line_number for _, secret in found}))
"""


def main() -> None:
    """Measure recall and precision, print them, and fail above the stated bounds."""
    missed = _missed(plantings.unlabelled(COUNT, seed=1))
    print(f"keys that nothing announces, {len(plantings.FORMATS)} formats: {_share(missed, COUNT)} left")
    print(f"   most often: {Counter(missed).most_common(5)}")
    behind = _missed(plantings.labelled(COUNT, seed=2))
    print(f"keys and passwords behind a label, {len(plantings.LABELS)} forms: {_share(behind, COUNT)} left")
    known = [
        spelling
        for spelling, value, spelled, text in plantings.known(COUNT, seed=3)
        if plantings.survives(spelled, Redactor(secrets=[value]).redact(text).text)
    ]
    print(
        f"known values in {len(plantings.SPELLINGS)} spellings: {_share(known, COUNT)} left {Counter(known)}"
    )
    changed = _changed(plantings.harmless(HARMLESS, seed=4))
    print(f"harmless texts: {_share(changed, HARMLESS)} changed {changed[:3]}")
    ids = _changed(plantings.ids(IDS, seed=5))
    print(f"ids that a label names: {_share(ids, IDS)} changed")
    _speed()
    _compare()
    assert not [*behind, *known, *ids]
    assert len(missed) <= MOST_UNLABELLED * COUNT
    assert len(changed) <= MOST_CHANGED * HARMLESS


def _missed(planted: Iterable[tuple[str, str, str]]) -> list[str]:
    return [kind for kind, value, text in planted if plantings.survives(value, redact(text).text)]


def _changed(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if redact(text).text != text]


def _share(found: list[str], of: int) -> str:
    return f"{len(found)} of {of:,} ({len(found) / of:.2%})"


def _speed() -> None:
    line = "2026-01-01 10:20:30 ERROR APIStatusError: Error code: 503 - {'error': {'message': 'server is busy'}}\n"
    text = (line * 400)[:40_000]
    took = sorted(_took(text + str(number)) for number in range(9))
    print(f"a text of 40,000 characters: {took[4] * 1000:.0f} ms")


def _took(text: str) -> float:
    started = time.process_time()
    redact(text)
    return time.process_time() - started


def _compare() -> None:
    """Let detect-secrets see the same texts."""
    python = CACHE / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(CACHE)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", f"detect-secrets=={DETECT_SECRETS}"]
        subprocess.run(install, check=True)
    sets = {
        "unlabelled": [text for _, _, text in plantings.unlabelled(COMPARED, seed=1)],
        "labelled": [text for _, _, text in plantings.labelled(COMPARED, seed=2)],
        "harmless": list(plantings.harmless(COMPARED, seed=4)),
    }
    for name, texts in sets.items():
        with tempfile.TemporaryDirectory() as folder:
            lines = Path(folder) / "texts.txt"
            lines.write_text("\n".join(" ".join(text.split()) for text in texts), encoding="utf-8")
            command = [str(python), "-c", THEIRS, str(lines)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=_bare())
        ours = sum(redact(text).text != text for text in texts)
        theirs = done.stdout.strip()
        print(
            f"{name}: of {COMPARED:,} DeepKit changes {ours}, detect-secrets {DETECT_SECRETS} names {theirs}"
        )


def _bare() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
