"""DeepKit: whose fault is it when DeepSeek says the server is busy, and what helps.

    import deepkit
    case = deepkit.doctor("sandbox", scenario="rush_hour")
    trial = deepkit.try_fix("backoff", "sandbox", scenario="rush_hour")

Names are loaded when they are first used, so that importing the package stays light.
`deepkit.aio` holds the awaitable twins, `deepkit.widgets` and `deepkit.plots` the views.
"""

from importlib import import_module

TYPE_CHECKING = False  # what type checkers take for true; importing typing would take a third of the time

if TYPE_CHECKING:
    from deepkit.cluster import recommend, simulate
    from deepkit.diagnosis import diagnose
    from deepkit.errors import DeepkitError
    from deepkit.fixes import fixes_for
    from deepkit.loops import allow_nested_loops
    from deepkit.probes import probe
    from deepkit.records import (
        Budget,
        Diagnosis,
        Evidence,
        Observation,
        Policy,
        Settings,
        Target,
        Trial,
        Verdict,
    )
    from deepkit.redaction import redact
    from deepkit.reports import open_report, report
    from deepkit.sandbox import open_sandbox
    from deepkit.triage import doctor, explain
    from deepkit.trials import try_fix

__version__ = "0.1.0"

_HOME = {
    "Budget": "records",
    "DeepkitError": "errors",
    "Diagnosis": "records",
    "Evidence": "records",
    "Observation": "records",
    "Policy": "records",
    "Settings": "records",
    "Target": "records",
    "Trial": "records",
    "Verdict": "records",
    "allow_nested_loops": "loops",
    "diagnose": "diagnosis",
    "doctor": "triage",
    "explain": "triage",
    "fixes_for": "fixes",
    "open_report": "reports",
    "open_sandbox": "sandbox",
    "probe": "probes",
    "recommend": "cluster",
    "redact": "redaction",
    "report": "reports",
    "simulate": "cluster",
    "try_fix": "trials",
}

__all__ = [
    "Budget",
    "DeepkitError",
    "Diagnosis",
    "Evidence",
    "Observation",
    "Policy",
    "Settings",
    "Target",
    "Trial",
    "Verdict",
    "allow_nested_loops",
    "diagnose",
    "doctor",
    "explain",
    "fixes_for",
    "open_report",
    "open_sandbox",
    "probe",
    "recommend",
    "redact",
    "report",
    "simulate",
    "try_fix",
]


def __getattr__(name: str) -> object:
    if name in _HOME:
        return getattr(import_module(f"deepkit.{_HOME[name]}"), name)
    message = f"module 'deepkit' has no attribute {name!r}"
    raise AttributeError(message)


def load_ipython_extension(shell: object) -> None:
    """`%load_ext deepkit`: explain the errors of LLM clients under their tracebacks."""
    import_module("deepkit.magics").load(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext deepkit`."""
    import_module("deepkit.magics").unload(shell)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
