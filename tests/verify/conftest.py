"""Makes tests/helpers.py importable from here."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))
