"""What can be seen of a target, a pasted text or a recording, each as Observations.

The checks that ask the network live in `_runner` and are loaded when they are first used, so
that reading a text or a HAR file needs neither them nor an HTTP client.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deepkit.probes._runner import CHECKS, DEADLINE_S, PROBES, probe, probe_async

__all__ = ["CHECKS", "DEADLINE_S", "PROBES", "probe", "probe_async"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from deepkit.probes import _runner

        return getattr(_runner, name)
    message = f"module 'deepkit.probes' has no attribute {name!r}"
    raise AttributeError(message)
