"""Equal values are one entry; caps hold."""

from arc_submit.symbolic.bank import Bank
from arc_submit.symbolic.config import SymbolicConfig
from arc_submit.symbolic.expressions import Entry
from arc_submit.symbolic.terminals import constant


def entry(number: int, values: tuple[int, ...], level: int = 1) -> Entry:
    return Entry(number, constant(values[0], "N", 1), (), 1, values, level)


def test_equal_behaviour_is_found_again() -> None:
    bank = Bank(SymbolicConfig())
    first = entry(1, (4, 5))
    assert bank.find("N", (4, 5)) is None
    assert bank.add(first, (4, 5), 10)
    assert bank.find("N", (4, 5)) is first
    assert bank.find("C", (4, 5)) is None  # another kind is another thing


def test_levels_and_kinds_are_capped() -> None:
    bank = Bank(SymbolicConfig(entries_per_level=2, entries_per_kind=3))
    kept = [bank.add(entry(n, (n,), level=1 + n // 3), (n,), 1) for n in range(6)]
    # level 1 takes two of three, level 2 one more before the kind is full
    assert kept == [True, True, False, True, False, False]
    assert len(bank.of_kind("N")) == 3


def test_memory_is_capped() -> None:
    bank = Bank(SymbolicConfig(memory_bytes=1_000_000))
    assert bank.add(entry(1, (1,)), (1,), 900_000)
    assert not bank.add(entry(2, (2,)), (2,), 200_000)
    assert bank.bytes == 900_000
