"""What safety costs: CPU time of the sandbox beside the same programs run bare, in one run on one core.

    trivial_vs_exec     2,000 distinct one-idea programs x 4 grids of 15 x 15, against `exec` in this very process
    realistic_vs_exec   programs of about 1-5 ms on 4 grids of 20 x 20, against `exec` in this very process
    vs_subprocess       the trivial programs, against one `python -c` with numpy each
    loop_cost           CPU time spent on an endless loop / its limit, for a Python loop and for a loop in C
    loop_slowdown       CPU time of 256 good programs with 8 endless loops among them, loops taken off / without them

CPU time is that of every process involved: host, zygote, runners. `exec` here has no limits, no isolation, and does not
look at what comes back, so 1.0 cannot be reached. A table for people first; the last line is one JSON object.

    python scripts/bench_sandbox.py
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from arc_submit.dsl.modules import install
from arc_submit.records import Dialect, Fault, Grid
from arc_submit.sandbox import Job, Sandbox, SandboxConfig

PAIRS, SIDE, LARGER_SIDE = 4, 15, 20
TRIVIAL, REALISTIC_VARIANTS, SUBPROCESSES, ROUNDS = 2000, 20, 10, 3

IDEAS = (
    """def transform(grid):
    out = grid.copy()
    out[out == {a}] = {b}
    return out
# {n}
""",
    """import numpy as np

def transform(grid):
    return np.rot90(np.where(grid == {a}, {b}, grid))
# {n}
""",
    """import numpy as np

def transform(grid):
    out = np.zeros_like(grid)
    out[{a}:, {b}:] = 3
    return out
# {n}
""",
    """def transform(grid):
    colour = {a}
    return [[colour if c == {b} else c for c in row] for row in grid[:3].tolist()]
# {n}
""",
    """import numpy as np

def transform(grid):
    top = grid[: {a} + 1]
    return np.vstack([top, top[::-1]])[:, {b} % 3 :]
# {n}
""",
)

BODIES = {
    "components": """
def transform(grid):
    h, w = grid.shape
    seen = np.zeros((h, w), dtype=bool)
    out = grid.copy()
    for r in range(h):
        for c in range(w):
            if seen[r, c] or grid[r, c] == 0:
                continue
            stack, cells = [(r, c)], []
            seen[r, c] = True
            while stack:
                y, x = stack.pop()
                cells.append((y, x))
                for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
                    ny, nx = y + dy, x + dx
                    if 0 <= ny < h and 0 <= nx < w and not seen[ny, nx] and grid[ny, nx] == grid[r, c]:
                        seen[ny, nx] = True
                        stack.append((ny, nx))
            if len(cells) > K:
                for y, x in cells:
                    out[y, x] = (K + len(cells)) % 10
    return out
""",
    "gravity": """
def transform(grid):
    out = np.zeros_like(grid)
    h, w = grid.shape
    for c in range(w):
        column = [int(v) for v in grid[:, c] if v != K]
        for i, v in enumerate(reversed(column)):
            out[h - 1 - i, c] = v
    for r in range(h):
        for c in range(w):
            if out[r, c] == 0 and 0 < r < h - 1 and out[r - 1, c] == out[r + 1, c]:
                out[r, c] = K
    return out
""",
    "neighbours": """
def transform(grid):
    h, w = grid.shape
    out = grid.copy()
    for r in range(h):
        for c in range(w):
            around = [int(grid[r + dr, c + dc]) for dr in (-1, 0, 1) for dc in (-1, 0, 1)
                      if (dr or dc) and 0 <= r + dr < h and 0 <= c + dc < w]
            if around.count(K) >= 2:
                out[r, c] = max(around)
    return out
""",
    "patterns": """
def transform(grid):
    h, w = grid.shape
    best, where = -1, (0, 0)
    for r in range(h - 3):
        for c in range(w - 3):
            window = grid[r:r + 3, c:c + 3]
            score = int(np.count_nonzero(window == window[::-1])) + int(np.count_nonzero(window == K))
            if score > best:
                best, where = score, (r, c)
    r, c = where
    return np.tile(grid[r:r + 3, c:c + 3], (3, 3))
""",
    "counts": """
def transform(grid):
    rows = [Counter(int(v) for v in row).most_common() for row in grid]
    cols = [Counter(int(v) for v in col).most_common() for col in grid.T]
    out = np.zeros_like(grid)
    for r, row in enumerate(rows):
        for c, col in enumerate(cols):
            out[r, c] = row[0][0] if row[0][1] + K > col[0][1] else col[-1][0]
    return out
""",
    "flood": """
def transform(grid):
    cells = grid.tolist()
    h, w = len(cells), len(cells[0])
    outside = {(r, c) for r in range(h) for c in range(w) if (r in (0, h - 1) or c in (0, w - 1)) and cells[r][c] != K}
    todo = deque(outside)
    while todo:
        r, c = todo.popleft()
        for y, x in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= y < h and 0 <= x < w and (y, x) not in outside and cells[y][x] != K:
                outside.add((y, x))
                todo.append((y, x))
    return [[v if (r, c) in outside else (K + 4) % 10 for c, v in enumerate(row)] for r, row in enumerate(cells)]
""",
    "symmetry": """
def transform(grid):
    out = grid.copy()
    for turn in range(4):
        view = np.rot90(out, turn)
        for r in range(view.shape[0]):
            for c in range(view.shape[1] // 2):
                left, right = view[r, c], view[r, view.shape[1] - 1 - c]
                if left != right and (left == K or right == 0):
                    view[r, view.shape[1] - 1 - c] = left
    return out
""",
    "rays": """
def transform(grid):
    out = grid.copy()
    h, w = grid.shape
    for r, c in np.argwhere(grid == K):
        for dr, dc in ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1)):
            y, x = int(r) + dr, int(c) + dc
            while 0 <= y < h and 0 <= x < w and grid[y, x] != (K + 1) % 10:
                out[y, x] = K
                y, x = y + dr, x + dc
    return out
""",
}
SOLVES = (
    """
def solve(I):
    x1 = objects(I, T, F, T)
    x2 = order(x1, size)
    x3 = last(x2)
    x4 = recolor(K, x3)
    x5 = paint(I, x4)
    return vmirror(x5)
""",
    """
def solve(I):
    x1 = partition(I)
    x2 = compose(size, delta)
    x3 = argmax(x1, size)
    x4 = outbox(x3)
    x5 = fill(I, K, x4)
    x6 = objects(x5, F, T, T)
    x7 = mapply(toindices, x6)
    return fill(x5, K, x7)
""",
    """
def solve(I):
    x1 = asindices(I)
    x2 = ofcolor(I, K)
    x3 = fork(add, first, last)
    x4 = sfilter(x1, compose(even, x3))
    x5 = fill(I, K, x4)
    x6 = mapply(neighbors, x2)
    return underfill(x5, THREE, x6)
""",
)
HEAD = "import numpy as np\nfrom collections import Counter, deque\n\nK = {k}  # {n}\n"


def inputs(side: int) -> tuple[Grid, ...]:
    """Sparse grids, as tasks have them."""
    chance = np.random.default_rng(0)
    grids = chance.integers(0, 10, (PAIRS, side, side)) * (chance.random((PAIRS, side, side)) < 0.5)
    return tuple(tuple(tuple(map(int, row)) for row in grid) for grid in grids)


def trivial(grids: tuple[Grid, ...], start: int) -> list[Job]:
    """Never the same text twice, so that no cache can help."""
    texts = [IDEAS[n % len(IDEAS)].format(a=n % 10, b=n // 10 % 10, n=n) for n in range(start, start + TRIVIAL)]
    return [Job(text, Dialect.TRANSFORM, "transform", grids) for text in texts]


def realistic(grids: tuple[Grid, ...], start: int) -> list[Job]:
    jobs = []
    for n in range(start, start + REALISTIC_VARIANTS):
        for body in BODIES.values():
            jobs.append(Job(HEAD.format(k=n % 10, n=n) + body, Dialect.TRANSFORM, "transform", grids))
        for body in SOLVES:
            text = f"from arc_dsl import *\n\nK = {n % 10}  # {n}\n" + body
            jobs.append(Job(text, Dialect.SOLVE, "solve", grids))
    return jobs


def bare(jobs: Sequence[Job]) -> None:
    """The reference: compile, load and call in this process. No normalising, no seeds, no limits."""
    arrays = [np.array(grid) for grid in jobs[0].inputs]
    for job in jobs:
        names: dict[str, object] = {"__name__": "program"}
        exec(job.source, names)
        entry = names[job.entry]
        assert callable(entry)
        if job.dialect is Dialect.SOLVE:
            for grid in job.inputs:
                entry(grid)
        else:
            for array in arrays:
                entry(array.copy())


def own_cpu() -> float:
    return time.process_time()


def tree_cpu(sandbox: Sandbox) -> float:
    """This process, the zygote (nanoseconds on the core) and every runner that has ended."""
    zygotes = sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in sandbox.pids())
    return own_cpu() + zygotes / 1e9 + sandbox.report().counters.cpu_seconds


def cost(work: Callable[[], object], clock: Callable[[], float]) -> float:
    before = clock()
    work()
    return clock() - before


def measured(sandbox: Sandbox, make: Callable[[int], list[Job]]) -> tuple[float, float]:
    """CPU seconds per program, bare and sandboxed: the best of some rounds, as others may use the machine as well."""
    plain, boxed = [], []
    for number in range(ROUNDS):
        jobs = make(1 + number * 100_000)
        plain.append(cost(partial(bare, jobs), own_cpu) / len(jobs))
        work = partial(checked, sandbox, jobs)
        boxed.append(cost(work, partial(tree_cpu, sandbox)) / len(jobs))
    return min(plain), min(boxed)


def checked(sandbox: Sandbox, jobs: Sequence[Job]) -> None:
    for job, ran in zip(jobs, sandbox.run(jobs), strict=True):
        if any(output.fault not in (None, Fault.OUTPUT) for output in ran.outputs):
            raise SystemExit(f"unexpected: {ran.outputs}\n{job.source}")


def per_subprocess(jobs: Sequence[Job]) -> float:
    """CPU seconds of one `python -c` that imports numpy, loads the program and runs it on the same grids."""
    code = """import sys, numpy as np
names = {}
exec(sys.argv[1], names)
[names['transform'](np.array(g)) for g in %r]"""

    def children() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def run() -> None:
        for job in jobs:
            subprocess.run([sys.executable, "-c", code % (job.inputs,), job.source], check=True)

    return cost(run, children) / len(jobs)


def loops(sandbox: Sandbox, grids: tuple[Grid, ...]) -> dict[str, float]:
    """Endless loops: what one costs, and what its neighbours pay for it."""
    limit = sandbox.config.cpu_seconds
    python = "def transform(grid):\n    while True:\n        pass\n# {n}\n"
    in_c = "from itertools import count\ndef transform(grid):\n    return -1 in count()\n# {n}\n"

    def job(text: str, n: int) -> Job:
        return Job(text.format(n=n), Dialect.TRANSFORM, "transform", grids)

    each = {}
    for name, text in (("python", python), ("c", in_c)):
        each[name] = cost(partial(sandbox.run, [job(text, -1)]), partial(tree_cpu, sandbox)) / limit
    good = trivial(grids, 10_000_000)[:512]
    without = cost(partial(sandbox.run, good[:256]), partial(tree_cpu, sandbox))
    mixed = good[256:]
    for n in range(8):
        mixed.insert(20 + 31 * n, job(python if n % 2 else in_c, n))
    spent = [0.0]

    def run() -> None:
        spent[0] = sum(ran.cpu_seconds for ran in sandbox.run(mixed) if ran.outputs[0].fault is Fault.CPU)

    total = cost(run, partial(tree_cpu, sandbox))
    return {
        "python_loop_cost": each["python"], "c_loop_cost": each["c"],
        "loop_slowdown": (total - spent[0]) / without,
    }  # fmt: skip


def main() -> None:
    install()  # for the bare runs
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    grids, larger = inputs(SIDE), inputs(LARGER_SIDE)
    with Sandbox(SandboxConfig(cache_size=0)) as sandbox:
        print("\n".join(sandbox.report().lines()), flush=True)
        sandbox.run(trivial(grids, -TRIVIAL))  # both sides are warm
        bare(trivial(grids, -TRIVIAL)[:200])
        exec_trivial, box_trivial = measured(sandbox, lambda n: trivial(grids, n))
        exec_real, box_real = measured(sandbox, lambda n: realistic(larger, n))
        alone = per_subprocess(trivial(grids, 1)[:SUBPROCESSES])
        loop = loops(sandbox, grids)
    result = {
        "trivial_vs_exec": exec_trivial / box_trivial,
        "realistic_vs_exec": exec_real / box_real,
        "vs_subprocess": alone / box_trivial,
        "trivial_ms": box_trivial * 1e3,
        "realistic_ms": box_real * 1e3,
        **loop,
    }
    rows = [
        ("trivial program, bare exec", exec_trivial, ""),
        ("trivial program, sandbox", box_trivial, f"{result['trivial_vs_exec']:.2f} of bare speed"),
        ("realistic program, bare exec", exec_real, ""),
        ("realistic program, sandbox", box_real, f"{result['realistic_vs_exec']:.2f} of bare speed"),
        ("trivial program, python -c", alone, f"the sandbox is {result['vs_subprocess']:.0f} times as fast"),
    ]
    for name, seconds, remark in rows:
        print(f"{name:32} {seconds * 1e3:9.3f} ms CPU   {remark}")
    print(f"endless loop: {loop['python_loop_cost']:.2f} of the CPU limit in Python, {loop['c_loop_cost']:.2f} in C;"
          f" neighbours cost {loop['loop_slowdown']:.2f} times as much")  # fmt: skip
    print(json.dumps({key: round(value, 4) for key, value in result.items()}))


if __name__ == "__main__":
    main()
