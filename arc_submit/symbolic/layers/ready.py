"""Everything that `layers` needs compiled, before a clock is started.

The first time on a machine other processes compile, one per core, each a part: a compiler that has seen hundreds of
kernels holds more than a gigabyte, and the process that searches must not. Processes that start together wait for the
one that came first. After that all is loaded from disk.

    python -m arc_submit.symbolic.layers.ready          compile what is missing, e.g. while an image is built
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from arc_submit.errors import EngineError
from arc_submit.symbolic.layers import catalogue, compiled

SOURCES = (Path(__file__).parent, Path(__file__).parents[2] / "dsl" / "extensions")
MOST_PROCESSES = 8


def ready() -> int:
    """Compile what is missing, load everything, and return the number of kernels.

    Raises:
        EngineError: a kernel does not compile here.
    """
    compile_missing()
    found = catalogue.extensions().values()
    return compiled.ready(extension for extension, _ in found)


def compile_missing() -> None:
    """Compile what is missing, and load nothing.

    Raises:
        EngineError: a kernel does not compile here.
    """
    place = compiled.folder(*sorted(file for source in SOURCES for file in source.glob("*.py")))
    done = place / "all-compiled"
    if not done.exists():
        with (place / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                _compile()
                done.touch()


def _compile() -> None:
    count = min(os.cpu_count() or 1, MOST_PROCESSES)
    sys.stderr.write("layers: compiling for this machine, once; about two minutes of one core\n")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", __spec__.name]
    parts = [
        subprocess.Popen(
            [*command, f"{number}/{count}", str(os.getpid())], stderr=subprocess.PIPE, text=True, env=environment
        )
        for number in range(count)
    ]
    try:
        said = [part.communicate()[1] for part in parts]
    finally:
        for part in parts:
            part.kill()
            part.wait()
    if any(part.returncode for part in parts):
        raise EngineError(f"layers: a kernel does not compile here: {' '.join(said).strip()[-500:]}")


def _part(text: str, parent: int) -> None:
    number, count = map(int, text.split("/"))
    for extension, _ in list(catalogue.extensions().values())[number::count]:
        if os.getppid() != parent:
            return  # it was killed: nobody waits for this, and another may have begun
        compiled.kernel(extension)
    if number == 0:
        _rehearse()


def _rehearse() -> None:
    """Compile what is not a kernel, as it meets its arguments: a toy task goes through everything."""
    import random
    import time

    from arc_submit.records import Pair, Task
    from arc_submit.symbolic.config import SymbolicConfig
    from arc_submit.symbolic.layers.engine import Layers

    toy = Task("toy", (Pair(((1, 0), (2, 3)), ((2, 3), (1, 0))), Pair(((4, 4, 0),), ((4, 4, 0),))), (((5, 0), (0, 6)),))
    idea = Layers(toy, SymbolicConfig(layers_bytes=2_000_000, layers_cost=36), random.Random(0), time.monotonic)
    while not idea.exhausted:
        idea.advance(time.monotonic() + 1.0)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _part(sys.argv[1], int(sys.argv[2]))
    else:
        print(ready())
