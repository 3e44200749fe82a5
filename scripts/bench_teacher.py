"""What the teacher sampler costs with hundreds of requests in flight, and what a kill -9 costs: nothing.

A stand-in server in its own process answers every request after `--seconds`. The same requests go out twice, in turns,
from this process: bare (OpenAI's async client and a semaphore, nothing else) and by the sampler with all it does
(archive with fsync, account with a budget, pace with limits, retries ready). CPU is that of this process, all threads:

    core          CPU seconds per wall second: 0.10 is a tenth of one core
    machine       the same over all cores of the machine
    own           core of the sampler less core of the bare client: what the sampler adds to OpenAI's client
    overhead      own over core of the sampler: the part of its CPU that is not the client's

Then a sampler is killed (SIGKILL) in the middle and started again; what the server answered is counted there, by id.

    python scripts/bench_teacher.py [--in-flight 250] [--requests 2500] [--seconds 1] [--rounds 3]
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import openai

from arc_submit.records import Message, Pair, Prompt, Task
from training.teacher.account import Account
from training.teacher.archive import JOURNAL, Archive
from training.teacher.providers import resolve
from training.teacher.records import Question
from training.teacher.sampler import ServerTeacher
from training.teacher.settings import Settings

ROOT = Path(__file__).parents[1]
STAND_IN = ROOT / "tests" / "training" / "teacher" / "teacher_stand_in.py"
TASK = Task("t", (Pair(((1,),), ((1,),)),), (((1,),),))
TEXT = "0 1 2 3 4 5 6 7 8 9\n" * 200  # 4 kB, a usual prompt


@contextmanager
def stand_in(seconds: float, log: Path) -> Iterator[str]:
    """A server process; gives its URL."""
    command = [sys.executable, str(STAND_IN), "--seconds", str(seconds), "--log", str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()


def question(number: int) -> Question:
    """One of many that are all different."""
    return Question(Prompt("t", "fresh", (Message("user", f"{number}\n{TEXT}"),)), TASK, (), 1, number)


async def bare(url: str, numbers: Sequence[int], in_flight: int) -> None:
    """The same requests by OpenAI's client alone."""
    slots = asyncio.Semaphore(in_flight)
    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=600) as client:

        async def one(number: int) -> None:
            async with slots:
                own = question(number)
                await client.chat.completions.create(
                    model="m",
                    messages=[{"role": "user", "content": own.prompt.messages[0].content}],
                    max_tokens=1024,
                    temperature=1.0,
                    seed=number,
                )

        await asyncio.gather(*map(one, numbers))


async def sampled(url: str, numbers: Sequence[int], in_flight: int, folder: Path) -> dict[str, int]:
    """The same requests by the sampler; returns what became of them."""
    provider, _ = resolve(url)
    settings = Settings(
        provider, "m", max_tokens=1024, in_flight=in_flight, requests_per_minute=10**6, tokens_per_minute=10**10
    )
    with Archive(folder / "archive") as archive:
        account = Account(folder / "costs.json", tokens=10**10, earlier=archive.usages())
        teacher = ServerTeacher(settings, archive, account)
        found = await asyncio.gather(*(teacher.ask(question(number)) for number in numbers))
        assert all(len(replies) == 1 and replies[0].text for replies in found)
        await teacher.close()
        return {**teacher.tally, "most in flight": teacher.pace.most, "syncs": archive.syncs}


def measured(work: Coroutine[Any, Any, Any]) -> tuple[float, float, Any]:
    """(wall seconds, CPU seconds of this process, what it returned)"""
    wall, cpu = time.perf_counter(), time.process_time()
    result = asyncio.run(work)
    return time.perf_counter() - wall, time.process_time() - cpu, result


def cost(place: Path, given: argparse.Namespace, seconds: float) -> dict[str, Any]:
    """Run both in turns; medians over the rounds."""
    shares: dict[str, list[float]] = {"bare": [], "sampler": []}
    per_request: dict[str, list[float]] = {"bare": [], "sampler": []}
    tally: dict[str, int] = {}
    with stand_in(seconds, place / f"cost-{seconds}.log") as url:
        asyncio.run(bare(url, range(4), 4))
        for turn in range(given.rounds):
            numbers = range(turn * given.requests, (turn + 1) * given.requests)
            wall, cpu, _ = measured(bare(url, numbers, given.in_flight))
            shares["bare"].append(cpu / wall)
            per_request["bare"].append(cpu / given.requests)
            folder = place / f"cost-{seconds}-{turn}"
            wall, cpu, tally = measured(sampled(url, numbers, given.in_flight, folder))
            shares["sampler"].append(cpu / wall)
            per_request["sampler"].append(cpu / given.requests)
    core = {name: median(values) for name, values in shares.items()}
    own = core["sampler"] - core["bare"]
    return {
        "answer_after_seconds": seconds,
        "in_flight": tally["most in flight"],
        "core": round(core["sampler"], 4),
        "bare_core": round(core["bare"], 4),
        "own": round(own, 4),
        "overhead": round(own / core["sampler"], 4),
        "machine": round(core["sampler"] / (os.cpu_count() or 1), 4),
        "ms_per_request": {name: round(1e3 * median(values), 3) for name, values in per_request.items()},
        "syncs": tally["syncs"],
    }


def killed(place: Path, given: argparse.Namespace) -> dict[str, int]:
    """Kill a sampler in the middle, start it again, and count at the server."""
    log, folder = place / "kill.log", place / "kill"
    journal, total = folder / "archive" / JOURNAL, given.requests
    with stand_in(min(given.seconds, 1.0), log) as url:
        command = [sys.executable, __file__, "--child", url, str(folder)]
        command += ["--requests", str(total), "--in-flight", str(given.in_flight)]
        child = subprocess.Popen(command)
        while not (journal.exists() and journal.read_bytes().count(b"\n") >= total * 2 // 5):
            assert child.poll() is None, "the child ended before it could be killed"
            time.sleep(0.02)
        child.send_signal(signal.SIGKILL)
        child.wait()
        lines = journal.read_bytes().split(b"\n")[:-1]
        stored = {json.loads(line)["id"] for line in lines}
        bought = len(log.read_text().splitlines())
        again = asyncio.run(sampled(url, range(total), given.in_flight, folder))
        time.sleep(0.2)
        times = Counter(log.read_text().split())
    with Archive(folder / "archive") as archive:
        kept = len(archive)
        lost = sum(request not in archive for request in stored)
    return {
        "requests": total,
        "stored_at_kill": len(stored),
        "answered_but_not_stored_at_kill": bought - len(stored),
        "from_archive_after": again.get("from archive", 0),
        "kept_at_end": kept,
        "lost": lost + total - kept,
        "stored_and_paid_again": sum(times[request] > 1 for request in stored),
        "in_flight_at_kill_asked_again": sum(count > 1 for count in times.values()),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--in-flight", type=int, default=250)
    parser.add_argument("--requests", type=int, default=2500)
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0], help="until the server answers; several")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("URL", "FOLDER"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        asyncio.run(sampled(given.child[0], range(given.requests), given.in_flight, Path(given.child[1])))
        return
    with tempfile.TemporaryDirectory() as place:
        costs = [cost(Path(place), given, seconds) for seconds in given.seconds]
        given.seconds = min(given.seconds)
        kill = killed(Path(place), given)
    for part in (*costs, kill):
        for key, value in part.items():
            print(f"{key:<34} {value}")
    print(json.dumps({"cost": costs, "kill": kill, "cores": os.cpu_count(), "load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main()
