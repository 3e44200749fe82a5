"""The faults by name, each alone, as `make faults` lists them and `test_faults.py` holds them to account."""

from faults.simulate import Scale
from faults.world import Faults


def alone(scale: Scale) -> dict[str, Faults]:
    """Every fault alone, at moments where there is something to lose."""
    end = scale.hours * 3600.0
    third, half, late = end / 3, end / 2, 0.9 * end
    return {
        "nothing": Faults(),
        "a worker is killed": Faults(kills=[(third, 1)]),
        "all workers are killed at once": Faults(kills=[(half, number) for number in range(scale.workers)]),
        "a worker is killed every half hour": Faults(kills=[(at, 2) for at in range(1800, int(late), 1800)]),
        "a worker hangs": Faults(hangs=[(third, 0)]),
        "all workers hang": Faults(hangs=[(half, number) for number in range(scale.workers)]),
        "the engine runs out of memory": Faults(sequences=100.0),
        "the sandbox's host dies": Faults(sandbox_deaths=[(third, 3), (half, 3)]),
        "the disk is full for ten minutes": Faults(full_disk=[(half, half + 600.0)]),
        "the disk is full to the end": Faults(full_disk=[(late, 10 * end)]),
        "a result is cut short": Faults(cut_short=[(third, 1)]),
        "the clock jumps ten minutes ahead": Faults(jumps=[(half, 600.0)]),
        "the clock jumps ten minutes back": Faults(jumps=[(half, -600.0)]),
        "the adapter is damaged": Faults(bad_adapter=True),
        "three tasks always kill": Faults(poison=frozenset({"task003", "task017", "task031"})),
        "SIGTERM, then resume": Faults(terms=[half]),
        "kill -9 of the supervisor, then resume": Faults(supervisor_kills=[half]),
        "kill -9 while the disk is full": Faults(supervisor_kills=[half + 60.0], full_disk=[(half, half + 300.0)]),
        "a GPU is missing": Faults(no_device=frozenset({2})),
        "all GPUs are missing": Faults(no_device=frozenset(range(scale.workers))),
        "one card fails in every first round": Faults(flaky=frozenset({1})),
        "no sandbox for the first half hour": Faults(broken_starts=[(0.0, 1800.0)]),
        "a worker hangs and cannot be killed": Faults(hangs=[(third, 0)], unkillable=frozenset({0})),
        "the mount is slow (ten minutes more to load)": Faults(slow_start=600.0),
        "memory is short for ten minutes": Faults(short_memory=[(third, third + 600.0)]),
        "memory is short from first to last": Faults(short_memory=[(0.0, 10 * end)]),
    }
