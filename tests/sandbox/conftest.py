"""One sandbox for the tests that do not need their own."""

from collections.abc import Iterator

import pytest

from arc_submit.sandbox import Sandbox, SandboxConfig


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxConfig(cpu_seconds=0.1, cache_size=0)) as box:
        yield box
