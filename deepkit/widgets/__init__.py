"""Views for notebooks: results are plain outputs that a saved notebook keeps, controls are one bar.

from deepkit.widgets import Doctor, Card, FixCard, OffPeak, RetryLab, Walkthrough
Doctor()                                  the form and the answer
Card(deepkit.explain("Server busy"))      any record
FixCard("backoff")                        one fix
RetryLab()                                what retries do to a cluster under load
"""

from deepkit.extras import extra

with extra("lab"):
    from deepkit.widgets._question import Question
    from deepkit.widgets._region import Output
    from deepkit.widgets.bar import Bar
    from deepkit.widgets.embed import Card, Doctor, FixCard, OffPeak
    from deepkit.widgets.retrylab import RetryLab
    from deepkit.widgets.walkthrough import Walkthrough

__all__ = ["Bar", "Card", "Doctor", "FixCard", "OffPeak", "Output", "Question", "RetryLab", "Walkthrough"]
