"""Order and memory of the tests.

Files that take a minute or more begin first, so that no worker ends with one alone. What a file leaves in memory, torch
and compiled kernels among it, is not gone through again by every later collection of garbage: seconds of it at a time
made tests fail that measure how long something takes.
"""

import gc

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path != item.path:
        gc.collect()
        gc.freeze()
