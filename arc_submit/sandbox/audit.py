"""Which tier may a compiled program run in? Looks at bytecode: 100 times cheaper than the syntax tree, one parser only.

A program that could reach state it shares with its neighbours is sent to a process of its own. Nothing is ever rejected
here: a wrong "isolated" costs milliseconds, a wrong "shared" is caught by the canary or by the isolated re-check.

Covered: names that evaluate, reflect, open, or change global settings; private names; dunder names and strings outside
a short list; attribute assignment outside methods. Not covered: imports (the import guard of `world` watches those).
"""

import opcode
from collections.abc import Iterable
from types import CodeType
from typing import Final

# Names, wherever they are used: to evaluate or reflect; modules that hang off allowed ones; numpy's memory, files and
# global settings; the interpreter's own switches.
_ESCAPES: Final = """
    exec eval compile open globals locals vars getattr setattr delattr memoryview breakpoint help exit quit license
    credits copyright attrgetter methodcaller format_map Formatter get_type_hints ForwardRef make_dataclass register
    update_wrapper wraps total_ordering gi_frame gi_code cr_frame cr_code ag_frame ag_code f_back f_globals f_locals
    f_builtins f_code tb_frame tb_next mro

    sys os io inspect types weakref builtins importlib ctypes subprocess threading signal gc modules warnings pickle
    copyreg linecache contextlib

    as_strided sliding_window_view frombuffer ctypeslib tofile fromfile save savez savez_compressed savetxt load
    loadtxt genfromtxt fromregex memmap DataSource lib core testing f2py seterr seterrcall setbufsize errstate
    set_printoptions printoptions setflags resize set_state bit_generator mtrand dump dumps

    setrecursionlimit settrace setprofile set_int_max_str_digits
"""
_DUNDERS: Final = """
    __main__ __name__ __doc__ __module__ __qualname__ __annotations__ __firstlineno__ __static_attributes__ __init__
    __post_init__ __repr__ __str__ __len__ __iter__ __next__ __getitem__ __setitem__ __contains__ __call__ __eq__ __ne__
    __lt__ __le__ __gt__ __ge__ __hash__ __bool__ __add__ __sub__ __mul__ __neg__ __and__ __or__ __xor__ __slots__
    __match_args__ __annotate__ __classdict__ __classcell__ __type_params__
"""
ESCAPES: Final = frozenset(_ESCAPES.split())
DUNDERS: Final = frozenset(_DUNDERS.split())  # the only names with two underscores that a shared program may spell
_ATTRIBUTE_OPS: Final = "LOAD_ATTR LOAD_METHOD STORE_ATTR DELETE_ATTR LOAD_SUPER_ATTR IMPORT_NAME IMPORT_FROM"
ATTRIBUTE_OPS: Final = frozenset(opcode.opmap[name] for name in _ATTRIBUTE_OPS.split() if name in opcode.opmap)
CHANGES_ATTRIBUTE: Final = (opcode.opmap["STORE_ATTR"], opcode.opmap["DELETE_ATTR"])
OTHER_KINDS: Final = 0x80 | 0x100 | 0x200  # coroutine, iterable coroutine, asynchronous generator
EXTENDED: Final = opcode.opmap["EXTENDED_ARG"]


def may_share(code: CodeType) -> bool:
    """Can this program be trusted to leave a shared runner as it found it?"""
    names = code.co_names
    if not ESCAPES.isdisjoint(names) or code.co_flags & OTHER_KINDS:
        return False
    for name in names:
        if name[0] == "_" and name != "_" and name not in DUNDERS and (name[:2] == "__" or _is_attribute(code, name)):
            return False
    operations = code.co_code[::2]
    if (CHANGES_ATTRIBUTE[0] in operations or CHANGES_ATTRIBUTE[1] in operations) and not _is_method(code):
        return False
    return _harmless(code.co_consts)


def _harmless(constants: Iterable[object]) -> bool:
    """No string that spells a dunder; the same for code inside."""
    for constant in constants:
        kind = type(constant)
        if kind is CodeType:
            if not may_share(constant):  # type: ignore[arg-type]
                return False
        elif kind is str:
            if "__" in constant and constant not in DUNDERS:  # type: ignore[operator]
                return False
        elif (kind is tuple or kind is frozenset) and not _harmless(constant):  # type: ignore[arg-type]
            return False
    return True


def _is_method(code: CodeType) -> bool:
    return code.co_argcount > 0 and code.co_varnames[0] == "self"


def _is_attribute(code: CodeType, name: str) -> bool:
    """Is a private name used as anything but a variable? Rare, so it may be slow."""
    raw, extended = code.co_code, 0
    wanted = [index for index, each in enumerate(code.co_names) if each == name]
    for at in range(0, len(raw), 2):
        argument = extended | raw[at + 1]
        extended = argument << 8 if raw[at] == EXTENDED else 0
        # the operand of LOAD_ATTR is shifted by one flag bit from 3.12 on, that of LOAD_SUPER_ATTR by two
        if raw[at] in ATTRIBUTE_OPS and any(argument >> shift in wanted for shift in (0, 1, 2)):
            return True
    return False
