"""One server for the tests that leave it as they found it."""

from collections.abc import Iterator

import pytest
from serve.serving import Served, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    with served(tmp_path_factory.mktemp("serve"), "--workers", "2", "--body-mb", "1", "--programs", "64") as found:
        yield found
