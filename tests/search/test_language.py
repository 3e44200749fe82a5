"""The language model as a proposer, on an engine that remembers what it was asked and answers as a test says."""

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import G, make_outcome, make_task

from arc_submit import config, dsl, views
from arc_submit.errors import EngineError, ExtractError
from arc_submit.prompts import Attempt, Writer
from arc_submit.prompts.compact import rows
from arc_submit.records import Candidate, Completion, Dialect, Grid, Program, Task, View
from arc_submit.sample import Request, request_seed
from arc_submit.search import Population
from arc_submit.search.language import KINDS, Language, program

# Upside down, and every 1 becomes a 7.
TASK = make_task(("12/34", "34/72"), ("516/788", "788/576"), ("1/0", "0/7"), test=("21/03",))
FLIP = "def solve(I):\n    x1 = hmirror(I)\n    return x1\n"
TURN = "def solve(I):\n    x1 = rot90(I)\n    return x1\n"
VIEW = View("rot90", (0, 2, 1, 3, 4, 5, 6, 7, 8, 9), (2, 0, 1))


class FakeEngine:
    """Keeps requests, deadlines and threads of every call; answers each request with `answer(request)`."""

    def __init__(
        self, answer: Callable[[Request], Sequence[str]] = lambda request: [], name: str = "fake", on_cpu: bool = True
    ) -> None:
        self.answer, self.name, self.on_cpu = answer, name, on_cpu
        self.model, self.context, self.produced, self.adapter = "fake", 1000, 0, None
        self.size = 1
        self.calls: list[list[Request]] = []
        self.deadlines: list[float] = []
        self.threads: list[threading.Thread] = []
        self.open = threading.Event()
        self.open.set()
        self.closed = False

    @property
    def asked(self) -> list[Request]:
        return [request for call in self.calls for request in call]

    def count(self, prompt: object) -> int:
        return self.size

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        self.threads.append(threading.current_thread())
        assert self.open.wait(30)
        self.calls.append(list(requests))
        self.deadlines.append(deadline)
        return [[Completion(text, "?", tokens=tuple(map(ord, text))) for text in self.answer(r)] for r in requests]

    def score(self, prompt: object, text: str) -> tuple[float, ...]:
        raise NotImplementedError

    def adapt(self, folder: object) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


def language(engine: FakeEngine, *settings: str, kinds: Sequence[str] = KINDS) -> Language:
    return Language(config.load(settings=["search.proposers=lm", "search.prompts=4", *settings]), engine, kinds)


def population(task: Task = TASK, *programs: Program, solved=(False, False, True)) -> Population:
    """A population of one island that holds these programs; each made a grid of its own of every demonstration."""
    found = Population(task, config.SearchConfig(islands=1), 0)
    for number, one in enumerate(programs):
        outputs = tuple(G(f"{number}{index}/99") for index in range(len(task.train)))
        found.add(Candidate(one, make_outcome(solved, signature=f"s{number}"), (None,), outputs=outputs))
    assert len(found) == len(programs)
    return found


def found_in(view: View, source: str = FLIP) -> Program:
    """A program as the model's answers give it."""
    return program(Completion(source, "fresh"), view)


def kinds_of(engine: FakeEngine) -> list[str]:
    return [request.prompt.kind for request in engine.asked]


def text(request: Request) -> str:
    return request.prompt.messages[0].content


def seeing(request: Request) -> list[str]:
    """The text of a model that solves TASK in every view: the mirror that is right in it, and its colours."""
    seen = views.apply_task(request.prompt.view, TASK)
    one, seven = request.prompt.view.colours[1], request.prompt.view.colours[7]
    for mirror in ("hmirror", "vmirror"):
        made = [dsl.replace(getattr(dsl, mirror)(pair.input), one, seven) for pair in seen.train]
        if made == [pair.output for pair in seen.train]:
            return [f"def solve(I):\n    x1 = {mirror}(I)\n    x2 = replace(x1, {one}, {seven})\n    return x2\n"]
    raise AssertionError(request.prompt.view)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[[Program, Grid], Grid]:
    """Runs a trusted program here, with the DSL under the name that programs import."""
    monkeypatch.setitem(sys.modules, "arc_dsl", dsl)

    def run(one: Program, grid: Grid) -> Grid:
        names: dict = {}
        exec(one.source, names)
        return names[one.entry](grid)

    return run


# Fresh. --------------------------------------------------------------------------------------------------------------


def test_fresh_prompts_show_views_and_the_first_shows_the_task_as_it_stands():
    engine = FakeEngine()
    proposer, found = language(engine, "search.prompts=6", kinds=("fresh",)), population()
    proposer.propose([found], 1e9)
    proposer.propose([found], 1e9)
    shown = [request.prompt.view for request in engine.asked]
    assert shown[0] == View()
    assert len(shown) == len(set(shown)) == 12
    writer = Writer(config.load(settings=["search.proposers=lm"]).prompts)
    assert [request.prompt for request in engine.asked] == [writer.fresh(TASK, view) for view in shown]


def test_a_program_for_a_view_is_right_on_original_grids(call):
    engine = FakeEngine(seeing)
    ((*found,),) = language(engine, "search.prompts=24", kinds=("fresh",)).propose([population()], 1e9)
    assert len(found) == 24
    assert {request.prompt.view.symmetry for request in engine.asked} >= {"rot90", "hmirror", "dmirror"}
    for one, request in zip(found, engine.asked, strict=True):
        assert views.unwrap(one)[1] == request.prompt.view
        assert [call(one, pair.input) for pair in TASK.train] == [pair.output for pair in TASK.train]
        assert call(one, TASK.test[0]) == G("03/27")


def test_every_prompt_is_answered_as_often_as_the_settings_say():
    engine = FakeEngine(lambda request: [FLIP] * request.n)
    ((*found,),) = language(engine, "search.prompts=3", "search.samples=5").propose([population()], 1e9)
    assert [request.n for request in engine.asked] == [5, 5, 5]
    assert len(found) == 15


# Edits. --------------------------------------------------------------------------------------------------------------


def test_an_edit_shows_the_parents_code_and_outputs_in_the_view_it_was_found_in():
    parent = found_in(VIEW)
    engine = FakeEngine()
    language(engine, "search.prompts=1", "prompts.grids=true", kinds=("edit",)).propose([population(TASK, parent)], 1e9)
    (request,) = engine.asked
    assert (request.prompt.kind, request.prompt.view, request.prompt.parents) == ("edit", VIEW, (parent.id,))
    assert "x1 = hmirror(I)" in text(request) and "Found in the view" not in text(request)
    # The view shows demonstrations 2, 0, 1; only the third is right, so its output is not shown.
    made = [rows(views.apply(VIEW, grid)) for grid in (G("00/99"), G("01/99"))]
    assert [part.split("\nin\n")[0].split("\ntest\n")[0] + "\n" for part in text(request).split("made\n")[1:]] == made
    assert "right-1 wrong-2" in text(request)


def test_the_attempt_of_an_edit_stands_in_the_views_order():
    parent, engine = found_in(VIEW), FakeEngine()
    proposer = language(engine, "search.prompts=1", kinds=("edit",))
    proposer.propose([population(TASK, parent)], 1e9)
    outputs = tuple(views.apply(VIEW, G(spelled)) for spelled in ("02/99", "00/99", "01/99"))
    attempt = Attempt(parent.id, views.unwrap(parent)[0], outputs, (True, False, False))
    writer = Writer(config.load(settings=["search.proposers=lm"]).prompts)
    assert engine.asked[0].prompt == writer.edit(TASK, attempt, VIEW)


def test_a_demonstration_without_an_output_is_shown_as_failed():
    found, parent = population(), found_in(VIEW)
    outcome = make_outcome((False, False, False), cells=(0.9, 0.9, 0.9))
    found.add(Candidate(parent, outcome, (None,), outputs=(G("1"), None, G("2"))))
    engine = FakeEngine()
    language(engine, "search.prompts=1", kinds=("edit",)).propose([found], 1e9)
    assert "right-0 wrong-3 failed" in text(engine.asked[0])


def test_an_answer_to_an_edit_runs_on_original_grids_and_names_its_parent(call):
    parent = found_in(VIEW)
    engine = FakeEngine(seeing)
    proposer = language(engine, "search.prompts=1", kinds=("edit",))
    ((child,),) = proposer.propose([population(TASK, parent)], 1e9)
    assert (child.proposer, child.parents, child.view) == ("edit", (parent.id,), views.key(VIEW))
    assert call(child, TASK.test[0]) == G("03/27")


def test_without_a_parent_an_edit_is_replaced_by_a_fresh_prompt_and_so_is_what_it_writes():
    engine = FakeEngine(lambda request: [FLIP])
    ((*found,),) = language(engine, "search.prompts=5").propose([population()], 1e9)
    assert kinds_of(engine) == ["fresh"] * 5
    assert {one.proposer for one in found} == {"fresh"}
    assert [request.prompt.view == View() for request in engine.asked] == [True, False, False, False, False]


def test_without_a_parent_and_without_fresh_prompts_nothing_is_asked_and_nothing_is_left():
    engine = FakeEngine()
    proposer, empty, full = language(engine, kinds=("edit",)), population(), population(TASK, found_in(View()))
    assert not proposer.exhausted(empty)
    assert proposer.propose([empty], 1e9) == [[]]
    assert engine.asked == []
    assert proposer.exhausted(empty)
    assert not proposer.exhausted(full)
    proposer.propose([full], 1e9)
    assert len(engine.asked) == 4 and not proposer.exhausted(empty)


# Two parents. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [View(), VIEW])
def test_two_parents_of_one_view_are_recombined_in_it(view):
    one, other = found_in(view), found_in(view, TURN)
    engine = FakeEngine(lambda request: [FLIP.replace("hmirror", "vmirror")])
    proposer = language(engine, "search.prompts=2", kinds=("recombine",))
    ((*children,),) = proposer.propose([population(TASK, one, other)], 1e9)
    assert kinds_of(engine) == ["crossover"] * 2
    for request, child in zip(engine.asked, children, strict=True):
        assert request.prompt.view == view
        assert set(request.prompt.parents) == set(child.parents) == {one.id, other.id}
        assert "x1 = hmirror(I)" in text(request) and "x1 = rot90(I)" in text(request)
        assert child.proposer == "recombine"


def test_parents_of_two_views_are_not_recombined():
    engine = FakeEngine()
    crossed = population(TASK, found_in(VIEW), found_in(View(), TURN))
    language(engine, "search.prompts=5", kinds=("recombine",)).propose([crossed], 1e9)
    assert engine.asked == []
    language(engine, "search.prompts=5", kinds=("fresh", "recombine")).propose([crossed], 1e9)
    assert kinds_of(engine) == ["fresh"] * 5


def test_recombined_parents_stand_in_the_first_ones_order():
    # Same symmetry and colours, other orders: one text, one order of the demonstrations.
    engine = FakeEngine()
    other = found_in(replace(VIEW, order=(0, 1, 2)), TURN)
    proposer = language(engine, "search.prompts=1", kinds=("recombine",))
    proposer.propose([population(TASK, found_in(VIEW), other)], 1e9)
    (request,) = engine.asked
    assert set(request.prompt.parents) >= {other.id}
    assert request.prompt.view in (VIEW, replace(VIEW, order=(0, 1, 2)))
    assert text(request).count(" right-1 wrong-2\n") == 2


# Restart. ------------------------------------------------------------------------------------------------------------


def test_a_restart_is_asked_only_once_nothing_got_better_for_a_while():
    engine, found = FakeEngine(lambda request: [TURN]), population(TASK, found_in(View()))
    proposer = language(engine, "search.restart_prompt_after=3", "search.prompts=1", kinds=("restart",))
    asked = []
    for _ in range(5):
        programs = proposer.propose([found], 1e9)[0]
        asked.append(len(programs))
        found.end_round()  # the first of them is the one in which the program came
    assert asked == [0, 0, 0, 0, 1]
    assert engine.asked[0].prompt.kind == "restart" and "x1 = hmirror(I)" in text(engine.asked[0])
    assert (programs[0].proposer, programs[0].parents) == ("restart", ())


def test_a_restart_shows_only_programs_written_for_the_task_as_it_stands():
    engine, found = FakeEngine(), population(TASK, found_in(VIEW), found_in(View(), TURN))
    found.stale = 99
    language(engine, "search.prompts=1", kinds=("restart",)).propose([found], 1e9)
    assert engine.asked[0].prompt.view == View()
    assert "rot90" in text(engine.asked[0]) and "hmirror" not in text(engine.asked[0])


# Answers. ------------------------------------------------------------------------------------------------------------


def test_text_without_a_program_is_counted_by_reason_and_tokens_are_counted_anyway():
    engine, found = FakeEngine(lambda request: ["", FLIP, "x = 1\n"]), population()
    ((*programs,),) = language(engine, "search.prompts=2", kinds=("fresh",)).propose([found], 1e9)
    assert len(programs) == 2
    assert sum(found.unusable.values()) == 4 and len(found.unusable) == 2
    assert found.tokens == 2 * (len(FLIP) + len("x = 1\n"))


def test_the_import_is_added_where_it_is_missing():
    bare = program(Completion(FLIP, "fresh", ("p",)), View())
    assert bare.source == f"from arc_dsl import *\n\n\n{FLIP}"
    assert (bare.proposer, bare.parents, bare.view) == ("fresh", ("p",), "")
    assert program(Completion(bare.source, "fresh"), View()).source == bare.source


def test_numpy_programs_get_no_import():
    source = "import numpy as np\n\ndef transform(grid):\n    return np.flipud(grid)\n"
    made = program(Completion(source, "fresh"), VIEW)
    assert made.dialect is Dialect.TRANSFORM and "arc_dsl" not in made.source


def test_text_without_a_program_is_no_program():
    with pytest.raises(ExtractError):
        program(Completion("no idea", "fresh"), View())


# Rounds. -------------------------------------------------------------------------------------------------------------


def test_all_tasks_of_a_round_go_to_the_engine_in_one_call_with_its_deadline():
    engine = FakeEngine(lambda request: [FLIP.replace("hmirror", request.prompt.task_id)])
    tasks = [population(make_task(task_id=name)) for name in ("a", "b", "c")]
    proposer = language(engine, "search.prompts=2")
    found = proposer.propose(tasks, 7.5)
    assert [[request.prompt.task_id for request in call] for call in engine.calls] == [["a", "a", "b", "b", "c", "c"]]
    assert [{one.source.split("= ")[1][0] for one in own} for own in found] == [{"a"}, {"b"}, {"c"}]
    assert engine.deadlines == [7.5]
    proposer.propose(tasks[1:], 9.0)
    assert len(engine.calls) == 2 and engine.deadlines == [7.5, 9.0]


def test_start_on_the_same_cpu_waits_for_propose():
    engine, found = FakeEngine(lambda request: [FLIP]), [population()]
    proposer = language(engine, "search.prompts=3")
    proposer.start(found, 1e9)
    assert engine.calls == []
    assert len(proposer.propose(found, 1e9)[0]) == 3
    assert len(engine.calls) == 1 and engine.threads == [threading.current_thread()]


@pytest.mark.parametrize(("on_cpu", "overlap"), [(False, "auto"), (True, "true")])
def test_an_engine_apart_decodes_in_a_thread_while_others_propose(on_cpu, overlap):
    engine, found = FakeEngine(lambda request: [FLIP], on_cpu=on_cpu), [population()]
    proposer = language(engine, f"search.overlap={overlap}", "search.prompts=3")
    engine.open.clear()
    proposer.start(found, 4.0)  # comes back though the engine is still busy
    assert engine.calls == []
    engine.open.set()
    assert len(proposer.propose(found, 4.0)[0]) == 3
    assert len(engine.calls) == 1 and engine.deadlines == [4.0]
    assert engine.threads[0] is not threading.current_thread()
    assert len(proposer.propose(found, 5.0)[0]) == 3, "a round that was not started is started by propose"
    proposer.close()
    assert engine.closed


def test_an_engine_apart_can_be_waited_for():
    engine, found = FakeEngine(lambda request: [FLIP], on_cpu=False), [population()]
    language(engine, "search.overlap=false").start(found, 1e9)
    assert engine.calls == []


@pytest.mark.parametrize("on_cpu", [True, False])
def test_an_engine_that_dies_is_heard_of(on_cpu):
    def die(request: Request) -> Sequence[str]:
        raise EngineError("dead")

    proposer = language(FakeEngine(die, on_cpu=on_cpu))
    with pytest.raises(EngineError, match="dead"):
        proposer.propose([population()], 1e9)
    proposer.close()


def test_seeds_differ_within_and_between_rounds_and_tasks_and_repeat():
    def two_rounds() -> list[int]:
        engine, tasks = FakeEngine(), [population(make_task(task_id=name)) for name in ("a", "b")]
        proposer = language(engine, "seed=5")
        proposer.propose(tasks, 1e9)
        proposer.propose(tasks, 1e9)
        return [request.seed for request in engine.asked]

    seeds = two_rounds()
    assert len(set(seeds)) == len(seeds) == 16
    assert seeds == two_rounds()
    assert seeds[:4] == [request_seed(5, "a", 0, index) for index in range(4)]
    assert seeds[-1] == request_seed(5, "b", 1, 3)


def test_prompts_repeat():
    def rounds() -> list[Request]:
        engine, found = FakeEngine(), population(TASK, found_in(VIEW), found_in(VIEW, TURN), found_in(View()))
        proposer = language(engine)
        for _ in range(4):
            proposer.propose([found], 1e9)
            proposer.credit(TASK.id, "edit", 0.5)
            found.end_round()
        return engine.asked

    assert rounds() == rounds()


def test_a_kind_that_paid_off_is_asked_more_often():
    engine, found = FakeEngine(), population(TASK, found_in(View()))
    proposer = language(engine, "search.prompts=50", kinds=("fresh", "edit"))
    proposer.credit(TASK.id, "edit", 1.0)  # no round yet: nothing to credit
    proposer.propose([found], 1e9)
    before = kinds_of(engine).count("edit")
    for worth in (1.0, 0.0, 1.0):
        proposer.credit(TASK.id, "edit", worth)
        proposer.credit(TASK.id, "enumerate", 3.0)  # not its own
    proposer.propose([found], 1e9)
    assert kinds_of(engine)[50:].count("edit") > before + 10
    # 0.1 is the floor of `fresh`: about five of fifty
    assert 1 <= kinds_of(engine)[50:].count("fresh") <= 12


def test_a_task_that_is_over_is_forgotten():
    engine = FakeEngine()
    proposer = language(engine)
    proposer.propose([population()], 1e9)
    proposer.release(TASK.id)
    proposer.propose([population()], 1e9)
    assert engine.calls[0] == engine.calls[1]


# Prompts that are too long. ------------------------------------------------------------------------------------------


def test_a_prompt_that_is_too_long_is_counted_and_replaced():
    long = "def solve(I):\n" + "".join(f"    x{n} = hmirror(I)\n" for n in range(40)) + "    return x1\n"
    engine, found = FakeEngine(), population(TASK, found_in(View(), long))
    settings = ("prompts.tokens=64", "prompts.facts=false", "search.prompts=8")
    language(engine, *settings, kinds=("fresh", "edit")).propose([found], 1e9)
    assert kinds_of(engine) == ["fresh"] * 8
    counted = found.unusable["no prompt: edit would be longer than prompts.tokens"]
    assert 1 <= counted == found.unusable.total() <= 8


def test_a_task_too_long_for_any_prompt_costs_only_itself():
    engine, found = FakeEngine(), [population(), population(make_task(task_id="u"))]
    # A chat prompt's words alone are more than 32 tokens.
    proposer = language(engine, "prompts.style=chat", "prompts.tokens=32", "search.prompts=4")
    assert proposer.propose(found, 1e9) == [[], []]
    assert engine.calls == []
    assert found[0].unusable["no prompt: fresh would be longer than prompts.tokens"] == 4
    assert proposer.exhausted(found[0])


def test_a_prompt_without_room_for_an_answer_never_reaches_the_engine():
    engine, found = FakeEngine(), population()
    engine.size = engine.context
    assert language(engine, kinds=("fresh",)).propose([found], 1e9) == [[]]
    assert engine.calls == []
    assert found.unusable == {"no prompt: fresh would be longer than the model's context": 4}


def test_a_round_without_prompts_is_tried_once():
    engine = FakeEngine()
    engine.size = engine.context
    proposer, found = language(engine, kinds=("fresh",)), population()
    proposer.start([found], 1e9)
    assert proposer.propose([found], 1e9) == [[]]
    assert sum(found.unusable.values()) == 4


def test_a_servers_guess_at_the_length_refuses_nothing():
    engine = FakeEngine(name="openai")
    engine.size = engine.context
    proposer = language(engine, kinds=("fresh",))
    proposer.propose([population()], 1e9)
    assert len(engine.asked) == 4
    proposer.close()


# Learning. -----------------------------------------------------------------------------------------------------------


class Wearing(FakeEngine):
    """Remembers under which adapter each prompt was sampled."""

    def __init__(self, answer: Callable[[Request], Sequence[str]] = lambda request: [FLIP]) -> None:
        super().__init__(answer)
        self.under: list[tuple[str, object]] = []

    def adapt(self, folder: object) -> None:
        self.adapter = folder  # type: ignore[assignment]

    def sample(self, requests: Sequence[Request], deadline: float) -> list[list[Completion]]:
        self.under += [(request.prompt.task_id, self.adapter) for request in requests]
        return super().sample(requests, deadline)


def test_each_tasks_prompts_are_sampled_under_its_adapter_and_answers_keep_their_places():
    others = [replace(TASK, id=name) for name in ("a", "b", "c")]
    engine = Wearing(lambda request: [f"{FLIP}# {request.prompt.task_id}"])
    proposer = language(engine, kinds=("fresh",))
    proposer.adapters = {"a": Path("one"), "c": Path("one")}
    found = proposer.propose([population(task) for task in others], 1e9)
    assert set(engine.under) == {("a", Path("one")), ("b", None), ("c", Path("one"))}
    assert len(engine.calls) == 2
    for task, programs in zip(others, found, strict=True):
        assert all(f"# {task.id}" in one.source for one in programs)


def test_what_the_engine_began_with_is_put_on_again_for_tasks_without_an_adapter():
    engine = Wearing()
    engine.adapter = Path("shipped")  # type: ignore[assignment]
    proposer = language(engine, kinds=("fresh",))
    proposer.adapters = {"t": Path("own")}
    proposer.propose([population()], 1e9)
    proposer.adapters = {}
    proposer.propose([population()], 1e9)
    assert {adapter for _, adapter in engine.under[:4]} == {Path("own")}
    assert {adapter for _, adapter in engine.under[4:]} == {Path("shipped")}


@pytest.mark.parametrize(("mode", "hides"), [("none", False), ("hindsight", False), ("grpo", True), ("both", True)])
def test_fresh_prompts_leave_a_demonstration_out_where_rewards_are_learnt_from(mode, hides):
    engine = Wearing()
    proposer = language(engine, f"adapt.mode={mode}", "adapt.leave_out=1.0", "search.prompts=6", kinds=("fresh",))
    proposer.propose([population()], 1e9)
    hidden = [views.left_out(request.prompt.view, 3) for request in engine.asked]
    assert hidden[0] == []  # the task as it stands
    assert all(len(indices) == hides for indices in hidden[1:])


def test_a_program_found_with_a_demonstration_left_out_is_edited_with_all_of_them():
    engine = Wearing()
    proposer = language(engine, "adapt.mode=grpo", "adapt.leave_out=1.0", "search.prompts=9", kinds=("fresh",))
    ((*found,),) = proposer.propose([population()], 1e9)
    assert all(not views.unwrap(one)[1].order for one in found[1:])


def test_a_task_with_one_demonstration_shows_it():
    task = replace(TASK, train=TASK.train[:1])
    engine = Wearing()
    proposer = language(engine, "adapt.mode=grpo", "adapt.leave_out=1.0", kinds=("fresh",))
    proposer.propose([population(task)], 1e9)
    assert all(views.left_out(request.prompt.view, 1) == [] for request in engine.asked)


def test_what_was_sampled_is_kept_until_it_is_heard_and_only_where_something_learns():
    engine = Wearing(lambda request: [FLIP, "no program"])
    proposer = language(engine, "adapt.mode=hindsight", "search.prompts=2", kinds=("fresh",))
    ((*found,),) = proposer.propose([population()], 1e9)
    said = proposer.sampled("t")
    assert [one.prompt for one in said] == [request.prompt for request in engine.asked]
    assert [program for one in said for program in one.programs] == [found[0].id, None, found[1].id, None]
    assert proposer.sampled("t") == []
    silent = language(Wearing(), "search.prompts=2", kinds=("fresh",))
    silent.propose([population()], 1e9)
    assert silent.sampled("t") == []
