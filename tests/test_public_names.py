"""The public face: few names, sorted, each one there, and a light import."""

import subprocess
import sys

import deepkit

HEAVY = ("plotly", "pandas", "ipywidgets", "numba", "scipy", "numpy", "httpx", "sqlalchemy", "anywidget")


def test_names_are_sorted_and_few() -> None:
    """The package shows at most 23 names, in order, and the loading table agrees with them."""
    assert list(deepkit.__all__) == sorted(deepkit.__all__)
    assert len(deepkit.__all__) <= 23
    assert set(deepkit.__all__) == set(deepkit._HOME)


def test_every_name_is_there_and_documented() -> None:
    """Each public name can be reached and has a docstring."""
    for name in deepkit.__all__:
        assert getattr(deepkit, name).__doc__, name


def test_no_module_bears_a_verb() -> None:
    """No module has the name of a public verb, or importing one would hide the other."""
    from tests.test_architecture import PACKAGE

    modules = {path.stem for path in PACKAGE.iterdir()}
    assert not modules & set(deepkit.__all__)


def test_import_is_light() -> None:
    """Importing the package loads none of the heavy libraries."""
    code = f"import sys, deepkit; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.strip() == "[]"


def test_unknown_names_are_refused() -> None:
    """A name that is not public raises AttributeError, as for any module."""
    assert not hasattr(deepkit, "no_such_name")
