"""Programs that never end, or try to outlive their timers."""

from hostile_case import ANY, BOMB, GRID, LOOP, body, case

from arc_submit.records import Fault

CASES = {
    "loop": body("while True:\n    pass", LOOP),
    "loop_in_second_input": case(
        """
        seen = []
        def transform(grid):
            seen.append(1)
            while len(seen) > 1:
                pass
            return grid
        """,
        LOOP, GRID,
    ),
    "loop_swallows_everything": body(
        """
        while True:
            try:
                while True:
                    pass
            except BaseException:
                pass
        """,
        LOOP,
    ),
    "loop_in_finally": body("try:\n    1 / 0\nfinally:\n    while True:\n        pass", LOOP),
    "loop_at_import": case("while True:\n    pass\ndef transform(grid):\n    return grid\n", LOOP),
    "recursion_swallowed": case(
        """
        def again():
            try:
                again()
            except RecursionError:
                again()
        def transform(grid):
            again()
        """,
        LOOP, BOMB, Fault.ERROR,
    ),
    "c_loop_deque": body(
        "from collections import deque\nfrom itertools import repeat\ndeque(repeat(0), maxlen=0)", LOOP
    ),
    "c_loop_sum": body("sum(range(10 ** 13))", LOOP),
    "c_loop_count": body("import itertools\nlist(zip(itertools.count(), []))\nmax(itertools.count())", LOOP, BOMB),
    "c_loop_contains": body("import itertools\n-1 in itertools.count()", LOOP),
    "c_loop_in_except": body(
        """
        import itertools
        while True:
            try:
                -1 in itertools.count()
            except:
                continue
        """,
        LOOP,
    ),
    "power": body("10 ** 10 ** 10", LOOP, BOMB),
    "power_folded": case("X = 9 ** 9 ** 9\ndef transform(grid):\n    return grid\n", LOOP, BOMB),
    "shift": body("1 << 10 ** 11", BOMB, Fault.ERROR),
    "factorial": body("import math\nmath.factorial(10 ** 7)", LOOP, BOMB),
    "str_of_huge_int": body("str(7 ** 2_000_000)", LOOP, BOMB, Fault.ERROR),
    "str_of_huge_int_unlimited": body("import sys\nsys.set_int_max_str_digits(0)\nstr(7 ** 9_000_000)", LOOP, BOMB),
    "regex": body("import re\nre.match('(a+)+$', 'a' * 60 + 'b')", LOOP),
    "regex_nested": body("import re\nre.fullmatch('(.*)(.*)(.*)(.*)(.*)(.*)x', 'a' * 5000)", LOOP),
    "matmul": body("import numpy as np\na = np.ones((600, 600))\nwhile True:\n    a = a @ a / 600", LOOP),
    "sort_with_hanging_lt": case(
        """
        class A:
            def __lt__(self, other):
                while True:
                    pass
        def transform(grid):
            sorted([A(), A()])
        """,
        LOOP,
    ),
    "hanging_index": case(
        """
        class A:
            def __index__(self):
                while True:
                    pass
        def transform(grid):
            return [[A()]]
        """,
        LOOP,
    ),
    "hanging_array": case(
        """
        class A:
            def __array__(self, *args, **options):
                while True:
                    pass
        def transform(grid):
            return [[A()]]
        """,
        LOOP,
    ),
    "hanging_len": case(
        """
        class A(list):
            def __len__(self):
                while True:
                    pass
        def transform(grid):
            return A([[1]])
        """,
        LOOP, GRID,
    ),
    "hanging_del": case(
        """
        class A:
            def __del__(self):
                while True:
                    pass
        def transform(grid):
            A()
            return grid
        """,
        LOOP,
    ),
    "hanging_del_of_a_global": case(
        """
        class A:
            def __del__(self):
                while True:
                    pass
        KEPT = A()
        def transform(grid):
            return grid
        """,
        LOOP, GRID,
    ),
    "hanging_del_in_a_cycle": case(
        """
        import gc
        class A:
            def __init__(self):
                self.me = self
            def __del__(self):
                while True:
                    pass
        def transform(grid):
            A()
            gc.collect()
            return grid
        """,
        LOOP, GRID,
    ),
    "hanging_exception_text": case(
        """
        class Bad(Exception):
            def __str__(self):
                while True:
                    pass
        def transform(grid):
            raise Bad
        """,
        LOOP,
    ),
    "hanging_metaclass": case(
        """
        class Meta(type):
            def __instancecheck__(cls, other):
                while True:
                    pass
            def __getattribute__(cls, name):
                while True:
                    pass
        class A(metaclass=Meta):
            pass
        def transform(grid):
            return A()
        """,
        LOOP, Fault.OUTPUT,
    ),
    "hanging_iterator": body(
        "def rows():\n    while True:\n        yield\nreturn list(r for r in rows() if r)", LOOP
    ),
    "sleep": body("import time\ntime.sleep(3600)", LOOP, Fault.ERROR),
    "sleep_swallowed": body(
        "import time\nwhile True:\n    try:\n        time.sleep(3600)\n    except BaseException:\n        pass", LOOP
    ),
    "deadlock": body("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()", LOOP),
    "queue_get": body("import queue\nqueue.Queue().get()", LOOP, Fault.ERROR),
    "event_wait": body("import threading\nthreading.Event().wait(3600)", LOOP, Fault.ERROR),
    "asyncio_sleep": body("import asyncio\nasyncio.run(asyncio.sleep(3600))", LOOP, Fault.ERROR),
    "select": body("import select\nselect.select([], [], [], 3600)", LOOP, Fault.ERROR),
    "pause": body("import signal\nsignal.pause()", LOOP, Fault.ERROR, GRID),
    "cancel_timers": body(
        """
        import signal
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except OSError:
            pass
        while True:
            pass
        """,
        LOOP,
    ),
    "cancel_timers_by_libc": body(
        """
        import ctypes
        zero = (ctypes.c_long * 4)()
        for which in (0, 1, 2):
            ctypes.CDLL(None).setitimer(which, zero, None)
            ctypes.CDLL(None).syscall(38, which, zero, None)
        while True:
            pass
        """,
        LOOP,
    ),
    "ignore_signals": body(
        """
        import signal
        for each in range(1, 65):
            try:
                signal.signal(each, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True:
            pass
        """,
        LOOP,
    ),
    "handle_signals": body(
        """
        import signal
        for each in (signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU, signal.SIGTERM):
            try:
                signal.signal(each, lambda *args: None)
            except OSError:
                pass
        while True:
            pass
        """,
        LOOP,
    ),
    "block_signals": body(
        """
        import signal
        try:
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        except OSError:
            pass
        while True:
            pass
        """,
        LOOP,
    ),
    "ignore_signals_by_libc": body(
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.signal(27, 1)\nlibc.signal(14, 1)\nwhile True:\n    pass", LOOP
    ),
    "swap_time": body("import time\ntime.monotonic = time.time = lambda: 0\nwhile True:\n    pass", LOOP),
    "trace_function": body(
        "import sys\nsys.settrace(lambda *a: None)\nsys.setprofile(lambda *a: None)\nwhile True:\n    len('')", LOOP
    ),
    "atexit": body("import atexit\natexit.register(exec, 'while True: pass')", ANY),
    "audit_hook": body("import sys\nsys.addaudithook(lambda *a: 1 / 0)", ANY),
}  # fmt: skip
