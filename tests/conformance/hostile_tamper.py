"""Programs that try to change what their neighbours see, or to read and rewrite the machinery around them."""

# ruff: noqa: E501 (programs as data, many of them one to a line)
from hostile_case import ANY, BOMB, GRID, LOOP, body, case

from arc_submit.records import Dialect, Fault

CASES = {
    "overwrite_numpy": body("import numpy as np\nnp.rot90 = np.where = np.zeros_like = np.array = lambda *a, **k: 5", GRID),
    "overwrite_numpy_by_setattr": body("import numpy as np\nsetattr(np, 'rot90', lambda *a: 5)\nnp.zeros_like = None", GRID),
    "overwrite_numpy_by_dict": body("import numpy as np\nvars(np)['rot90'] = np.__dict__['where'] = len", GRID),
    "overwrite_numpy_by_method": case(
        """
        import numpy as np
        class A:
            def change(self):
                self.rot90 = self.where = self.zeros_like = lambda *a, **k: 5
        def transform(grid):
            A.change(np)
            return grid
        """,
        GRID,
    ),
    "delete_numpy_by_method": case(
        """
        import numpy as np
        class A:
            def change(self):
                del self.rot90, self.where
        def transform(grid):
            A.change(np)
            return grid
        """,
        GRID, Fault.ERROR,
    ),
    "overwrite_dsl": case("import arc_dsl\narc_dsl.vmirror = arc_dsl.ONE = None\ndef transform(grid):\n    return grid\n", GRID),
    "overwrite_dsl_by_method": case(
        """
        import arc_dsl, dsl, constants
        class A:
            def change(self):
                self.vmirror = self.ONE = self.objects = lambda *a: ()
        for each in (arc_dsl, dsl, constants):
            A.change(each)
        def transform(grid):
            return grid
        """,
        GRID,
    ),
    "overwrite_extensions_by_method": case(
        """
        import arc_ext
        class A:
            def change(self):
                self.layer = self.cells = self.painted = lambda *a: None
        A.change(arc_ext)
        def transform(grid):
            return grid
        """,
        GRID,
    ),
    "overwrite_what_an_extension_is_made_of": case(
        """
        from arc_ext import *
        class A:
            def change(self):
                self.kernel = self.kind = self.numbers = self.function = lambda *a: None
        def solve(I):
            for each in (layer, cells, painted, atop):
                A.change(each)
            return I
        """,
        GRID, dialect=Dialect.SOLVE, entry="solve",
    ),
    "overwrite_the_class_of_an_extension": case(
        """
        from arc_ext import *
        class A:
            def change(self):
                self.__call__ = lambda *a: ((0,),)
        def solve(I):
            A.change(type(painted))
            return I
        """,
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "overwrite_the_class_of_what_extensions_return": case(
        """
        import arc_ext
        from arc_ext import *
        class A:
            def change(self):
                self.__init__ = self.__eq__ = self.__iter__ = self.cells = lambda *a: 1 / 0
        def solve(I):
            for name in EXTENSIONS_WITH_ONE_GRID:
                try:
                    made = name(I)
                    A.change(type(made))
                    A.change(type(made[0]))
                except Exception:
                    pass
            return I
        EXTENSIONS_WITH_ONE_GRID = (things, layer, row_things, part_things)
        """,
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "overwrite_the_kernel_of_an_extension": case(
        """
        from arc_ext import *
        def wrong(a, y, x, colour):
            return a, 9, 9
        def solve(I):
            u = "_" * 2
            cell = getattr(painted, u + "closure" + u)[0].cell_contents
            cell.kernel = wrong
            return I
        """,
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "a_hostile_layer": case(
        """
        from arc_ext import *
        class Liar(tuple):
            def __iter__(self):
                yield from (((1, 2), (3, 4)), (0, 0))
            def __eq__(self, other):
                return True
            def __hash__(self):
                return 0
        def solve(I):
            return cells(painted(Liar((1, 2)), 7))
        """,
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "overwrite_dsl_code": case(
        """
        from arc_dsl import *
        def wrong(grid):
            return ((5,),)
        def solve(I):
            vmirror.__code__ = wrong.__code__
            return I
        """,
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "overwrite_dsl_defaults": case(
        "from arc_dsl import *\ndef solve(I):\n    objects.__defaults__ = (1, 2, 3, 4)\n    return I\n",
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "append_to_dsl_values": case(
        """
        import arc_dsl
        def transform(grid):
            for name in dir(arc_dsl):
                value = getattr(arc_dsl, name)
                for method, argument in (('append', 99), ('clear', None), ('add', 99), ('pop', None)):
                    try:
                        getattr(value, method)(*(() if argument is None else (argument,)))
                    except Exception:
                        pass
            return grid
        """,
        GRID,
    ),
    "overwrite_dsl_globals": body("import arc_dsl\narc_dsl.vmirror.__globals__.clear()", GRID, Fault.ERROR),
    "overwrite_builtins": body("import builtins\nbuiltins.len = builtins.sum = builtins.sorted = lambda *a: 5", ANY),
    "overwrite_builtins_by_name": body(
        "b = __builtins__ if isinstance(__builtins__, dict) else vars(__builtins__)\nb['len'] = b['sum'] = b['range'] = None",
        GRID, Fault.ERROR,
    ),
    "overwrite_builtins_by_globals": body("globals()['__builtins__']['len'] = None", GRID, Fault.ERROR),
    "clear_builtins": body("import builtins\nvars(builtins).clear()", ANY),
    "shadow_builtins": case("len = sum = sorted = range = None\ndef transform(grid):\n    return grid\n", GRID),
    "shadow_import": case("import numpy as np\nnp = None\n__import__ = None\ndef transform(grid):\n    return grid\n", GRID),
    "overwrite_import": body("import builtins\nbuiltins.__import__ = lambda *a, **k: None", GRID),
    "poison_sys_modules": body("import sys\nsys.modules['numpy'] = sys.modules['math'] = sys\nsys.modules['arc_dsl'] = None", GRID),
    "clear_sys_modules": body("import sys\nsys.modules.clear()", GRID, Fault.ERROR, Fault.OUTPUT),
    "sys_through_typing": body("import typing\ntyping.sys.modules['collections'] = None", GRID),
    "sys_through_dataclasses": body("import dataclasses as d\nd.sys.modules.clear()\nd.builtins.len = None", ANY),
    "overwrite_counter": case(
        """
        from collections import Counter
        class A:
            def change(self):
                self.most_common = lambda *a: [(5, 5)]
        def transform(grid):
            A.change(Counter)
            return grid
        """,
        GRID,
    ),
    "overwrite_fraction": body("from fractions import Fraction\nFraction.__add__ = lambda *a: 5\nFraction.limit_denominator = None", GRID),
    "overwrite_random": case(
        """
        import random
        class A:
            def change(self):
                self.randint = self.choice = lambda *a: 5
        def transform(grid):
            A.change(random)
            A.change(random.Random)
            return grid
        """,
        GRID,
    ),
    "dataclass_over_foreign_class": body("import dataclasses, collections\ndataclasses.dataclass(collections.Counter)", GRID, Fault.ERROR),
    "total_ordering_over_foreign_class": body("import functools, fractions\nfunctools.total_ordering(fractions.Fraction)", GRID),
    "final_over_foreign_function": body("import typing, math, functools\ntyping.final(functools.reduce)\ntyping.final(functools.partial)", GRID, Fault.ERROR),
    "update_wrapper": body("import functools, arc_dsl\nfunctools.update_wrapper(arc_dsl.vmirror, arc_dsl.hmirror)", GRID),
    "change_typecodes": body("import numpy as np\nnp.typecodes.clear()\nnp.sctypeDict.clear()", GRID),
    "change_dispatch_table": body("import copy\ncopy.dispatch_table[list] = lambda x: 5\ncopy._deepcopy_dispatch.clear()", GRID),
    "change_string_constants": body("import string, math\nstring.digits = 'x'\nmath.pi = 3", GRID),
    "change_enum": body("import re\nre.RegexFlag._member_map_.clear()\nre.IGNORECASE._value_ = 0", GRID, Fault.ERROR),
    "cached_property": body("import functools\nfunctools.reduce = functools.lru_cache = None", GRID),
    "purge_regex": body("import re\nre.purge()\nre._cache['x'] = 5", GRID, Fault.ERROR),
    "register_abc": body("import collections.abc as c\nc.Mapping.register(int)\nc.Hashable.register(list)", GRID),
    "subclass_left_behind": case(
        "import numpy as np\nclass A(np.ndarray):\n    def __array_finalize__(self, other):\n        raise ValueError\n"
        "def transform(grid):\n    return grid.view(A)\n",
        Fault.ERROR,
    ),
    "gc_sweep": body(
        """
        import gc
        for o in gc.get_objects():
            if type(o) is dict and 'rot90' in o:
                o['rot90'] = o['zeros_like'] = None
            if type(o) is dict and 'vmirror' in o:
                o['vmirror'] = None
        """,
        GRID, Fault.ERROR,
    ),
    "gc_referrers": body("import gc, numpy as np\nfor d in gc.get_referrers(np.rot90):\n    if type(d) is dict:\n        d.clear()", ANY),
    "gc_disable": body("import gc\ngc.disable()\ngc.set_threshold(0)\ngc.freeze()", GRID),
    "gc_callbacks": body("import gc\ngc.callbacks.append(lambda *a: 1 / 0)\ngc.collect()", GRID),
    "frame_walk": body(
        """
        import sys
        frame = sys._getframe()
        while frame:
            for name in list(frame.f_locals):
                frame.f_locals[name] = None
            for name in ('grid_bytes', 'may_share', 'describe'):
                if name in frame.f_globals:
                    frame.f_globals[name] = lambda *a: bytes((1, 1, 5))
            frame = frame.f_back
        """,
        GRID, Fault.ERROR,
    ),
    "frame_walk_by_exception": body(
        """
        try:
            1 / 0
        except ZeroDivisionError as error:
            frame = error.__traceback__.tb_frame
            while frame.f_back:
                frame = frame.f_back
                frame.f_globals.pop('Tape', None)
        """,
        GRID,
    ),
    "frame_walk_by_generator": body(
        "g = (0 for _ in ())\nframe = g.gi_frame\nwhile frame:\n    frame.f_globals['np'] = None\n    frame = frame.f_back", GRID
    ),
    "frame_of_the_caller_for_the_truth": body(
        """
        import gc
        found = [o for o in gc.get_objects() if type(o) is tuple and o and type(o[0]) is tuple and len(o) == len(grid)]
        for each in found:
            if each != tuple(map(tuple, grid.tolist())):
                return each
        """,
        ANY,
    ),
    "subclasses_walk": body(
        "for c in object.__subclasses__():\n    for name in ('Popen', '_wrap_close', 'Tape', 'Runner'):\n"
        "        if c.__name__ == name:\n            c.__init__ = None",
        GRID, Fault.ERROR,
    ),
    "attrgetter_walk": body(
        "import operator\nu = '_' * 2\nf = operator.attrgetter(u + 'globals' + u)\nf(len.__class__.mro)", Fault.ERROR
    ),
    "attrgetter_tamper": body(
        "import operator, arc_dsl\nu = '_' * 2\noperator.attrgetter(u + 'globals' + u)(arc_dsl.vmirror)['hmirror'] = None", GRID
    ),
    "format_walk": body("import arc_dsl\nu = '_' * 2\nraise ValueError(('{0.' + u + 'globals' + u + '}').format(arc_dsl.vmirror))", Fault.ERROR),
    "format_map_walk": body("u = '_' * 2\nraise ValueError('{x.' .format_map({'x.': 5}))", Fault.ERROR),
    "getattr_built_up": body("import numpy as np\ngetattr(np, '_' * 2 + 'dict' + '_' * 2)['rot90'] = None", GRID),
    "match_class_walk": body(
        "match grid:\n    case object(__class__=c):\n        pass\nmatch c:\n    case object(__dict__=d):\n        pass", GRID, Fault.ERROR
    ),
    "exec_tamper": body("exec('import numpy as np; np.rot90 = None')", GRID),
    "eval_tamper": body("eval(\"__import__('numpy').__dict__.update(rot90=None)\")", GRID),
    "type_hints_eval": case(
        "import typing\ndef f(x: \"__import__('numpy').__dict__.update(rot90=None)\"): ...\n"
        "def transform(grid):\n    typing.get_type_hints(f)\n    return grid\n",
        GRID, Fault.ERROR,
    ),
    "unicode_names": body("import numpy as np\nnp.ｒｏｔ９０ = None\nｅｘｅｃ('1')", GRID),
    "seterr": body("import numpy as np\nnp.seterr(all='raise')\nnp.seterrcall(print)", GRID),
    "errstate_left_open": body("import numpy as np\nnp.errstate(all='raise').__enter__()", GRID),
    "printoptions": body("import numpy as np\nnp.set_printoptions(threshold=1, edgeitems=1)", GRID),
    "recursion_limit_lowered": body("import sys\nsys.setrecursionlimit(60)", GRID, Fault.ERROR, Fault.OUTPUT),
    "int_digits": body("import sys\nsys.set_int_max_str_digits(640)", GRID),
    "decimal_context": body("import decimal\ndecimal.getcontext().prec = 1\ndecimal.setcontext(decimal.ExtendedContext)", GRID),
    "locale": body("import locale\nlocale.setlocale(locale.LC_ALL, 'C')", GRID, Fault.ERROR),
    "settrace_left_behind": body("import sys\nsys.settrace(lambda *a: 1 / 0)", ANY),
    "excepthook": body("import sys\nsys.unraisablehook = sys.excepthook = sys.displayhook = None", GRID),
    "switch_interval": body("import sys\nsys.setswitchinterval(1e9)", GRID),
    "rng_state_left": body("import random, numpy as np\nrandom.seed(99)\nnp.random.seed(99)\nrandom.random()", GRID),
    "rng_replaced": body("import random, numpy as np\nrandom.randint = lambda a, b: 5\nnp.random.randint = None", GRID),
    "rng_bit_generator": body("import numpy as np\nnp.random.set_state(('MT19937', [1] * 624, 1, 0, 0.0))", GRID, Fault.ERROR),
    "module_level_monkey": case("import math\nmath.sqrt = math.floor = None\ndef transform(grid):\n    return grid\n", GRID),
    "state_between_inputs": case("seen = []\ndef transform(grid):\n    seen.append(0)\n    return [[len(seen)]]\n", GRID),
    "input_mutated": body("grid[:] = 9\ngrid.resize((1, 1), refcheck=False)", ANY),
    "input_mutated_main": case(
        "def main(g):\n    for row in g:\n        row.clear()\n    g.clear()\n    return [[1]]\n", GRID, dialect=Dialect.MAIN, entry="main"
    ),
    "input_base_mutated": body("b = grid\nwhile b.base is not None:\n    b = b.base\nb[...] = 7", GRID),
    "input_buffer_mutated": body("memoryview(grid).cast('B')[:] = b'\\x05' * grid.nbytes", GRID, Fault.OUTPUT),
    "tuple_mutated_by_ctypes": case(
        "import ctypes\ndef solve(I):\n    ctypes.memset(id(I[0]) + 24, 0, 8)\n    return ((1,),)\n",
        ANY, dialect=Dialect.SOLVE, entry="solve",
    ),
    "scribble_over_results": body(
        """
        import gc
        for o in gc.get_objects():
            if type(o).__name__ == 'Tape':
                o._memory[:4096] = b'\\xff' * 4096
        for o in gc.get_objects():
            if type(o) is memoryview:
                o[:4096] = b'\\xff' * 4096
        """,
        ANY,
    ),
    "scribble_over_header": body(
        """
        import sys
        tape = sys._getframe(1).f_locals.get('tape')
        frame = sys._getframe()
        while frame and tape is None:
            tape, frame = frame.f_locals.get('tape'), frame.f_back
        tape._memory[:24] = b'\\xff' * 24
        import os
        os._exit(0)
        """,
        Fault.CRASH, Fault.ERROR, Fault.EXIT,
    ),
    "scribble_a_long_tape": body(
        """
        import sys, os
        frame, tape = sys._getframe(), None
        while frame and tape is None:
            tape, frame = frame.f_locals.get('tape'), frame.f_back
        for _ in range(1000):
            tape.grid(bytes((1, 1, 5)))
        """,
        Fault.CRASH, Fault.ERROR,
    ),
    "forge_a_clean_canary": body(
        """
        import sys
        frame, tape = sys._getframe(), None
        while frame and tape is None:
            tape, frame = frame.f_locals.get('tape'), frame.f_back
        tape._begun = tape._clean = 60
        tape._header()
        """,
        Fault.CRASH, Fault.ERROR,
    ),
    "switch_off_canary": body(
        "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'Canary':\n        type(o).clean = lambda self: True\n"
        "import numpy as np\nnp.rot90 = None",
        GRID,
    ),
    "switch_off_audit": body(
        "import sys\nm = sys.modules.get('arc_submit.sandbox.runner')\nm.may_share = lambda code: True", GRID, Fault.ERROR
    ),
    "guard_flag": body("import sys\ntry:\n    import os, socket\nexcept ImportError:\n    pass", GRID),
    "guard_by_module_loader": body("import numpy as np\nnp.__loader__.load_module('os')", ANY),
    "import_relative": body("from . import x", Fault.ERROR),
    "import_star_in_function": case("def transform(grid):\n    from numpy import *\n", Fault.SYNTAX),
    "import_missing": case("import pandas_that_is_not_there\ndef transform(g):\n    return g\n", Fault.LOAD),
    "import_sandbox": case("from arc_submit.sandbox.host import Sandbox\nSandbox()\ndef transform(g):\n    return g\n", Fault.LOAD),
    "weakref_finalizer": body("import weakref\nclass A: pass\na = A()\nweakref.finalize(a, exec, 'import numpy; numpy.rot90 = None')\ndel a", GRID),
    "del_tampers": case(
        """
        import numpy as np
        class A:
            def __del__(self):
                np.rot90 = None
        KEPT = A()
        def transform(grid):
            return grid
        """,
        GRID,
    ),
    "generator_left_running": case(
        """
        def slow():
            try:
                yield 1
            finally:
                while True:
                    pass
        kept = slow()
        next(kept)
        def transform(grid):
            return grid
        """,
        GRID, LOOP,
    ),
    "coroutine_left": case("async def f():\n    pass\nKEPT = f()\ndef transform(grid):\n    return grid\n", GRID),
    "huge_namespace": case("globals().update({f'x{n}': n for n in range(20_000)})\ndef transform(grid):\n    return grid\n", GRID, BOMB),
}  # fmt: skip
