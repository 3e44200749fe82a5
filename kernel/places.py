"""Every path, in one place. Tests and dry runs move the three roots by environment variables."""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

INPUT, WORKING, TEMP = "ARC_SUBMIT_INPUT", "ARC_SUBMIT_WORKING", "ARC_SUBMIT_TEMP"


@dataclass(frozen=True)
class Places:
    """Where things are read and written."""

    input: Path
    """Mounts: competition, datasets, models. Read-only and maybe slow."""
    working: Path
    """What Kaggle keeps (20 GB): the hand-in, the verdict, the logs."""
    temp: Path
    """What it does not keep: code, wheels, environment, caches."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Places":
        """Return Kaggle's places, or those that the environment names."""
        return cls(
            Path(environment.get(INPUT) or "/kaggle/input"),
            Path(environment.get(WORKING) or "/kaggle/working"),
            Path(environment.get(TEMP) or "/tmp/arc-submit"),
        ).absolute()

    def absolute(self) -> "Places":
        """Return the same places independent of the working directory."""
        return Places(*(Path(os.path.abspath(path)) for path in (self.input, self.working, self.temp)))

    def made(self) -> "Places":
        """Make the folders that are written to; a temp that cannot be made is replaced by one of the system's."""
        self.working.mkdir(parents=True, exist_ok=True)
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            other = Places(self.input, self.working, Path(tempfile.mkdtemp(prefix="arc-submit-")))
            print(f"{self.temp}: cannot be made ({error.strerror}); using {other.temp}", flush=True)
            other.logs.mkdir()
            return other
        return self

    @property
    def submission(self) -> Path:
        """The hand-in: valid at every moment once the tasks were found."""
        return self.working / "submission.json"

    @property
    def verdict(self) -> Path:
        """What a person must know before they submit."""
        return self.working / "verdict.json"

    @property
    def packed_logs(self) -> Path:
        """Run folders and logs in one file: an output of more than 500 files was reported to be cut."""
        return self.working / "logs.tar.gz"

    @property
    def logs(self) -> Path:
        """Logs of this kernel while it runs."""
        return self.temp / "logs"

    @property
    def data(self) -> Path:
        """Challenges as the solver sees them: without the solutions that lie beside them on the mount."""
        return self.temp / "data"

    @property
    def code(self) -> Path:
        """The code bundle, copied."""
        return self.temp / "code"

    @property
    def venv(self) -> Path:
        """The solver's own environment."""
        return self.temp / "venv"
