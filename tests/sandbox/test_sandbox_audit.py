"""Which programs may share a runner: everyday ones do, those that could reach shared state do not."""

# ruff: noqa: E501 (programs as data)

import pytest

from arc_submit.sandbox.audit import may_share

SHARED = {
    "numpy": "import numpy as np\ndef transform(g):\n    out = np.zeros_like(g)\n    out[g == 1] = 2\n    return out.T.copy()",
    "helpers": "def _helper(g):\n    return g\ndef transform(g):\n    for _ in range(3):\n        g = _helper(g)\n    return g",
    "class": "class P:\n    def __init__(self, a):\n        self.a = a\n    def __repr__(self):\n        return f'{self.a}'",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 0\n    def __post_init__(self):\n        self.x = 1",
    "imports": "from collections import Counter, defaultdict\nimport itertools, math, re\nfrom typing import List\nx: List[int] = []",
    "main_guard": "def main(g):\n    return g\nif __name__ == '__main__':\n    pass",
    "formats": "def main(g):\n    return '{} {}'.format(1, 2) + f'{g}' + '%d' % 3",
    "comprehension": "def main(g):\n    return [[c for c in r] for r in zip(*g[::-1])]",
    "dsl": "from arc_dsl import *\ndef solve(I):\n    return compose(vmirror, hmirror)(I)",
    "random": "import random\nimport numpy as np\ndef main(g):\n    return [[random.randint(0, 9), np.random.rand()]]",
    "private_local": "def main(g):\n    _x = g\n    def inner():\n        return _x\n    return inner()",
    "annotations": "def transform(grid: 'np.ndarray') -> 'np.ndarray':\n    return grid",
}
ALONE = {
    "os": "import os",
    "sys_attribute": "import typing\ntyping.sys.modules",
    "eval": "eval('1')",
    "getattr": "getattr(1, 'real')",
    "globals": "globals()",
    "open": "def f():\n    return open('x')",
    "dunder": "().__class__",
    "dunder_in_lambda": "f = lambda: (lambda: ().__class__)",
    "dunder_in_string": "x = '{0.__class__}'",
    "dunder_in_tuple": "x = ('a', ('b', '__globals__'))",
    "dunder_in_match": "match 1:\n    case object(__class__=c):\n        pass",
    "dunder_in_default": "def f(x='__dict__'):\n    pass",
    "private_attribute": "import numpy as np\nnp._core",
    "private_from": "from numpy import _core",
    "private_module": "import _io",
    "many_names_then_private": "\n".join(f"x{n} = 1" for n in range(300)) + "\nx0._hidden",
    "store_attribute": "import numpy as np\nnp.rot90 = 1",
    "delete_attribute": "import numpy as np\ndel np.rot90",
    "store_in_function": "def f(a):\n    a.x = 1",
    "store_in_lambda_method": "class A:\n    def f(this):\n        this.x = 1",
    "attrgetter": "from operator import attrgetter",
    "del_method": "class A:\n    def __del__(self):\n        pass",
    "strided": "from numpy.lib.stride_tricks import as_strided",
    "seterr": "import numpy as np\nnp.seterr(all='raise')",
    "frame": "g = (x for x in ())\ng.gi_frame",
    "builtins_name": "__builtins__",
    "import_name": "__import__('os')",
    "async": "async def f():\n    pass",
    "save": "import numpy as np\nnp.save('x', 1)",
    "full_width": "ｅｖａｌ('1')",
}


def code(source: str):
    return compile(source, "<program>", "exec", 0, True)


@pytest.mark.parametrize("name", SHARED)
def test_everyday_programs_share(name):
    assert may_share(code(SHARED[name]))


@pytest.mark.parametrize("name", ALONE)
def test_programs_that_reach_out_are_alone(name):
    assert not may_share(code(ALONE[name]))
