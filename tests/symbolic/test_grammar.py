"""Productions follow the registry; costs follow use; guards keep calls small."""

from arc_submit.dsl.registry import PRIMITIVES
from arc_submit.symbolic import grammar
from arc_submit.symbolic.expressions import PATCH_TAKERS
from arc_submit.symbolic.guards import GUARDS
from arc_submit.symbolic.values import expand, hollow, weigh


def test_tables_name_known_primitives_only() -> None:
    for table in (
        grammar.USES, grammar.EXTRA_COST, grammar.SCHEMES, grammar.SKIPPED, grammar.COLOUR_RESULTS, GUARDS,
        grammar.NOT_BOUND, grammar.BINARY_FOR_FORK, grammar.COMMUTATIVE, PATCH_TAKERS,
    ):  # fmt: skip
        assert set(table) <= set(PRIMITIVES)
    for primitive, parameter in grammar.COLOUR_PARAMETERS:
        assert parameter in dict(PRIMITIVES[primitive].parameters)


def test_signatures_are_derived_from_types() -> None:
    table = grammar.signatures()
    assert set(table["shift"]) == {(("O", "V"), "O"), (("P", "V"), "P")}
    assert set(table["vmirror"]) == {(("G",), "G"), (("O",), "O"), (("P",), "P")}
    assert table["replace"] == ((("G", "C", "C"), "G"),)
    assert table["mostcolor"] == ((("G",), "C"), (("O",), "C"))
    assert (("V", "N"), "V") in table["add"]


def test_most_primitives_are_within_reach() -> None:
    reached = {p.name.split("(")[-1].rstrip(")") for p in (*grammar.productions(), *grammar.functions())}
    left_out = set(PRIMITIVES) - reached
    assert left_out <= grammar.SKIPPED
    assert len(set(PRIMITIVES) & reached) >= 125


def test_costs_follow_use() -> None:
    assert grammar.base_cost("objects") <= grammar.base_cost("replace") <= grammar.base_cost("hperiod")
    assert all(production.cost >= 1 for production in grammar.productions())


def test_every_function_kind_that_is_built_is_used() -> None:
    built = {production.returns for production in grammar.functions()}
    taken = {kind for production in grammar.productions() for kind in production.parameters}
    assert {"O>N", "O>B", "O>P", "G>G", "V>P"} <= built & taken


def test_values_are_weighed_or_refused() -> None:
    assert expand("Numerical") == "NV"
    for kind, value in (
        ("G", ()), ("G", ((),)), ("G", ((1,) * 31,)), ("G", ((1,), (1, 2))), ("C", 10), ("C", None), ("V", ()),
        ("O", ((1, (0, 0)),)), ("P", frozenset({()})), ("S", ()), ("B", 1), ("N", 10_000), ("L", ()),
    ):  # fmt: skip
        assert weigh(kind, value, 10, 10) < 0, (kind, value)
    for kind, value in (("G", ((1, 2),)), ("P", frozenset({(0, 0)})), ("V", (-1, 3)), ("B", True), ("S", frozenset())):
        assert weigh(kind, value, 10, 10) > 0, (kind, value)
    assert weigh("P", frozenset((i, 0) for i in range(11)), 10, 10) < 0
    assert hollow("P", (frozenset(), frozenset()))
    assert not hollow("P", (frozenset(), frozenset({(0, 0)})))
