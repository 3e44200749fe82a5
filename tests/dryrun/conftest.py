"""Fixtures of the dry run's tests."""

import pytest

from arc_submit.dryrun import place


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Skip where this machine does not allow namespaces; the fallback's tests run everywhere."""
    if refused := place.refusal():
        pytest.skip(f"this machine does not allow namespaces: {refused}")
