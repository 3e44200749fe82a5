"""Kernels are compiled once for all tests, in processes of their own."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled_kernels():
    pytest.importorskip("numba")
    from arc_submit.symbolic.layers.ready import ready

    ready()
