"""The awaitable twins of DeepKit's public verbs, under the same names.

    from deepkit import aio
    checkup = await aio.doctor("sandbox")

They run on DeepKit's own loop, so that a busy notebook loop does not blur what is
measured; cancelling the caller cancels the work.
"""

import functools
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from deepkit.loops import elsewhere
from deepkit.probes import probe_async
from deepkit.triage import doctor_async
from deepkit.trials import try_fix_async

__all__ = ["doctor", "probe", "try_fix"]

P = ParamSpec("P")
T = TypeVar("T")


def _twin(verb: Callable[P, Coroutine[Any, Any, T]], name: str) -> Callable[P, Coroutine[Any, Any, T]]:
    @functools.wraps(verb)
    async def twin(*args: P.args, **kwargs: P.kwargs) -> T:
        return await elsewhere(verb(*args, **kwargs))

    twin.__name__ = twin.__qualname__ = name
    return twin


doctor = _twin(doctor_async, "doctor")
probe = _twin(probe_async, "probe")
try_fix = _twin(try_fix_async, "try_fix")
