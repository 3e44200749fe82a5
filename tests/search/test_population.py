"""What a population keeps, whom it chooses as parents, and when an island starts again."""

from collections import Counter
from dataclasses import replace

from helpers import make_candidate, make_task

from arc_submit.config import SearchConfig
from arc_submit.search.population import Population

TASK = make_task(("1", "2"), ("3", "4"), ("5", "6"))
NOTHING, FIRST, SECOND, ALL = (False,) * 3, (True, False, False), (False, True, False), (True,) * 3


def population(seed=0, task=TASK, **settings) -> Population:
    return Population(task, SearchConfig(**settings), seed)


def filled(candidates, **settings) -> Population:
    found = population(**settings)
    for candidate in candidates:
        found.add(candidate)
    return found


def kept(found: Population) -> list[str]:
    return [candidate.program.id for candidate in found.candidates]


def chosen(found: Population, count: int) -> list[str]:
    return [member.candidate.program.id for member in found.parents(count)]


def lone(name, cells=(0.5, 0.5, 0.5), solved=NOTHING, **more):
    return make_candidate(name, solved=solved, cells=cells, **more)


# What is kept. -------------------------------------------------------------------------------------------------------


def test_a_program_is_new_once():
    found = population()
    assert [found.is_new(name) for name in ("a", "b", "a")] == [True, True, False]


def test_a_new_behaviour_is_kept():
    found = population()
    assert found.add(lone("a"))
    assert found.add(lone("b"))
    assert len(found) == 2
    assert kept(found) == ["a", "b"]


def test_a_child_that_repeats_its_parents_outputs_is_rejected():
    found = filled([lone("parent", signature="x", length=90)])
    assert not found.add(lone("child", signature="x", parents=("parent",), length=30))
    assert kept(found) == ["parent"]


def test_a_child_that_repeats_either_of_two_parents_is_rejected():
    found = filled([lone("one", signature="x"), lone("two", signature="y")])
    assert not found.add(lone("child", signature="y", parents=("one", "two"), length=30))


def test_a_child_that_repeats_a_stranger_counts_as_that_behaviour():
    found = filled([lone("one", signature="x"), lone("two", signature="y", length=90)], islands=1)
    assert found.add(lone("child", signature="y", parents=("one",), length=30))
    assert len(found) == 2


def test_a_cluster_keeps_its_shortest_program():
    found = filled([lone("long", signature="x", length=90)], islands=1)
    assert found.add(lone("short", signature="x", length=40))
    assert not found.add(lone("longer", signature="x", length=60))
    assert not found.add(lone("equal", signature="x", length=40))
    assert len(found) == 1
    assert set(chosen(found, 3)) == {"short"}


def test_an_unscored_program_is_not_added():
    found = population()
    assert not found.add(lone("a", scored=False, solved=ALL))
    assert len(found) == 0
    assert kept(found) == []
    assert found.best == 0.0


def test_a_passer_is_always_kept_for_the_vote():
    found = filled([lone("short", solved=ALL, cells=(1.0,) * 3, signature="x", length=40)], islands=1)
    assert found.add(lone("long", solved=ALL, cells=(1.0,) * 3, signature="x", length=90))
    assert kept(found) == ["short", "long"]
    assert len(found) == 1


def test_an_island_keeps_its_strongest():
    shares = {"a": 0.3, "b": 0.5, "c": 0.1, "d": 0.7}
    found = filled([], islands=1, clusters=2)
    answers = [found.add(lone(name, cells=(share, 0.0, 0.0))) for name, share in shares.items()]
    assert answers == [True, True, False, True]
    assert len(found) == 2
    assert set(chosen(found, 40)) == {"b", "d"}


def test_every_island_has_room_of_its_own():
    found = filled([lone(f"p{number}") for number in range(20)], islands=4, clusters=3)
    assert len(found) == 4 * 3


def test_the_best_is_the_fitness_of_the_best():
    found = filled([lone("a", cells=(0.3, 0.0, 0.0))])
    # no pair right; cells 0.3 of one pair in three: 0.3 / 3 / 3
    assert abs(found.best - 0.3 / 9) < 1e-9
    found.add(lone("b", solved=FIRST, cells=(1.0, 0.0, 0.0)))
    assert abs(found.best - 1 / 3) < 1e-9


def test_a_child_lives_where_its_parent_does():
    found = filled([lone(f"p{number}") for number in range(4)], islands=4)
    homes = {member.candidate.program.id: member.island for member in found.parents(200)}
    assert sorted(homes.values()) == [0, 1, 2, 3]
    for number in range(4):
        found.add(lone(f"c{number}", parents=(f"p{number}",), cells=(0.9, 0.9, 0.9)))
    later = {member.candidate.program.id: member.island for member in found.parents(400)}
    assert all(later[f"c{number}"] == homes[f"p{number}"] for number in range(4))


# Parents. ------------------------------------------------------------------------------------------------------------


def test_nothing_to_breed_from_gives_no_parents():
    assert population().parents(5) == []


def test_every_pair_that_is_solved_has_its_parent_in_every_round():
    found = filled(
        [
            lone("one", solved=FIRST, cells=(1.0, 0.0, 0.0)),
            lone("two", solved=SECOND, cells=(0.0, 1.0, 0.0)),
            *(lone(f"p{number}", cells=(0.9, 0.9, 0.9)) for number in range(30)),
        ],
    )
    for _ in range(20):
        assert chosen(found, 2) == ["one", "two"]
    assert chosen(found, 6)[:2] == ["one", "two"]


def test_a_pairs_parent_outlives_its_cluster():
    # Two pairs right in each of the others: the island has no room for the one that solves the third pair.
    found = filled([lone("rare", solved=(False, False, True), cells=(0.0, 0.0, 1.0))], islands=1, clusters=2)
    for name in ("a", "b"):
        found.add(lone(name, solved=(True, True, False), cells=(1.0, 1.0, 0.0)))
    assert len(found) == 2
    assert set(chosen(found, 2)) == {"a", "rare"}


def test_the_best_program_that_solves_a_pair_stands_for_it():
    found = filled(
        [
            lone("weak", solved=FIRST, cells=(1.0, 0.1, 0.1)),
            lone("strong", solved=FIRST, cells=(1.0, 0.6, 0.6)),
            lone("middle", solved=FIRST, cells=(1.0, 0.3, 0.3)),
        ]
    )
    assert chosen(found, 1) == ["strong"]


def test_one_program_that_solves_all_pairs_takes_one_place():
    found = filled([lone("all", solved=ALL, cells=(1.0,) * 3), *(lone(f"p{number}") for number in range(8))])
    parents = chosen(found, 9)
    assert parents[0] == "all"
    assert len(set(parents[1:4])) > 1


def test_as_many_parents_as_asked_for():
    found = filled([lone("a"), lone("b")])
    assert len(found.parents(7)) == 7


def test_parents_follow_the_seed_and_the_task():
    def choice(seed=0, task=TASK):
        found = population(seed, task)
        for number in range(12):
            found.add(lone(f"p{number}", cells=(number / 20,) * 3))
        return chosen(found, 40)

    assert choice() == choice()
    assert choice() != choice(seed=1)
    assert choice() != choice(task=make_task(("1", "2"), ("3", "4"), ("5", "6"), task_id="u"))


def test_fitter_parents_are_chosen_more_often():
    found = filled([lone("weak", cells=(0.1,) * 3), lone("strong", cells=(0.9,) * 3)], islands=1)
    counts = Counter(chosen(found, 30))
    assert counts["strong"] > counts["weak"]


def test_a_parent_that_was_tried_often_gives_way():
    # Beta(1 + C h, 1 + C (1 - h) + N): with N = 1000 tries the mean of the stronger is below the weaker one's.
    found = filled([lone("weak", cells=(0.1,) * 3), lone("strong", cells=(0.9,) * 3)], islands=1)
    for member in found.parents(50):
        if member.candidate.program.id == "strong":
            member.tries += 1000
    assert Counter(chosen(found, 30)).most_common(1)[0][0] == "weak"


def test_tries_are_counted():
    found = filled([lone("a")])
    assert found.parents(3)[0].tries == 3


def test_a_mate_is_another_member_of_the_same_island():
    found = filled([lone(f"p{number}") for number in range(9)], islands=3)
    for member in found.parents(60):
        mate = found.mate(member)
        assert mate is not member
        assert mate.island == member.island


def test_mates_were_written_for_the_same_view():
    # Symmetry and colours count, the order of the demonstrations does not.
    found = population(islands=1)
    for name, view in (("a", ""), ("b", "rot90|0123456789|0.1"), ("c", "rot90|0123456789|1.0"), ("d", "rot180|0|")):
        one = lone(name)
        found.add(replace(one, program=replace(one.program, view=view)))
    mates = {}
    for member in found.parents(60):
        mate = found.mate(member)
        mates[member.candidate.program.id] = mate and mate.candidate.program.id
    assert mates == {"a": None, "b": "c", "c": "b", "d": None}


def test_who_is_alone_has_no_mate():
    found = filled([lone("a"), lone("b")], islands=2)
    assert [found.mate(member) for member in found.parents(2)] == [None, None]


# Islands that do not get on. -----------------------------------------------------------------------------------------


def two_islands(**settings):
    """A strong island and a weak one of three members."""
    found = population(islands=2, restart_after=3, **settings)
    found.add(lone("strong", cells=(0.9,) * 3))
    found.add(lone("weak", cells=(0.1,) * 3))
    found.add(lone("kid", cells=(0.9, 0.8, 0.9), parents=("strong",)))
    for number in range(2):
        found.add(lone(f"w{number}", cells=(0.05,) * 3, parents=("weak",)))
    return found


def test_an_island_without_progress_starts_again_from_the_best():
    found = two_islands()
    for _ in range(3):
        found.end_round()
    assert {"weak", "w0", "w1"} <= set(chosen(found, 200))
    found.end_round()
    # The weak island is gone; the best of the strong one now lives on both.
    assert len(found) == 3
    homes = {(member.candidate.program.id, member.island) for member in found.parents(200)}
    assert {name for name, _ in homes} == {"strong", "kid"}
    assert len({island for name, island in homes if name == "strong"}) == 2


def test_the_best_island_never_starts_again():
    found = two_islands()
    for _ in range(30):
        found.end_round()
    assert "kid" in chosen(found, 200)


def test_progress_gives_an_island_more_time():
    found = two_islands()
    for number in range(10):
        found.add(lone(f"better{number}", cells=(0.2 + number / 100,) * 3, parents=("weak",)))
        found.end_round()
    assert "weak" in chosen(found, 400)


def test_an_empty_island_is_settled_too():
    found = population(islands=3, restart_after=2)
    found.add(lone("a"))
    for _ in range(3):
        found.end_round()
    assert len(found) == 3
    assert {member.island for member in found.parents(30)} == {0, 1, 2}


def test_an_empty_population_has_nothing_to_start_from():
    found = population(islands=2, restart_after=1)
    for _ in range(5):
        found.end_round()
    assert len(found) == 0


def test_a_program_that_holds_an_answer_is_no_parent():
    found = population()
    assert not found.add(make_candidate("cheat", solved=ALL, literal=True))
    assert found.best == 0.0 and not found.parents(3)


def test_children_go_to_the_island_that_their_parent_was_drawn_from():
    found = two_islands()
    for _ in range(4):
        found.end_round()  # now "strong" lives on both islands
    for number in range(12):
        parent = found.parents(1 + number % 5)[-1]
        name = f"child{number}"
        found.add(lone(name, cells=(0.5 + number / 100,) * 3, parents=(parent.candidate.program.id,)))
        born = [member for member in found.parents(400) if member.candidate.program.id == name]
        assert {member.island for member in born} <= {0, 1}
    assert {m.island for m in found.parents(400) if m.candidate.program.id.startswith("child")} == {0, 1}
