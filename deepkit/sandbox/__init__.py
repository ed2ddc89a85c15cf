"""A look-alike DeepSeek on loopback: real sockets, driven by scenarios.

`open_sandbox` starts one; its `target` is whom to ask, its `settings` are what a user in that
scenario starts with, and `info()` gives the addresses for other clients.
"""

from deepkit.sandbox.scenario import Scenario, scenarios
from deepkit.sandbox.server import Sandbox, open_sandbox

__all__ = ["Sandbox", "Scenario", "open_sandbox", "scenarios"]
