"""Run a notebook's code cells in order, in one fresh interpreter: `python cells.py NOTEBOOK`.

Stands in for papermill where the image is not at hand; a copy of this file lies beside the notebook, so it imports
nothing of the kit. Not here: outputs kept in the notebook, magics, cells that go on after an exception.
"""

import json
import sys
from pathlib import Path


def main() -> None:
    """Execute the cells as one `__main__`; an exception ends it, as it does on Kaggle."""
    content = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    codes = ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]
    names = {"__name__": "__main__"}
    for number, code in enumerate(codes, 1):
        exec(compile(code, f"<cell {number}>", "exec"), names)
    print(f"notebook: {len(codes)} cells", flush=True)


if __name__ == "__main__":
    main()
