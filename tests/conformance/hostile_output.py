"""Programs that answer with something that is not a grid, lies about itself, or depends on chance."""

# ruff: noqa: E501 (programs as data, many of them one to a line)
from hostile_case import ANY, GRID, LOOP, body, case

from arc_submit.records import Dialect, Fault

OUT = Fault.OUTPUT

CASES = {
    "none": case("def transform(grid):\n    pass\n", OUT),
    "string": body("return '123'", OUT),
    "integer": body("return 5", OUT),
    "one_dimension": body("return grid[0]", OUT),
    "three_dimensions": body("return grid[None]", OUT),
    "zero_dimensions": body("import numpy as np\nreturn np.array(5)", OUT),
    "empty_list": body("return []", OUT),
    "empty_rows": body("return [[], []]", OUT),
    "empty_array": body("return grid[:0]", OUT),
    "31_rows": body("return [[1]] * 31", OUT),
    "31_columns": body("return [[1] * 31]", OUT),
    "31_square_array": body("import numpy as np\nreturn np.zeros((31, 31), int)", OUT),
    "nan": body("return grid * float('nan')", OUT),
    "infinity": body("return grid + float('inf')", OUT),
    "fractions": body("return grid + 0.5", OUT),
    "float_too_large": body("return grid + 1e300", OUT),
    "complex": body("return grid + 0j", OUT),
    "datetime": body("return grid.astype('datetime64[s]')", OUT),
    "structured": body("import numpy as np\nreturn np.zeros((2, 2), 'i4,i4')", OUT),
    "void": body("import numpy as np\nreturn np.zeros((2, 2), 'V8')", OUT),
    "object_strings": body("import numpy as np\nreturn np.array([['a', 'b']], object)", OUT),
    "object_none": body("import numpy as np\nreturn np.full((2, 2), None)", OUT),
    "object_big": body("import numpy as np\nreturn np.array([[10 ** 30]], object)", OUT),
    "string_array": body("return grid.astype(str)", OUT),
    "list_of_strings": body("return ['12', '34']", OUT),
    "list_of_bytes": body("return [b'12', b'34']", OUT),
    "negative": body("return grid - 10", OUT),
    "above_nine": body("return grid + 10", OUT),
    "above_a_byte": body("return grid + 256", OUT),
    "above_a_byte_in_lists": body("return (grid + 256).tolist()", OUT),
    "uint64_wrap": body("import numpy as np\nreturn grid.astype(np.uint64) - np.uint64(20)", OUT),
    "int8_wrap": body("import numpy as np\nreturn (grid + 250).astype(np.int8)", OUT),
    "ragged": body("return [[1, 2], [3]]", OUT),
    "ragged_arrays": body("import numpy as np\nreturn [np.ones(2, int), np.ones(3, int)]", OUT),
    "generator": body("return (row for row in grid)", OUT),
    "iterator": body("return iter(grid.tolist())", OUT),
    "dictionary": body("return {0: [1]}", OUT),
    "set": body("return {(1, 2)}", OUT),
    "map": body("return map(list, grid)", OUT),
    "bytearray_rows": body("return [bytearray(b'\\1\\2')]", OUT),
    "range_rows": body("return [range(3)]", OUT),
    "nested_too_deep": body("return [[[1]]]", OUT),
    "none_cells": body("return [[None]]", OUT),
    "class_instead_of_instance": body("return list", OUT),
    "lying_ndarray": case(
        """
        import numpy as np
        class A(np.ndarray):
            shape = property(lambda self: (1, 1))
            ndim = 2
            def astype(self, *a, **k):
                return np.full((1, 1), 5)
            def __array__(self, *a, **k):
                return np.full((1, 1), 5)
        def transform(grid):
            return np.zeros((40, 40), int).view(A)
        """,
        OUT,
    ),
    "lying_list": case(
        """
        class A(list):
            def __len__(self):
                return 1
            def __iter__(self):
                return iter([[5]])
            def __getitem__(self, at):
                return [5]
        def transform(grid):
            return A([[1]] * 40)
        """,
        OUT,
    ),
    "lying_rows": case(
        """
        class A(list):
            def __len__(self):
                return 2
            def __bytes__(self):
                return b'\\5' * 10_000
        def transform(grid):
            return [A([1]), A([1, 2])]
        """,
        OUT,
    ),
    "lying_int": case(
        """
        class A(int):
            def __index__(self):
                return 5
            def __int__(self):
                return 5
        def transform(grid):
            return [[A(77)]]
        """,
        OUT, GRID,
    ),
    "growing_list": case(
        """
        class A:
            def __init__(self, rows):
                self.rows = rows
            def __index__(self):
                self.rows.append([1])
                self.rows[0].append(1)
                return 1
        def transform(grid):
            rows = [[]]
            rows[0].append(A(rows))
            return rows
        """,
        OUT, GRID,
    ),
    "equal_to_everything": case(
        """
        class A(list):
            def __eq__(self, other):
                return True
            __hash__ = None
        class B:
            def __eq__(self, other):
                return True
            def tolist(self):
                return self
        def transform(grid):
            return B()
        """,
        OUT,
    ),
    "equal_to_everything_inside": case(
        "class A(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n"
        "def transform(grid):\n    return [[A(3)]]\n",
        GRID, OUT,
    ),
    "reduce_bomb": case(
        """
        import os
        class A:
            def __reduce__(self):
                return os.system, ('touch @DIR@/made',)
        def transform(grid):
            return A()
        """,
        OUT,
    ),
    "reduce_bomb_in_exception": case(
        """
        import os
        class Bad(Exception):
            def __reduce__(self):
                return os.system, ('touch @DIR@/made',)
        def transform(grid):
            raise Bad
        """,
        Fault.ERROR,
    ),
    "array_protocol": case(
        """
        class A:
            __array_interface__ = {'shape': (3, 3), 'typestr': '<i8', 'data': (4096, False), 'version': 3}
        def transform(grid):
            return A()
        """,
        OUT,
    ),
    "array_protocol_in_rows": case(
        """
        class A:
            __array_interface__ = {'shape': (3,), 'typestr': '<i8', 'data': (4096, False), 'version': 3}
        def transform(grid):
            return [A()] * 3
        """,
        OUT,
    ),
    "array_protocol_in_cells": case(
        """
        class A:
            __array_interface__ = {'shape': (), 'typestr': '<i8', 'data': (4096, False), 'version': 3}
        def transform(grid):
            return [[A()] * 3]
        """,
        OUT, Fault.CRASH,
    ),
    "hostile_str": case(
        """
        class Bad(Exception):
            def __str__(self):
                raise self
        def transform(grid):
            raise Bad
        """,
        Fault.ERROR,
    ),
    "hostile_str_type": case(
        """
        class S(str):
            def __str__(self):
                return 5
            def __format__(self, how):
                return self
            def __getitem__(self, at):
                raise KeyboardInterrupt
        class Bad(Exception):
            def __str__(self):
                return S('x' * 1000)
        def transform(grid):
            raise Bad
        """,
        Fault.ERROR,
    ),
    "hostile_text": body("raise ValueError('\\x1b[2J\\x00\\u202e\\ud800' * 50)", Fault.ERROR),
    "hostile_traceback": case(
        "class Bad(Exception):\n    __traceback__ = property(lambda self: 1 / 0)\ndef transform(grid):\n    raise Bad\n",
        Fault.ERROR,
    ),
    "missing": case("def other(grid):\n    return grid\n", Fault.ENTRY),
    "not_callable": case("transform = 5\n", Fault.ENTRY),
    "deleted": case("def transform(grid):\n    return grid\ndel transform\n", Fault.ENTRY),
    "asynchronous": case("async def transform(grid):\n    return grid\n", OUT),
    "a_generator_function": case("def transform(grid):\n    yield grid\n", OUT),
    "a_class": case("class transform:\n    def __init__(self, grid):\n        pass\n", OUT),
    "wrong_arity": case("def transform():\n    return [[1]]\n", Fault.ERROR),
    "two_arguments": case("def transform(a, b):\n    return a\n", Fault.ERROR),
    "hostile_call": case(
        "class A:\n    def __call__(self, grid):\n        return self\n    def __getattr__(self, name):\n        return self\n"
        "transform = A()\n",
        OUT,
    ),
    "raise_a_class_with_hostile_new": case(
        "class Bad(Exception):\n    def __new__(cls, *a):\n        return 5\ndef transform(grid):\n    raise Bad\n", Fault.ERROR
    ),
    "solve_returns_a_patch": case("def solve(I):\n    return asindices(I)\n", OUT, dialect=Dialect.SOLVE, entry="solve"),
    "solve_returns_a_function": case("def solve(I):\n    return compose(size, delta)\n", OUT, dialect=Dialect.SOLVE, entry="solve"),
    "random": body("import random\nreturn [[random.randint(0, 9)]]", GRID),
    "urandom": body("import os\nreturn [[os.urandom(1)[0] % 10]]", GRID),
    "uninitialised": body("import numpy as np\nreturn np.ndarray((3, 3), np.uint8) % 10", GRID),
    "uninitialised_empty": body("import numpy as np\nassert not np.empty((30, 30)).any()", GRID),
    "clock": body("import time\nreturn [[time.time_ns() % 10]]", GRID),
    "wait_for_the_clock": body("import time\nwhile time.time() % 1000 > 1e-9:\n    pass", LOOP),
    "identity": body("return [[id(object()) // 16 % 10]]", GRID),
    "all_faults_at_once": case(
        "import os\nn = 0\ndef transform(grid):\n    global n\n    n += 1\n    if n == 1:\n        return None\n    os._exit(1)\n",
        OUT, Fault.EXIT,
    ),
}  # fmt: skip

SYNTAX = frozenset({Fault.SYNTAX, Fault.MEMORY, Fault.CRASH, *LOOP})

SOURCES = {
    "not_python": case("this is not valid python", Fault.SYNTAX),
    "empty": case("", Fault.ENTRY),
    "only_a_comment": case("# nothing", Fault.ENTRY),
    "unclosed": case("def transform(grid:\n", Fault.SYNTAX),
    "tabs_and_spaces": case("def transform(grid):\n\tif 1:\n        return grid\n", Fault.SYNTAX),
    "return_outside": case("return 5\n", Fault.SYNTAX),
    "parentheses": case("X = " + "(" * 5000 + ")" * 5000 + "\n", SYNTAX),
    "brackets": case("X = " + "[" * 190 + "]" * 190 + "\ndef transform(g):\n    return g\n", SYNTAX, GRID),
    "unary_minus": case("X = " + "-" * 60_000 + "1\n", SYNTAX, Fault.ENTRY),
    "many_not": case("X = " + "not " * 15_000 + "1\n", SYNTAX, Fault.ENTRY),
    "attributes": case("X = a" + ".a" * 30_000 + "\n", SYNTAX, Fault.LOAD),
    "additions": case("X = 1" + "+1" * 30_000 + "\n", SYNTAX, Fault.ENTRY),
    "strings": case("X = " + "'a' " * 15_000 + "\n", SYNTAX, Fault.ENTRY),
    "nested_functions": case("".join(" " * n + f"def f{n}():\n" for n in range(99)) + " " * 99 + "pass\n", SYNTAX, Fault.ENTRY),
    "nested_lambdas": case("X = " + "lambda: " * 8000 + "1\n", SYNTAX, Fault.ENTRY),
    "nested_f_strings": case("X = " + 'f"{' * 150 + "1" + '}"' * 150 + "\n", SYNTAX, Fault.ENTRY),
    "comprehensions": case("X = [1 " + "for a in (1,) " * 2000 + "]\n", SYNTAX, Fault.ENTRY, Fault.LOAD),
    "walrus": case("X = " + "(a := " * 180 + "1" + ")" * 180 + "\n", SYNTAX, Fault.ENTRY),
    "decorators": case("@len\n" * 10_000 + "def f():\n    pass\n", SYNTAX, Fault.LOAD),
    "elif_chain": case("if 0:\n    pass\n" + "elif 0:\n    pass\n" * 3000, SYNTAX, Fault.ENTRY),
    "big_tuple_constant": case("X = (" + "1," * 30_000 + ")\n", SYNTAX, Fault.ENTRY),
    "folded_bomb": case("X = 'x' * 4000 * 4000 * 4000\n", SYNTAX, Fault.LOAD),
    "too_long": case("# " + "x" * 1_000_000 + "\n", Fault.SYNTAX),
    "nul_byte": case("def transform(grid):\n    return grid\n\0\n", Fault.SYNTAX),
    "surrogate": case("X = '\ud800'\ndef transform(grid):\n    return grid\n", Fault.SYNTAX),
    "odd_encoding": case("# -*- coding: utf-7 -*-\ndef transform(grid):\n    return grid\n", GRID, Fault.SYNTAX),
    "unknown_encoding": case("# -*- coding: no-such-thing -*-\ndef transform(grid):\n    return grid\n", GRID, Fault.SYNTAX),
    "byte_order_mark": case("\ufeffdef transform(grid):\n    return grid\n", GRID, Fault.SYNTAX),
    "form_feed": case("\fdef transform(grid):\n\f    return grid\n", GRID, Fault.SYNTAX),
    "carriage_returns": case("def transform(grid):\r    return grid\r", GRID, Fault.SYNTAX),
    "invalid_escape": case("X = '\\d'\ndef transform(grid):\n    return grid\n", GRID),
    "future": case("from __future__ import annotations, division\ndef transform(grid: 'x' + 1):\n    return grid\n", GRID),
    "barry": case("from __future__ import barry_as_FLUFL\ndef transform(grid):\n    return grid if 1 <> 2 else None\n", GRID, Fault.SYNTAX),
    "unknown_future": case("from __future__ import braces\n", Fault.SYNTAX),
    "huge_number": case("X = " + "9" * 50_000 + "\n", SYNTAX, Fault.ENTRY),
    "huge_float": case("X = 1e" + "9" * 1000 + "\ndef transform(g):\n    return g\n", GRID),
    "long_name": case("x" * 60_000 + " = 1\ndef transform(g):\n    return g\n", GRID),
    "many_names": case("\n".join(f"x{n} = {n}" for n in range(4500)) + "\ndef transform(g):\n    return g\n", GRID),
    "main_guard": case("def transform(g):\n    return g\nif __name__ == '__main__':\n    transform = None\n", GRID),
    "entry_in_module_docstring": case('"""def transform(grid): pass"""\n', Fault.ENTRY),
    "raise_at_load": case("raise ValueError('at load')\n", Fault.LOAD),
    "raise_base_at_load": case("class Odd(BaseException):\n    pass\nraise Odd\n", Fault.LOAD),
    "memory_at_load": case("import numpy as np\nX = np.ones((10 ** 6, 10 ** 6))\n", Fault.MEMORY),
    "exec_of_a_bomb": case("exec('(' * 5000)\n", ANY),
    "compile_bomb": case("compile('-' * 1_000_000 + '1', 'x', 'eval')\n", ANY),
    "ast_bomb": case("import ast\nast.literal_eval('-' * 100_000 + '1')\n", ANY),
    "many_locals": case("def transform(g):\n" + "".join(f"    x{n} = g\n" for n in range(3000)) + "    return g\n", GRID),
}  # fmt: skip
