"""Processes for symbolic work, which end with the process that began them, however that ends.

A pool's processes wait for work on a pipe that they hold themselves, so after a `kill -9` of ours they would wait for
ever. Here each watches its parent. They begin anew (`spawn`): no thread or lock of ours is copied into them.
"""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.connection import wait


def pool(count: int) -> ProcessPoolExecutor:
    """Return a pool of up to `count` processes; they begin when there is work."""
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"), initializer=_watch)


def _watch() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
