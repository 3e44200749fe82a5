"""How much memory a process tree holds and how much is left, from files of our own making."""

import math
import os

import pytest

from arc_submit import memory

GIB = 2**30
MEMINFO = "MemTotal:       16000000 kB\nMemFree:          200000 kB\nMemAvailable:    8388608 kB\n"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Writes what the kernel would say; without it, there is no such file."""
    two = tuple(str(tmp_path / name) for name in ("memory.max", "memory.current", "memory.stat"))
    one = tuple(str(tmp_path / "memory" / name) for name in ("limit_in_bytes", "usage_in_bytes", "memory.stat"))
    monkeypatch.setattr(memory, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "_GROUPS", ((*two, ""), (*one, "total_")))
    (tmp_path / "proc").mkdir()
    (tmp_path / "memory").mkdir()

    def write(meminfo=None, version2=(), version1=()):
        if meminfo is not None:
            (tmp_path / "proc" / "meminfo").write_text(meminfo)
        for paths, contents in ((two, version2), (one, version1)):
            for path, content in zip(paths, contents, strict=False):
                with open(path, "w") as file:
                    file.write(content)

    return write


def test_a_machine_that_says_nothing_has_no_known_limit(machine):
    assert memory.spare_bytes() == math.inf


def test_a_machine_without_a_limit_has_what_the_kernel_calls_available(machine):
    machine(MEMINFO)
    assert memory.spare_bytes() == 8 * GIB


@pytest.mark.parametrize("meminfo", ["", "MemFree: 5 kB\n"])
def test_a_kernel_that_does_not_know_what_is_available(machine, meminfo):
    machine(meminfo)
    assert memory.spare_bytes() == math.inf


def test_a_containers_limit_binds_and_its_cache_counts_as_free(machine):
    # 4 GiB allowed, 3 taken, of which half a GiB is cache: weights that are mapped count as active.
    stat = f"anon 5\nactive_file {GIB // 4}\ninactive_file {GIB // 4}\n"
    machine(MEMINFO, (f"{4 * GIB}\n", f"{3 * GIB}\n", stat))
    assert memory.spare_bytes() == 1.5 * GIB


def test_a_container_without_a_limit_is_the_machine(machine):
    machine(MEMINFO, ("max\n", f"{3 * GIB}\n", "inactive_file 0\n"))
    assert memory.spare_bytes() == 8 * GIB


def test_the_machine_binds_where_the_container_may_have_more(machine):
    machine(MEMINFO, (f"{64 * GIB}\n", f"{3 * GIB}\n", "inactive_file 0\n"))
    assert memory.spare_bytes() == 8 * GIB


def test_the_old_kind_of_control_group_is_understood(machine):
    stat = f"inactive_file 1\ntotal_inactive_file {GIB}\n"
    machine(MEMINFO, version1=(f"{6 * GIB}\n", f"{5 * GIB}\n", stat))
    assert memory.spare_bytes() == 2 * GIB


def test_an_old_group_without_a_limit_is_the_machine(machine):
    machine(MEMINFO, version1=("9223372036854771712\n", f"{5 * GIB}\n", "total_inactive_file 0\n"))
    assert memory.spare_bytes() == 8 * GIB


@pytest.mark.parametrize("contents", [("4294967296\n",), ("4294967296\n", "much\n", "inactive_file 0\n")])
def test_a_group_that_cannot_be_read_is_no_group(machine, contents):
    machine(MEMINFO, contents)
    assert memory.spare_bytes() == 8 * GIB


def test_a_tree_is_a_process_and_its_descendants(machine):
    kinds = {1: (0, 100), 5: (1, 20), 6: (5, 3), 9: (1, 1000)}
    for number, (parent, kilobytes) in kinds.items():
        entry = memory._PROC / str(number)
        entry.mkdir()
        (entry / "stat").write_text(f"{number} (a ) name) S {parent} 0 0")
        (entry / "smaps_rollup").write_text(f"Rss: 99 kB\nPss: {kilobytes} kB\n")
    assert memory.tree_bytes(5) == 23 * 1024
    assert memory.tree_bytes(1) == 1123 * 1024
    assert memory.tree_bytes(77) == 0, "it has ended"


def test_this_machine_says_something_that_can_be_true():
    held = memory.tree_bytes()
    if os.path.exists("/proc/self/statm"):
        assert 1 << 20 < held < 1 << 40
    assert memory.spare_bytes() >= 0


def test_kills_for_want_of_memory_are_counted(machine, tmp_path):
    assert memory.oom_kills() >= 0
    (tmp_path / "proc" / "vmstat").write_text("nr_free_pages 5\noom_kill 3\n")
    before = memory.oom_kills()
    (tmp_path / "proc" / "vmstat").write_text("nr_free_pages 5\noom_kill 4\n")
    assert memory.oom_kills() == before + 1
