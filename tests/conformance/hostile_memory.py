"""Programs that eat memory, return monsters, or overflow a stack."""

# ruff: noqa: E501 (programs as data, many of them one to a line)
from hostile_case import ANY, BOMB, GRID, body, case

from arc_submit.records import Fault

CASES = {
    "string_doubling": body("s = 'x'\nwhile True:\n    s += s", BOMB),
    "bytes_doubling": body("s = b'x'\nwhile True:\n    s += s", BOMB),
    "list_bomb": body("l = [0]\nwhile True:\n    l += l", BOMB),
    "list_of_lists": body("l = []\nwhile True:\n    l.append([0] * 1000)", BOMB),
    "dict_bomb": body("d = {}\nn = 0\nwhile True:\n    d[n] = str(n)\n    n += 1", BOMB),
    "tuple_nesting": body("t = ()\nwhile True:\n    t = (t, t, 'x' * 1000)", BOMB),
    "array_bomb": body("import numpy as np\nkept = []\nwhile True:\n    kept.append(np.ones((1000, 1000)))", BOMB),
    "one_huge_array": body("import numpy as np\nnp.ones((100_000, 100_000))", Fault.MEMORY),
    "one_impossible_array": body("import numpy as np\nnp.ones((2 ** 40, 2 ** 20))", Fault.MEMORY, Fault.ERROR),
    "untouched_array": body("import numpy as np\nnp.zeros(10 ** 10, dtype=np.int8)", Fault.MEMORY),
    "empty_array": body("import numpy as np\nnp.empty((30_000, 30_000))", Fault.MEMORY),
    "range_list": body("list(range(10 ** 10))", BOMB),
    "repeat_string": body("'ab' * 10 ** 12", Fault.MEMORY),
    "join_bomb": body("','.join(str(n) for n in range(10 ** 9))", BOMB),
    "format_width": body("'%*d' % (10 ** 9, 1)\n'{:>9999999999}'.format(1)", BOMB, Fault.ERROR),
    "swallow_memory_error": body(
        """
        kept = []
        while True:
            try:
                kept.append('x' * 10 ** 8 + str(len(kept)))
            except MemoryError:
                pass
        """,
        BOMB,
    ),
    "swallow_then_answer": body(
        "import numpy as np\ntry:\n    np.ones((10 ** 6, 10 ** 6))\nexcept MemoryError:\n    pass", GRID
    ),
    "mmap": body("import mmap\nkept = [mmap.mmap(-1, 1 << 30) for _ in range(100)]", Fault.ERROR, BOMB),
    "mmap_touched": body(
        "import mmap\nm = mmap.mmap(-1, 1 << 28)\nfor i in range(0, 1 << 28, 4096):\n    m[i] = 1", Fault.ERROR, BOMB
    ),
    "cyclic_leak": body(
        """
        import numpy as np
        for _ in range(20):
            pair = [np.ones(200_000)]
            pair.append(pair)
        """,
        GRID, BOMB,
    ),
    "keep_between_inputs": case(
        "kept = []\ndef transform(grid):\n    kept.append(bytearray(40 << 20))\n    return grid\n", GRID, BOMB
    ),
    "return_huge_array": body("import numpy as np\nreturn np.zeros((20_000, 20_000), np.uint8)", Fault.OUTPUT, BOMB),
    "return_broadcast": body("import numpy as np\nreturn np.broadcast_to(1, (10 ** 9, 10 ** 9))", Fault.OUTPUT),
    "return_many_rows": body("return [[0]] * 10 ** 7", Fault.OUTPUT, BOMB),
    "return_wide_row": body("return [[0] * 10 ** 7]", Fault.OUTPUT, BOMB),
    "return_deep_list": body(
        "out = []\nfor _ in range(1_000_000):\n    out = [out]\nreturn out", Fault.OUTPUT, BOMB
    ),
    "return_cyclic_list": body("out = []\nout.append(out)\nreturn out", Fault.OUTPUT, Fault.ERROR),
    "return_strings": body("return [['x' * 10 ** 7]]", Fault.OUTPUT, BOMB),
    "return_huge_ints": body("return [[10 ** 5000]]", Fault.OUTPUT),
    "huge_exception_text": body("raise ValueError('x' * 10 ** 8)", Fault.ERROR, BOMB),
    "huge_exception_arguments": body("raise ValueError(*range(10 ** 6))", Fault.ERROR, BOMB),
    "huge_key_error": body("{}[tuple(range(10 ** 6))]", Fault.ERROR, BOMB),
    "nested_exceptions": body(
        """
        error = None
        for n in range(100_000):
            new = ValueError(n)
            new.__cause__ = error
            error = new
        raise error
        """,
        Fault.ERROR, BOMB,
    ),
    "exception_group": body(
        "error = ValueError()\nfor _ in range(5000):\n    error = ExceptionGroup('x', [error])\nraise error",
        Fault.ERROR, BOMB,
    ),
    "huge_class_name": body("raise type('x' * 10 ** 7, (Exception,), {})", Fault.ERROR, BOMB),
    "recursion": case("def f(n):\n    return f(n + 1)\ndef transform(grid):\n    return f(0)\n", Fault.ERROR),
    "recursion_limit_raised": case(
        """
        import sys
        sys.setrecursionlimit(10 ** 9)
        def f(n):
            return f(n + 1)
        def transform(grid):
            return f(0)
        """,
        BOMB, Fault.ERROR,
    ),
    "recursion_through_c": case(
        """
        import sys
        sys.setrecursionlimit(10 ** 9)
        def transform(grid):
            out = []
            for _ in range(1_000_000):
                out = [out]
            return repr(out)
        """,
        BOMB, Fault.ERROR, Fault.OUTPUT,
    ),
    "recursion_in_repr": case(
        """
        class A:
            def __repr__(self):
                return repr([self])
        def transform(grid):
            raise ValueError(A())
        """,
        BOMB, Fault.ERROR,
    ),
    "recursion_in_eq": case(
        """
        class A:
            def __eq__(self, other):
                return [self] == [A()]
        def transform(grid):
            return A() == A()
        """,
        BOMB, Fault.ERROR,
    ),
    "deep_isinstance": body(
        "t = int\nfor _ in range(100_000):\n    t = (t,)\nisinstance(1.0, t)", BOMB, Fault.ERROR
    ),
    "deep_deletion": body("out = []\nfor _ in range(10 ** 6):\n    out = [out]\ndel out", BOMB, GRID),
    "deep_generator": body(
        "it = iter([1])\nfor _ in range(50_000):\n    it = map(int, it)\nnext(it)", BOMB, Fault.ERROR, GRID
    ),
    "deep_partial": body(
        "import functools\nf = len\nfor _ in range(50_000):\n    f = functools.lru_cache(f)\nf('')", BOMB, Fault.ERROR
    ),
    "thread_stacks": body(
        "import threading\nfor _ in range(1000):\n    threading.Thread(target=list, args=([],)).start()", Fault.ERROR, BOMB
    ),
    "intern_many": body("import sys\nfor n in range(10 ** 7):\n    sys.intern('key%d' % n)", BOMB),
    "regex_cache": body("import re\nfor n in range(10 ** 6):\n    re.compile('a' * 50 + str(n))", BOMB),
    "memory_error_by_hand": body("raise MemoryError('not really')", Fault.MEMORY),
    "object_array": body("import numpy as np\nnp.full(10 ** 9, None)", Fault.MEMORY),
    "kron_bomb": body("import numpy as np\na = grid\nwhile True:\n    a = np.kron(a, a)", BOMB, Fault.ERROR),
    "pad_bomb": body("import numpy as np\nnp.pad(grid, 10 ** 6)", BOMB),
    "free_everything": body("import gc\nfor o in gc.get_objects():\n    if type(o) is list:\n        o.clear()", ANY),
}  # fmt: skip
