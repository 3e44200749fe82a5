"""Programs that end, fork, signal, trace or crash; attack other processes or their own privileges."""

# ruff: noqa: E501 (programs as data, many of them one to a line)
from hostile_case import ANY, GRID, LOOP, body, case

from arc_submit.records import Fault

END = frozenset({Fault.CRASH, Fault.EXIT, Fault.ERROR, Fault.MEMORY})
QUIET = frozenset({Fault.ERROR, GRID})  # refused with an exception or an error code; no more than that
RAW = """
import ctypes
libc = ctypes.CDLL(None)
"""

CASES = {
    "os_exit": body("import os\nos._exit(0)", Fault.EXIT),
    "os_exit_70": body("import os\nos._exit(70)", Fault.EXIT),
    "os_exit_at_load": case("import os\nos._exit(0)\n", Fault.EXIT),
    "sys_exit": body("import sys\nsys.exit(0)", Fault.EXIT),
    "exit_builtin": body("exit()", Fault.EXIT),
    "exit_at_load": case("raise SystemExit\n", Fault.EXIT),
    "raise_system_exit": body("raise SystemExit(0)", Fault.EXIT),
    "raise_keyboard_interrupt": body("raise KeyboardInterrupt", Fault.ERROR),
    "raise_keyboard_interrupt_at_load": case("raise KeyboardInterrupt\n", Fault.LOAD),
    "raise_generator_exit": body("raise GeneratorExit", Fault.ERROR),
    "raise_generator_exit_at_load": case("raise GeneratorExit\n", Fault.LOAD),
    "raise_base_exception": case(
        "class Odd(BaseException):\n    pass\ndef transform(grid):\n    raise Odd\n", Fault.ERROR
    ),
    "raise_stop_iteration": body("raise StopIteration", Fault.ERROR),
    "libc_exit": body(RAW + "libc._exit(0)", Fault.EXIT),
    "libc_exit_handlers": body(RAW + "libc.exit(0)", END),
    "abort": body("import os\nos.abort()", Fault.CRASH),
    "segfault_null": body("import ctypes\nctypes.string_at(0)", Fault.CRASH),
    "segfault_write": body("import ctypes\nctypes.memset(1, 0, 100)", Fault.CRASH),
    "segfault_code_object": case(
        """
        def f():
            pass
        def transform(grid):
            f.__code__ = f.__code__.replace(co_code=b'\\x64\\xff' * 200, co_stacksize=0, co_consts=())
            return f()
        """,
        ANY,
    ),
    "corrupt_refcounts": body("import ctypes\nfor n in range(300):\n    ctypes.memset(id(n % 250), 0, 8)", ANY),
    "corrupt_none": body("import ctypes\nctypes.memset(id(None), 0, 16)", ANY),
    "strided_read": body(
        "from numpy.lib.stride_tricks import as_strided\nreturn as_strided(grid, (30, 30), (1 << 20, 1 << 20))", ANY
    ),
    "strided_write": body(
        "from numpy.lib.stride_tricks import as_strided\nas_strided(grid, (1 << 20,), (8,))[:] = 7", ANY
    ),
    "strides_attribute": body("grid.strides = (1 << 30, 8)\nreturn grid[:2]", ANY),
    "resize_without_check": body(
        "import numpy as np\na = np.ones(1000, int)\nb = a[:]\na.resize((10,), refcheck=False)\nb[:] = 3", ANY
    ),
    "fork": body("import os\nos.fork()", Fault.ERROR),
    "fork_many": body(
        "import os\nfor _ in range(30):\n    try:\n        os.fork()\n    except OSError:\n        pass", GRID
    ),
    "fork_and_loop": body(
        "import os\ntry:\n    os.fork()\nexcept OSError:\n    pass\nwhile True:\n    pass", LOOP
    ),
    "clone_raw": body(RAW + "for _ in range(30):\n    libc.syscall(56, 17, 0, 0, 0, 0)", GRID),
    "clone3_raw": body(RAW + "args = (ctypes.c_uint64 * 11)()\nlibc.syscall(435, args, 88)", GRID),
    "vfork_raw": body(RAW + "libc.syscall(58)", GRID),
    "fork_libc": body(RAW + "for _ in range(30):\n    libc.fork()", GRID),
    "thread": body("import threading\nthreading.Thread(target=print).start()", Fault.ERROR),
    "thread_left_behind": body(
        "import threading\ntry:\n    threading.Thread(target=exec, args=('while True: pass',)).start()\n"
        "except RuntimeError:\n    pass",
        GRID,
    ),
    "thread_pool": body(
        "from concurrent.futures import ThreadPoolExecutor\nThreadPoolExecutor().submit(print).result()", Fault.ERROR, LOOP
    ),
    "multiprocessing": body("import multiprocessing as m\nm.Process(target=print).start()", Fault.ERROR),
    "subprocess": body("import subprocess\nsubprocess.run(['touch', '@DIR@/made'])", Fault.ERROR),
    "os_system": body("import os\nos.system('touch @DIR@/made')", QUIET),
    "os_popen": body("import os\nos.popen('touch @DIR@/made').read()", Fault.ERROR),
    "posix_spawn": body("import os\nos.posix_spawn('/bin/touch', ['touch', '@DIR@/made'], {})", Fault.ERROR),
    "execv": body("import os\nos.execv('/bin/touch', ['touch', '@DIR@/made'])", Fault.ERROR),
    "execve_raw": body(RAW + "libc.execl(b'/bin/touch', b'touch', b'@DIR@/made', None)", QUIET),
    "system_raw": body(RAW + "libc.system(b'touch @DIR@/made')", QUIET),
    "kill_parent": body("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)", Fault.ERROR),
    "kill_parent_raw": body(RAW + "import os\nlibc.kill(os.getppid(), 9)\nlibc.syscall(62, os.getppid(), 9)", GRID),
    "kill_host": body("import os, signal\nos.kill(@HOST@, signal.SIGKILL)", Fault.ERROR),
    "stop_host": body("import os, signal\nos.kill(@HOST@, signal.SIGSTOP)", Fault.ERROR),
    "kill_group": body("import os, signal\nos.killpg(0, signal.SIGKILL)", Fault.ERROR),
    "kill_all": body("import os, signal\nos.kill(-1, signal.SIGKILL)", Fault.ERROR),
    "kill_self": body("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", Fault.ERROR),
    "stop_parent": body(RAW + "import os\nlibc.kill(os.getppid(), 19)", GRID),
    "tgkill": body(RAW + "import os\np = os.getppid()\nlibc.syscall(234, p, p, 9)", GRID),
    "pidfd_signal": body(RAW + "import os\nfd = libc.syscall(434, os.getppid(), 0)\nlibc.syscall(424, fd, 9, 0, 0)", GRID),
    "queue_signal": body(RAW + "import os\nlibc.sigqueue(os.getppid(), 9, 0)", GRID),
    "ptrace_parent": body(RAW + "import os\nlibc.ptrace(16, os.getppid(), 0, 0)", GRID),
    "ptrace_me": body(RAW + "libc.ptrace(0, 0, 0, 0)", GRID),
    "read_memory_of_parent": body(
        RAW + "import os\nbuf = ctypes.create_string_buffer(8)\nv = (ctypes.c_void_p * 2)(ctypes.addressof(buf), 8)\n"
        "r = libc.process_vm_readv(os.getppid(), v, 1, v, 1, 0)\nassert r == -1",
        GRID,
    ),
    "write_memory_of_parent": body(
        RAW + "import os\nbuf = ctypes.create_string_buffer(8)\nv = (ctypes.c_void_p * 2)(ctypes.addressof(buf), 8)\n"
        "r = libc.process_vm_writev(os.getppid(), v, 1, v, 1, 0)\nassert r == -1",
        GRID,
    ),
    "open_memory_of_parent": body("import os\nopen('/proc/%d/mem' % os.getppid(), 'r+b')", Fault.ERROR),
    "open_memory_of_host": body("open('/proc/@HOST@/mem', 'r+b')", Fault.ERROR),
    "open_environment_of_host": body("return open('/proc/@HOST@/environ').read()", Fault.ERROR),
    "open_own_memory": body("open('/proc/self/mem', 'r+b')", Fault.ERROR),
    "become_root": body("import os\nos.setuid(0)", Fault.ERROR),
    "become_root_raw": body(RAW + "assert libc.setresuid(0, 0, 0) == -1 and libc.syscall(117, 0, 0, 0) == -1", GRID),
    "raise_rlimits": body(
        "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))", Fault.ERROR
    ),
    "raise_rlimits_raw": body(
        RAW + "big = (ctypes.c_uint64 * 2)(2 ** 63, 2 ** 63)\nassert libc.setrlimit(9, big) == -1\n"
        "assert libc.prlimit(0, 9, big, None) == -1",
        GRID,
    ),
    "clear_death_signal": body(RAW + "assert libc.prctl(1, 0) == -1\nassert libc.prctl(4, 1) == -1", GRID),
    "new_seccomp": body(RAW + "assert libc.syscall(317, 0, 0, 0) == -1", GRID),
    "new_session": body("import os\nos.setsid()", Fault.ERROR),
    "unshare": body(RAW + "for flag in (0x10000000, 0x00020000, 0x40000000, 0x20000000):\n"
        "    assert libc.unshare(flag) == -1", GRID),
    "setns": body(RAW + "assert libc.setns(0, 0) == -1", GRID),
    "mount": body(RAW + "assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == -1", GRID),
    "chroot": body("import os\nos.chroot('/')", Fault.ERROR),
    "reboot": body(RAW + "assert libc.syscall(169, 0xfee1dead, 672274793, 0, 0) == -1", GRID),
    "load_module": body(RAW + "assert libc.syscall(175, 0, 0, b'') == -1", GRID),
    "io_uring": body(RAW + "params = ctypes.create_string_buffer(120)\nassert libc.syscall(425, 8, params) == -1", GRID),
    "bpf": body(RAW + "assert libc.syscall(321, 0, ctypes.create_string_buffer(128), 128) == -1", GRID),
    "userfaultfd": body(RAW + "assert libc.syscall(323, 0) == -1", GRID),
    "perf_event": body(RAW + "assert libc.syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0) == -1", GRID),
    "keyctl": body(RAW + "assert libc.syscall(250, 0, -3, 1) == -1", GRID),
    "x32_call": body(RAW + "libc.syscall(0x40000000 + 39)", Fault.CRASH),
    "x32_fork": body(RAW + "libc.syscall(0x40000000 + 57)", Fault.CRASH),
    "executable_memory": body("import mmap\nmmap.mmap(-1, 4096, prot=7)", Fault.ERROR),
    "executable_memory_raw": body(
        RAW + "libc.mmap.restype = ctypes.c_long\nassert libc.mmap(None, 4096, 7, 0x22, -1, 0) == -1\n"
        "buf = ctypes.create_string_buffer(8192)\n"
        "assert libc.mprotect(ctypes.c_void_p(ctypes.addressof(buf) & ~4095), 4096, 7) == -1",
        GRID,
    ),
    "shell_code": body(
        RAW + "code = ctypes.create_string_buffer(b'\\xb8\\x3c\\0\\0\\0\\x31\\xff\\x0f\\x05')\n"
        "ctypes.CFUNCTYPE(None)(ctypes.addressof(code))()",
        Fault.CRASH,
    ),
    "sysv_shm": body(RAW + "assert libc.shmget(0x41524331, 4096, 0o1666) == -1", GRID),
    "sysv_queue": body(RAW + "assert libc.msgget(0x41524331, 0o1666) == -1", GRID),
    "posix_shm": body(
        "from multiprocessing import shared_memory\nshared_memory.SharedMemory('arc', create=True, size=100)", Fault.ERROR
    ),
    "memfd": body("import os\nos.memfd_create('x')", Fault.ERROR),
    "pipe": body("import os\nos.pipe()", Fault.ERROR),
    "eventfd": body(RAW + "assert libc.eventfd(0, 0) == -1", GRID),
    "timer_create": body(RAW + "assert libc.syscall(222, 0, None, ctypes.create_string_buffer(8)) == -1", GRID),
    "nice": body("import os\nos.nice(-20)", Fault.ERROR),
    "affinity": body("import os\nos.sched_setaffinity(0, {0})", Fault.ERROR),
    "call_host_functions": body(
        """
        import sys
        for name, module in list(sys.modules.items()):
            if name.startswith('arc_submit.sandbox'):
                for each in list(vars(module).values()):
                    if callable(each) and getattr(each, '__module__', '').startswith('arc_submit'):
                        try:
                            each()
                        except Exception:
                            pass
        """,
        ANY,
    ),
    "end_runner_with_good_status": body(
        """
        import gc, os
        for o in gc.get_objects():
            if type(o).__name__ == 'Tape':
                for _ in range(9):
                    o.grid(bytes((1, 1, 5)))
        os._exit(0)
        """,
        Fault.CRASH, Fault.EXIT, GRID,
    ),
}  # fmt: skip
