"""What a program does, as a hash."""

from helpers import G, grids, ran
from hypothesis import given, settings
from hypothesis import strategies as st

from arc_submit.programs import signature
from arc_submit.records import Fault, Output


def of(*outputs) -> str:
    return signature(ran(*outputs).outputs)


def test_equal_outputs_are_one_behaviour():
    assert of(G("12/34"), Fault.ERROR) == of(G("12/34"), Fault.ERROR)
    assert len(of(G("1"))) == 16


def test_shape_order_and_number_matter():
    behaviours = [
        of(G("1234")),
        of(G("12/34")),
        of(G("1/2/3/4")),
        of(G("12"), G("34")),
        of(G("34"), G("12")),
        of(G("12")),
        of(G("12"), G("12")),
        of(),
    ]
    assert len(set(behaviours)) == len(behaviours)


def test_faults_differ_by_kind_not_by_message():
    assert signature([Output(None, Fault.ERROR, "one")]) == signature([Output(None, Fault.ERROR, "two")])
    assert len({of(fault) for fault in Fault}) == len(Fault)


def test_a_fault_is_not_a_grid():
    assert of(Fault.ERROR) != of(G("0"))


@settings(deadline=None, max_examples=100)
@given(st.lists(grids(3), max_size=3), st.lists(grids(3), max_size=3))
def test_behaviours_are_equal_exactly_when_the_outputs_are(one, other):
    assert (of(*one) == of(*other)) == (one == other)
