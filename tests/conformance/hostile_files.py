"""Programs that write, delete or read files, or talk to sockets and inherited descriptors."""

# ruff: noqa: E501 (programs as data, many of them one to a line)
from hostile_case import ANY, GRID, LOOP, body, case

from arc_submit.records import Fault

NET = frozenset({Fault.ERROR, *LOOP})
RAW = """
import ctypes
libc = ctypes.CDLL(None)
"""

CASES = {
    "open_for_write": body("open('@DIR@/made', 'w').write('x')", Fault.ERROR),
    "open_for_append": body("open('@DIR@/victim', 'a').write('x')", Fault.ERROR),
    "os_open": body("import os\nos.open('@DIR@/made', os.O_CREAT | os.O_WRONLY, 0o777)", Fault.ERROR),
    "open_raw": body(RAW + "assert libc.open(b'@DIR@/made', 0o101, 0o777) == -1", GRID),
    "openat2_raw": body(RAW + "how = (ctypes.c_uint64 * 3)(0o101, 0o777, 0)\n"
        "assert libc.syscall(437, -100, b'@DIR@/made', how, 24) == -1", GRID),
    "creat_raw": body(RAW + "assert libc.creat(b'@DIR@/made', 0o777) == -1", GRID),
    "fopen_raw": body(RAW + "libc.fopen.restype = ctypes.c_void_p\nassert not libc.fopen(b'@DIR@/made', b'w')", GRID),
    "pathlib_write": body("import pathlib\npathlib.Path('@DIR@/made').write_text('x')", Fault.ERROR),
    "pathlib_touch": body("import pathlib\npathlib.Path('@DIR@/made').touch()", Fault.ERROR),
    "np_save": body("import numpy as np\nnp.save('@DIR@/made', grid)", Fault.ERROR),
    "np_savetxt": body("import numpy as np\nnp.savetxt('@DIR@/made', grid)", Fault.ERROR),
    "np_tofile": body("grid.tofile('@DIR@/made')", Fault.ERROR),
    "np_dump": body("grid.dump('@DIR@/made')", Fault.ERROR),
    "np_memmap": body("import numpy as np\nnp.memmap('@DIR@/made', mode='w+', shape=10)", Fault.ERROR),
    "np_load": body("import numpy as np\nreturn np.load('@DIR@/victim', allow_pickle=True)", Fault.ERROR),
    "np_fromfile": body("import numpy as np\nreturn np.fromfile('@SECRET_FILE@', np.uint8)[None]", Fault.ERROR),
    "np_genfromtxt": body("import numpy as np\nreturn np.genfromtxt('@SECRET_FILE@')", Fault.ERROR),
    "np_loadtxt_url": body("import numpy as np\nreturn np.loadtxt('http://127.0.0.1:@TCP@/x')", NET),
    "np_ctypeslib": body("import numpy as np\nnp.ctypeslib.ctypes.CDLL(None).system(b'touch @DIR@/made')", GRID, Fault.ERROR),
    "tempfile": body("import tempfile\ntempfile.NamedTemporaryFile(dir='@DIR@')", Fault.ERROR),
    "mkdir": body("import os\nos.mkdir('@DIR@/made')", Fault.ERROR),
    "remove": body("import os\nos.remove('@DIR@/victim')", Fault.ERROR),
    "unlink_raw": body(RAW + "assert libc.unlink(b'@DIR@/victim') == -1", GRID),
    "rename": body("import os\nos.rename('@DIR@/victim', '@DIR@/made')", Fault.ERROR),
    "truncate": body("import os\nos.truncate('@DIR@/victim', 0)", Fault.ERROR),
    "truncate_raw": body(RAW + "assert libc.truncate(b'@DIR@/victim', 0) == -1", GRID),
    "rmtree": body("import shutil\nshutil.rmtree('@DIR@', ignore_errors=True)", GRID, Fault.ERROR),
    "chmod": body("import os\nos.chmod('@DIR@/victim', 0)", Fault.ERROR),
    "chown": body("import os\nos.chown('@DIR@/victim', 0, 0)", Fault.ERROR),
    "utime": body("import os\nos.utime('@DIR@/victim', (0, 0))", Fault.ERROR),
    "symlink": body("import os\nos.symlink('/etc/passwd', '@DIR@/made')", Fault.ERROR),
    "hard_link": body("import os\nos.link('@DIR@/victim', '@DIR@/made')", Fault.ERROR),
    "mkfifo": body("import os\nos.mkfifo('@DIR@/made')", Fault.ERROR),
    "mknod_raw": body(RAW + "assert libc.mknod(b'@DIR@/made', 0o10777, 0) == -1", GRID),
    "copy_secret": body("import shutil\nshutil.copy('@SECRET_FILE@', '@DIR@/made')", Fault.ERROR),
    "read_secret": body("raise ValueError(open('@SECRET_FILE@').read())", Fault.ERROR),
    "read_secret_at_load": case("TEXT = open('@SECRET_FILE@').read()\nraise ValueError(TEXT)\n", Fault.LOAD),
    "read_passwd": body("raise ValueError(open('/etc/passwd').read())", Fault.ERROR),
    "read_shadow": body("return open('/etc/shadow').read()", Fault.ERROR),
    "read_by_io": body("import io\nio.open_code('@SECRET_FILE@').read()", Fault.ERROR),
    "read_by_linecache": body("import linecache\nraise ValueError(linecache.getlines('@SECRET_FILE@'))", Fault.ERROR),
    "read_by_traceback": case(
        "code = compile('\\n1/0', '@SECRET_FILE@', 'exec')\ndef transform(grid):\n    import traceback\n"
        "    try:\n        exec(code)\n    except ZeroDivisionError:\n        raise ValueError(traceback.format_exc())\n",
        Fault.ERROR,
    ),
    "read_by_import": body("import sys\nsys.path.insert(0, '@DIR@')\nimport victim", Fault.ERROR),
    "read_by_runpy": body("import runpy\nrunpy.run_path('@DIR@/victim')", Fault.ERROR),
    "list_directory": body("import os\nraise ValueError(os.listdir('@DIR@'))", Fault.ERROR),
    "walk": body("import os\nraise ValueError(list(os.walk('@DIR@')))", Fault.ERROR),
    "glob": body("import glob\nraise ValueError(glob.glob('@DIR@/*'))", Fault.ERROR),
    "stat": body("import os\nraise ValueError(os.stat('@SECRET_FILE@'))", Fault.ERROR),
    "chdir": body("import os\nos.chdir('@DIR@')\nopen('made', 'w')", Fault.ERROR),
    "environment": body("import os\nraise ValueError(dict(os.environ))", Fault.ERROR),
    "environment_raw": body(RAW + "libc.getenv.restype = ctypes.c_char_p\nraise ValueError(libc.getenv(b'ARC_TEST_TOKEN'))",
        Fault.ERROR),
    "command_line": body("import sys\nraise ValueError((sys.argv, sys.orig_argv))", Fault.ERROR),
    "sqlite": body("import sqlite3\nsqlite3.connect('@DIR@/made').execute('create table t (x)')", Fault.ERROR),
    "dlopen": body("import ctypes\nctypes.CDLL('libcrypt.so.1')", Fault.ERROR, GRID),
    "tcp": body("import socket\nsocket.create_connection(('127.0.0.1', @TCP@), 0.2).send(b'x')", NET),
    "tcp_raw": body(RAW + "assert libc.socket(2, 1, 0) == -1", GRID),
    "udp": body("import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.sendto(b'x', ('127.0.0.1', @TCP@))", NET),
    "raw_socket": body("import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)", NET),
    "netlink": body(RAW + "assert libc.socket(16, 3, 0) == -1", GRID),
    "unix_socket": body("import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('@UNIX@')\ns.send(b'x')", NET),
    "socket_pair": body("import socket\nsocket.socketpair()", NET),
    "listen": body("import socket\nsocket.create_server(('127.0.0.1', 0))", NET),
    "dns": body("import socket\nsocket.getaddrinfo('example.com', 80)", NET),
    "http": body("import urllib.request\nurllib.request.urlopen('http://127.0.0.1:@TCP@/', timeout=0.2)", NET),
    "read_descriptors": body(
        "import os\nfor fd in range(256):\n    try:\n        os.read(fd, 1)\n    except OSError:\n        pass", GRID
    ),
    "write_descriptors": body(
        "import os\nfor fd in range(256):\n    try:\n        os.write(fd, b'\\xff' * 64)\n    except OSError:\n        pass", GRID
    ),
    "close_descriptors": body("import os\nos.closerange(0, 256)", GRID),
    "close_and_use_as_pipe": body(
        "import os\nfor fd in range(256):\n    try:\n        os.dup2(fd, 3)\n        os.close(fd)\n    except OSError:\n        pass",
        GRID,
    ),
    "fcntl_descriptors": body(
        RAW + "for fd in range(64):\n    libc.fcntl(fd, 4, 0o4000)\n    libc.ioctl(fd, 0x5421, ctypes.byref(ctypes.c_int(1)))",
        GRID,
    ),
    "sendfile": body(RAW + "for fd in range(64):\n    libc.splice(fd, None, 1, None, 10, 0)\n    libc.sendfile(1, fd, None, 10)", GRID),
    "print_flood": body("for _ in range(2000):\n    print('x' * 10_000)", GRID, LOOP),
    "print_for_ever": body("while True:\n    print('x' * 10_000)", LOOP),
    "stderr_flood": body("import sys\nfor _ in range(2000):\n    sys.stderr.write('x' * 10_000)\n    sys.stderr.flush()", GRID, LOOP),
    "raw_stdout_flood": body("import os\nwhile True:\n    os.write(1, b'x' * 10_000)", Fault.ERROR),
    "dunder_stdout": body("import sys\nsys.__stdout__.write('x')\nsys.stdout.buffer.write(b'x')", Fault.ERROR),
    "input": body("input()", Fault.ERROR),
    "read_stdin": body("import sys\nassert sys.stdin.read() == ''", GRID),
    "close_stdout": body("import sys\nsys.stdout.close()", Fault.ERROR),
    "warnings_flood": body("import warnings\nfor n in range(1000):\n    warnings.warn('x' * 1000 + str(n))", GRID),
    "logging": body("import logging\nlogging.basicConfig(filename='@DIR@/made')\nlogging.error('x')", Fault.ERROR),
    "syslog": body("import syslog\nsyslog.syslog('x')", GRID, Fault.ERROR),
    "faulthandler": body("import faulthandler\nfaulthandler.enable()\nfaulthandler.dump_traceback_later(1)", ANY),
}  # fmt: skip
