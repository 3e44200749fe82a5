"""The grid DSL: 160 primitives, 28 constants and the names of its types. Standard library only, no state.

    arithmetic logic containers mapping functions        values and functions
    colours extent places relations objects              looking at grids and patches
    mirrors painting cutting measuring                   making grids, measuring
    visiting patches                                     behind the scenes: the order of sets, bounding boxes
    registry                                             signatures and docs of the primitives (imported on demand)
    modules                                              the module names that programs import

Programs import it as `arc_dsl` or as `dsl` and `constants`, once `modules.install()` has been called. Attributes of
this package are the primitives: `arc_submit.dsl.objects` is the function, not the file of the same name.

Values are ints, bools, tuples, frozensets and functions; a grid is a tuple of rows. No primitive changes an argument,
keeps anything between calls or uses randomness. Colours are not checked to be 0..9, nor grids to be rectangular.
"""

# ruff: noqa: F403
from types import ModuleType as _ModuleType

from arc_submit.dsl.arithmetic import *
from arc_submit.dsl.colours import *
from arc_submit.dsl.constants import *
from arc_submit.dsl.containers import *
from arc_submit.dsl.cutting import *
from arc_submit.dsl.extent import *
from arc_submit.dsl.functions import *
from arc_submit.dsl.logic import *
from arc_submit.dsl.mapping import *
from arc_submit.dsl.measuring import *
from arc_submit.dsl.mirrors import *
from arc_submit.dsl.objects import *
from arc_submit.dsl.painting import *
from arc_submit.dsl.places import *
from arc_submit.dsl.relations import *
from arc_submit.dsl.types import *

__all__ = tuple(
    sorted(name for name, value in globals().items() if name[0] != "_" and not isinstance(value, _ModuleType))
)
