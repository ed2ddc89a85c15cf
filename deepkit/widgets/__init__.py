"""Views of records for notebooks: a form, a check-up as it happens, a fix with its trial, the guided whole.

RetryLab shows what retries do to a cluster under load, as its controls are moved.

Each view is a plain class that owns a widget. It shows itself three ways at once: live
(widgets), as HTML with inline style that untrusted notebooks keep, and as plain text.
"""

from deepkit.extras import extra

with extra("lab"):
    from deepkit.widgets.checkup import CheckupView
    from deepkit.widgets.figure import FigureView
    from deepkit.widgets.fix import FixView
    from deepkit.widgets.intake import Intake
    from deepkit.widgets.retrylab import RetryLab
    from deepkit.widgets.walkthrough import Walkthrough

__all__ = ["CheckupView", "FigureView", "FixView", "Intake", "RetryLab", "Walkthrough"]
