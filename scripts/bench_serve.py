"""Programs per second through the exec server, beside the sandbox and judge called directly, in one run.

    direct      `verify.trial` on one sandbox of this process, batches of 64 programs, as `training.grpo` does
    one         one client of the server, the same batches: what the way there and back costs
    direct_all  as many sandboxes of this process as the server has workers, one thread each
    eight       eight clients at a time: the server's workers kept busy

Programs are the realistic ones of bench_sandbox (1-5 ms each, 4 grids of 20 x 20), never the same text twice, so that
no cache helps. Direct and served rounds take turns, as others may use the machine as well; the best round of each
counts.
Memory is the server process's, after the first batches and at the end. A table for people; the last line is one JSON
object.

    python scripts/bench_serve.py --workers 2 --batches 6 --rounds 3
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # bench_sandbox, whichever way this is called

from arc_submit.records import Pair, Program, Task
from arc_submit.sandbox import Sandbox, SandboxConfig
from arc_submit.serve import access
from arc_submit.serve.client import Client
from arc_submit.serve.records import Ask
from arc_submit.verify.trial import trial
from scripts.bench_sandbox import LARGER_SIDE, inputs, realistic

BATCH, CLIENTS, CPU_SECONDS = 64, 8, 5.0
TASK = Task("bench", tuple(Pair(grid, grid[::-1]) for grid in inputs(LARGER_SIDE)[:3]), inputs(LARGER_SIDE)[3:])


def batches() -> Iterator[list[Program]]:
    """Batches without end."""
    found: list[Program] = []
    for start in count(0, 1000):
        for job in realistic(TASK.inputs, start):
            found.append(Program("", job.source, job.dialect, job.entry, 0, "bench"))
            if len(found) == BATCH:
                yield found
                found = []


def directly(sandbox: Sandbox, batch: Sequence[Program]) -> None:
    (found,) = trial(sandbox, [(TASK, batch)], 0, time.monotonic() + 600)
    assert all(candidate.outcome.reward is not None for candidate in found)


def served(client: Client, batch: Sequence[Program]) -> None:
    found = client.judge([Ask(TASK, program) for program in batch])
    assert all(verdict.reward is not None for verdict in found)


def speed(work: Sequence[Callable[[], None]], threads: ThreadPoolExecutor) -> float:
    """Programs per second; `work` are batches."""
    began = time.perf_counter()
    for done in [threads.submit(one) for one in work]:
        done.result()
    return BATCH * len(work) / (time.perf_counter() - began)


def start(workers: int, folder: Path) -> tuple["subprocess.Popen[str]", Client]:
    token = folder / "token"
    token.touch(0o600)
    token.write_text(access.made())
    command = [
        sys.executable, "-m", "arc_submit", "serve-sandbox", "--port", "0", "--token-file", str(token),
        "--workers", str(workers), "--set", "sandbox.cache_size=0", "--set", f"sandbox.cpu_seconds={CPU_SECONDS}",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    return process, Client(json.loads(process.stdout.readline())["serving"], access.given(token))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=2, help="sandboxes of the server")
    parser.add_argument("--batches", type=int, default=6, help="batches of 64 programs per round and way")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    source, best = batches(), dict.fromkeys(("direct", "one", "direct_all", "eight"), 0.0)
    config = SandboxConfig(cache_size=0, cpu_seconds=CPU_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        process, client = start(options.workers, Path(folder))
        boxes = [Sandbox(config) for _ in range(options.workers)]
        one, many = ThreadPoolExecutor(1), ThreadPoolExecutor(CLIENTS)
        own = [ThreadPoolExecutor(1) for _ in boxes]  # a sandbox lives as long as the thread that started it
        try:
            for box, thread in zip(boxes, own, strict=True):
                thread.submit(directly, box, next(source)).result()  # everything is warm
            list(many.map(served, [client] * CLIENTS, [next(source) for _ in range(CLIENTS)]))
            first = client.metrics()["resident_bytes"]
            for _ in range(options.rounds):
                texts = [[next(source) for _ in range(options.batches)] for _ in best]
                found = {
                    "direct": speed([partial(directly, boxes[0], batch) for batch in texts[0]], own[0]),
                    "one": speed([partial(served, client, batch) for batch in texts[1]], one),
                    "eight": speed([partial(served, client, batch) for batch in texts[3]], many),
                }
                began = time.perf_counter()
                parts = [texts[2][number :: len(boxes)] for number in range(len(boxes))]
                for done in [
                    thread.submit(directly, box, batch)
                    for box, part, thread in zip(boxes, parts, own, strict=True)
                    for batch in part
                ]:
                    done.result()
                found["direct_all"] = BATCH * options.batches / (time.perf_counter() - began)
                best = {name: max(best[name], found[name]) for name in best}
            last = client.metrics()
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
            for box in boxes:
                box.close()
    result = {
        **{f"{name}_per_second": round(value, 1) for name, value in best.items()},
        "one_vs_direct": round(best["one"] / best["direct"], 3),
        "eight_vs_direct_all": round(best["eight"] / best["direct_all"], 3),
        "megabytes_first": round(first / 1e6, 1),
        "megabytes_last": round(last["resident_bytes"] / 1e6, 1),
        "programs": last["counters"]["programs"],
        "unscored": last["counters"]["unscored"],
        "workers": options.workers,
        "load": os.getloadavg()[0],
    }
    for name, what in (
        ("direct", "sandbox and judge, one thread"),
        ("one", f"server, one client: {result['one_vs_direct']:.2f} of that"),
        ("direct_all", f"sandbox and judge, {options.workers} threads"),
        ("eight", f"server, eight clients: {result['eight_vs_direct_all']:.2f} of that"),
    ):
        print(f"{best[name]:9.1f} programs/s   {what}")
    memory = f"{result['megabytes_first']} MB, after {result['programs']} programs {result['megabytes_last']} MB"
    print(f"server process: {memory}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
