"""The registry tells the truth, the module names work, nothing heavy is imported, every primitive has its test."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from codec import load

from arc_submit import dsl
from arc_submit.dsl import types
from arc_submit.dsl.modules import install
from arc_submit.dsl.registry import CONSTANTS, FAMILIES, PRIMITIVES

BOOK = load("vectors.json")
INSTALLED = ("arc_dsl", "arc_ext", "arc_types", "constants", "dsl")


@pytest.fixture
def installed():
    before = {name: sys.modules.get(name) for name in INSTALLED}
    install()
    yield
    for name, module in before.items():
        if module is None:
            del sys.modules[name]
        else:
            sys.modules[name] = module


def star(module: str) -> set[str]:
    names: dict[str, object] = {}
    exec(f"from {module} import *", names)
    return set(names) - {"__builtins__"}


def test_registry_has_exactly_the_recorded_primitives() -> None:
    found = {name: [parameter for parameter, _ in primitive.parameters] for name, primitive in PRIMITIVES.items()}
    assert found == BOOK["signatures"]


def test_registry_has_exactly_the_constants() -> None:
    assert set(CONSTANTS) == set(BOOK["constants"])


def test_package_exposes_primitives_constants_and_types() -> None:
    assert set(dsl.__all__) == set(PRIMITIVES) | set(CONSTANTS) | set(types.__all__)
    assert all(getattr(dsl, name) is primitive.function for name, primitive in PRIMITIVES.items())


def test_registry_is_ordered_by_family() -> None:
    assert len(FAMILIES) == 14
    families = [primitive.family for primitive in PRIMITIVES.values()]
    assert list(dict.fromkeys(families)) == list(FAMILIES)
    assert families == sorted(families, key=FAMILIES.index)


@pytest.mark.parametrize("name", BOOK["signatures"])
def test_primitive_is_described(name: str) -> None:
    primitive = PRIMITIVES[name]
    assert primitive.name == name
    assert 1 <= len(primitive.doc) <= 300
    assert primitive.doc.endswith((".", ")"))
    assert "\n" not in primitive.doc
    assert {primitive.returns, *(kind for _, kind in primitive.parameters)} <= set(types.__all__)


def test_signature_reads_like_a_definition() -> None:
    assert PRIMITIVES["fill"].signature == "fill(grid: Grid, value: Integer, patch: Patch) -> Grid"


def test_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        PRIMITIVES["fill"] = PRIMITIVES["paint"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        PRIMITIVES["fill"].doc = "other"  # type: ignore[misc]


@pytest.mark.usefixtures("installed")
def test_star_imports_give_the_public_names() -> None:
    primitives, fixed, named = set(PRIMITIVES), set(CONSTANTS), set(types.__all__)
    assert star("arc_dsl") == primitives | fixed | named
    assert star("dsl") == primitives | named
    assert star("constants") == fixed
    assert star("arc_types") == named


@pytest.mark.usefixtures("installed")
def test_installed_modules_reach_nothing_else() -> None:
    for name in INSTALLED:
        public = {key for key in vars(sys.modules[name]) if not key.startswith("__")}
        assert public == star(name)


@pytest.mark.usefixtures("installed")
def test_public_style_program_runs() -> None:
    program = (
        "from dsl import *\nfrom constants import *\n\n"
        "def solve(I: Grid) -> Grid:\n    x1 = ofcolor(I, ZERO)\n"
        "    O = fill(grid=I, value=FOUR, patch=x1)\n    return O\n"
    )
    names: dict = {}
    exec(program, names)
    assert names["solve"](((0, 1), (1, 0))) == ((4, 1), (1, 4))


def test_importing_the_dsl_is_light() -> None:
    code = (
        "import sys; before = set(sys.modules); import arc_submit.dsl, arc_submit.dsl.modules\n"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('arc_submit')))"
    )
    lines = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    imported, ours = set(lines[0].split()), set(lines[1].split())
    assert imported - {"arc_submit"} <= sys.stdlib_module_names
    assert not imported & {"inspect", "json", "subprocess"}
    assert "arc_submit.dsl.registry" not in ours
    assert all(name == "arc_submit" or name.startswith("arc_submit.dsl") for name in ours)


def test_package_keeps_no_state_that_a_program_could_change() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("arc_submit.dsl") and not name.startswith("arc_submit.dsl.extensions"):
            held = {key: value for key, value in vars(module).items() if not key.startswith("__")}
            mutable = [key for key, value in held.items() if isinstance(value, (list, dict, set, bytearray))]
            assert not mutable, f"{name}: {mutable}"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_primitive_has_its_test(family: str) -> None:
    tree = ast.parse((Path(__file__).parent / f"test_{family}.py").read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name[:5] == "test_"}
    assert tests == {f"test_{name}" for name, primitive in PRIMITIVES.items() if primitive.family == family}
