"""Every extension is described, named once, apart from the 160, and offered to programs as a plain function."""

import ast
import sys
from pathlib import Path
from types import FunctionType

import pytest

from arc_submit import dsl
from arc_submit.dsl import extensions
from arc_submit.dsl.extensions import registry
from arc_submit.dsl.extensions.kernel import Extension
from arc_submit.dsl.extensions.registry import EXTENSIONS, FAMILIES
from arc_submit.dsl.modules import install
from arc_submit.dsl.registry import PRIMITIVES

FOLDER = Path(extensions.__file__).parent
GRID = ((0, 3, 0), (3, 0, 3))


@pytest.fixture
def programs() -> dict[str, object]:
    install()
    names: dict[str, object] = {}
    exec("from arc_ext import *", names)
    return names


def offers_functions(file: Path) -> bool:
    """Whether a file has an `__all__` that names a function."""
    tree = ast.parse(file.read_text("utf-8"))
    named = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    return any(set(ast.literal_eval(node.value)) & set(EXTENSIONS) for node in named)


def test_every_file_or_folder_that_offers_functions_is_a_family():
    files = [file for file in FOLDER.rglob("*.py") if offers_functions(file)]
    assert {file.parent.name if file.stem == "__init__" else file.stem for file in files} == set(FAMILIES)


def test_a_name_is_given_once():
    offered = [
        name
        for family in FAMILIES
        for name in sys.modules[f"{extensions.__name__}.{family}"].__all__
        if isinstance(vars(sys.modules[f"{extensions.__name__}.{family}"])[name], FunctionType | Extension)
    ]
    assert len(offered) + len(registry._BETWEEN) == len(EXTENSIONS)


def test_the_160_are_others():
    assert len(PRIMITIVES) == 160
    assert not set(EXTENSIONS) & set(dsl.__all__)


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_is_described(name):
    extension = EXTENSIONS[name]
    assert extension.name == name and name.isidentifier() and name == name.lower()
    assert extension.family in (*FAMILIES, "kernel")
    assert extension.doc.endswith((".", ")")) and len(extension.doc) <= 300
    assert extension.returns and all(kind for _, kind in extension.parameters)


def test_signatures_read_like_definitions():
    assert EXTENSIONS["layer"].signature == "layer(grid: Grid) -> Layer"
    assert EXTENSIONS["painted"].signature == "painted(layer: Layer, colour: Integer) -> Layer"
    assert EXTENSIONS["atop"].signature == "atop(first: Layer, second: Layer) -> Layer"


def test_programs_get_plain_functions_and_nothing_else(programs):
    names = set(programs) - {"__builtins__"}
    assert names == set(EXTENSIONS)
    assert {type(programs[name]) for name in names} == {FunctionType}


def test_what_programs_call_does_what_the_extension_does(programs):
    seen = programs["layer"](GRID)
    assert programs["painted"](seen, 7) == EXTENSIONS["painted"].function(seen, 7) == (((0, 7, 0), (7, 0, 7)), (0, 0))
    assert programs["painted"].__name__ == "painted" and programs["painted"].__doc__
    with pytest.raises(TypeError):
        programs["painted"](seen)


def test_the_dsl_does_not_bring_the_extensions(programs):
    names: dict[str, object] = {}
    exec("from arc_dsl import *", names)
    assert not set(names) & set(EXTENSIONS)


def takes_numbers_only(function) -> bool:
    return {kind for name, kind in function.__annotations__.items() if name != "return"} <= {int, "int"}


def test_nothing_remembers_what_it_was_called_with():
    """A cache keyed by a program's values would hand one program's lies to the next; sizes, which are ours, may be."""
    kept = [
        f"{module}.{name}"
        for module in sys.modules
        if module.startswith(extensions.__name__)
        for name, value in vars(sys.modules[module]).items()
        if hasattr(value, "cache_info") and not takes_numbers_only(value.__wrapped__)
    ]
    assert not kept


@pytest.mark.parametrize("name", sorted(registry.EXTENSIONS))
def test_what_programs_call_has_as_many_parameters_as_it_says(name):
    """`rbind` and `lbind` look at them."""
    described = registry.EXTENSIONS[name]
    assert registry.function(described).__code__.co_argcount == len(described.parameters)
