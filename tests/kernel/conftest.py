"""Fixtures of the kernel's tests."""

from pathlib import Path

import pytest
from fake_session import Session


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session with nothing mounted."""
    return Session(tmp_path)


@pytest.fixture
def mounted(session: Session) -> Session:
    """A session with the competition and the code, in the new layout."""
    session.competition()
    session.code()
    return session
