"""The WebAssembly module: made of the sources beside it, laid out as Python says, the same in Node."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deepkit.cluster import SERVICE_LAWS, Cluster
from deepkit.cluster.engine import Run, layout, run
from deepkit.cluster.engine.module import WASM
from deepkit.cluster.engine.parameters import described
from deepkit.records import Policy
from tools.build_engine import SOURCES, build

RICH = Cluster(
    6, 9, 7.0, 1.0, patience_s=3.0, timeout_s=6.0, abandoned_work=True, failure_share=0.05, reject_s=0.01, clients=5,
    priorities=(0.3, 0.7), load=((20.0, 2.0), (40.0, 0.5)), capacity=((30.0, 2), (50.0, 6)), service_samples=(0.5, 1.5),
    policy=Policy("memoryless_jitter", retries=4, base_s=0.5, budget_ratio=0.3, deadline_s=60.0, guard="cubic"),
)  # fmt: skip


def test_source_and_binary_never_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Built anew, with an empty compiler's cache, the module has the bytes that lie in the repository."""
    monkeypatch.setenv("ZIG_GLOBAL_CACHE_DIR", str(tmp_path / "global"))
    monkeypatch.setenv("ZIG_LOCAL_CACHE_DIR", str(tmp_path / "local"))
    build(tmp_path / "engine.wasm")
    assert (tmp_path / "engine.wasm").read_bytes() == WASM.read_bytes(), "run make engine"


def structs() -> dict[str, list[tuple[str, str]]]:
    """Names and types of the fields of each struct in parameters.h."""
    text = re.sub(r"/\*.*?\*/", "", (SOURCES / "parameters.h").read_text(), flags=re.DOTALL)
    found = {}
    for body, name in re.findall(r"typedef struct \{(.*?)\} (\w+);", text, flags=re.DOTALL):
        lines = [line.split(None, 1) for line in body.split(";") if line.strip()]
        found[name] = [(field.strip(), kind) for kind, fields in lines for field in fields.split(",")]
    return found


MIRRORS = {
    "Policy": layout.PolicyStruct,
    "Parameters": layout.ParametersStruct,
    "Snapshot": layout.Snapshot,
    "Change": layout.Change,
    "Result": layout.Result,
}


def letters(name: str) -> str:
    """One letter a field, those of nested structs in their place."""
    return "".join({"int64_t": "q", "double": "d"}.get(kind) or letters(kind) for _, kind in structs()[name])


@pytest.mark.parametrize("name", sorted(MIRRORS))
def test_structs_are_the_same_in_c_and_python(name: str) -> None:
    """Each struct has the same fields of the same types in the same order on both sides."""
    mirror: Any = MIRRORS[name]
    assert tuple(field for field, _ in structs()[name]) == mirror._fields
    spelled = re.sub(r"(\d+)([qd])", lambda found: int(found[1]) * found[2], layout.PACKING[mirror].format)
    assert spelled == "<" + letters(name)


def test_every_struct_has_its_mirror() -> None:
    """No struct of parameters.h is without one."""
    assert set(structs()) == set(MIRRORS)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.parametrize("law", SERVICE_LAWS)
@pytest.mark.parametrize(
    "source", [{}, {"arrival_rate": 0.0, "clients": 1, "population": 40, "think_s": 4.0}]
)
def test_node_computes_the_same_bits(law: str, source: dict[str, Any], tmp_path: Path) -> None:
    """A rich run, open and closed, with each service law, gives the same bytes in Python and in Node."""
    cluster = replace(RICH, service_law=law, **source)
    wanted = Run(seed=11, requests=1500, snapshot_every=100, snapshots=20, changes=20_000)
    trail = run(cluster, cluster.policy, wanted)
    here = [layout.PACKING[type(row)].pack(*row) for row in (*trail.snapshots, *trail.changes)]
    given = tmp_path / "input"
    given.write_bytes(described(cluster, cluster.policy, wanted))
    command = ["node", str(Path(__file__).with_name("engine.mjs")), str(WASM), str(given)]
    there = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()
    assert there == b"".join(here).hex()
    assert len(trail.changes) > 1000
