"""Tasks in, solutions apart.

    tasks = load("arc1-evaluation")            # or a Kaggle file, a folder, one task's file
    solutions = load_solutions("arc1-evaluation")   # only `score`, `show` and `report` ask for them

`load` never returns test outputs, whatever the file holds; `load_solutions` never returns anything else.
`grids` checks, `files` reads, `sets` knows the public sets by name.
"""

from arc_submit.tasks.files import Solutions, TaskSet
from arc_submit.tasks.sets import NAMED, load, load_solutions, select

__all__ = ["NAMED", "Solutions", "TaskSet", "load", "load_solutions", "select"]
