"""The DSL's extensions inside the sandbox: locked, shared, and with the results that they have outside."""

import itertools

import pytest
from sandbox_programs import grids

from arc_submit.dsl.extensions.registry import EXTENSIONS
from arc_submit.records import Dialect, Fault
from arc_submit.sandbox import Job, Sandbox, SandboxConfig
from arc_submit.sandbox.audit import ESCAPES

INPUTS = (
    ((0, 1, 1, 0, 2), (0, 1, 0, 0, 2), (0, 0, 0, 0, 0), (3, 0, 4, 4, 4), (3, 0, 4, 0, 4)),
    ((7, 7, 0), (0, 0, 5)),
    ((8,),),
)
ARGUMENTS = {"Layer": "x", "Layers": "(x, x)", "Integer": "2", "Grid": "I", "Boolean": "True"}
TAKEN = {"Layer": "cells({})", "Layers": "cells({}[0])", "Grid": "{}", "Integer": "(({} % 10,),)"}
CALLABLE = [
    name
    for name, extension in EXTENSIONS.items()
    if extension.returns in TAKEN and {kind for _, kind in extension.parameters} <= set(ARGUMENTS)
]


def source(name: str) -> str:
    extension = EXTENSIONS[name]
    call = f"{name}({', '.join(ARGUMENTS[kind] for _, kind in extension.parameters)})"
    text = TAKEN[extension.returns].format(call)
    return f"from arc_dsl import *\nfrom arc_ext import *\n\n\ndef solve(I):\n    x = layer(I)\n    return {text}\n"


def outside(name: str, grid: tuple) -> object:
    """What the program makes of a grid in this process; None where it fails or makes no grid."""
    from arc_submit.dsl.modules import install

    install()
    scope: dict = {}
    exec(source(name), scope)
    try:
        made = scope["solve"](grid)
    except Exception:
        return None
    return made if 0 < len(made) <= 30 and 0 < len(made[0]) <= 30 else None


def test_most_extensions_can_be_called():
    assert len(CALLABLE) > 150


def test_every_extension_runs_locked_and_shared():
    jobs = [Job(source(name), Dialect.SOLVE, "solve", INPUTS) for name in CALLABLE]
    with Sandbox(SandboxConfig(cpu_seconds=2.0)) as sandbox:
        rans = sandbox.run(jobs)
        report = sandbox.report()
    wrong = [
        name
        for name, ran in zip(CALLABLE, rans, strict=True)
        for grid, made in zip(INPUTS, grids(ran), strict=True)
        if made != outside(name, grid)
    ]
    assert not wrong
    alone = {name for name, ran in zip(CALLABLE, rans, strict=True) if ran.isolated}
    assert alone <= ESCAPES, "names that the audit knows are run apart"
    assert report.counters.tampered == 0 and report.counters.escalated == len(alone)
    faults = {output.fault for ran in rans for output in ran.outputs} - {None}
    assert faults <= {Fault.ERROR, Fault.OUTPUT}


@pytest.mark.parametrize("import_line", ["from arc_ext import *\n", "", "import arc_ext\nlayer = arc_ext.layer\n"])
def test_the_names_are_there_with_and_without_the_import(import_line):
    program = f"{import_line}def solve(I):\n    return layer(I)[0]\n"
    with Sandbox() as sandbox:
        (ran,) = sandbox.run([Job(program, Dialect.SOLVE, "solve", INPUTS)])
    assert grids(ran) == INPUTS and not ran.isolated


def test_programs_reach_no_extension_object():
    names = ", ".join(itertools.islice(CALLABLE, 20))
    program = (
        "from arc_ext import *\ndef solve(I):\n"
        f"    return I if {{type(each).__name__ for each in ({names})}} == {{'function'}} else ((1,),)\n"
    )
    with Sandbox() as sandbox:
        (ran,) = sandbox.run([Job(program, Dialect.SOLVE, "solve", INPUTS)])
    assert grids(ran) == INPUTS
