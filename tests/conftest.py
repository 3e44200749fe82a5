"""The order of the tests: files that take a minute or more begin first, so that no worker ends with one alone."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
