"""A Landlock domain without a single rule: no path can be opened, made, renamed or removed, no TCP port used.

Where the kernel knows scopes (ABI 6), abstract sockets and signals to processes outside the domain are refused as well.
"""

import ctypes
import os
import platform
import struct

CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same numbers on every architecture
VERSION_FLAG = 1
FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # ABI -> number of file-system rights; later ones as 5


def apply() -> str:
    """Enter an empty domain (or nest one more) and say `on (abi N)`, or `off: why`."""
    if platform.system() != "Linux":
        return "off: not Linux"
    syscall = ctypes.PyDLL(None, use_errno=True).syscall
    abi = syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_FLAG)
    if abi < 1:
        return f"off: {os.strerror(ctypes.get_errno())}"
    fields = [(1 << FS_BITS.get(abi, 16)) - 1, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0]
    known = 3 if abi >= 6 else 2 if abi >= 4 else 1
    rules = struct.pack(f"<{known}Q", *fields[:known])
    ruleset = syscall(CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return f"off: {os.strerror(ctypes.get_errno())}"
    failed = syscall(RESTRICT_SELF, ruleset, 0)
    number = ctypes.get_errno()
    os.close(ruleset)
    return f"off: {os.strerror(number)}" if failed else f"on (abi {abi})"
