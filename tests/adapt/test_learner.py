"""The loop of learning, on a real engine with a random model: when it learns, what trips it, and the way back."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import G, make_outcome, make_program, make_task
from sample.tiny import tiny_model

from arc_submit import config
from arc_submit.adapt.learner import Learner, Sampled, group, known, probe
from arc_submit.adapt.records import Example, Move
from arc_submit.prompts import Writer
from arc_submit.records import Candidate, Completion, Program, Prompt, Task, View
from arc_submit.search import Hunt, Population

TASK = make_task(("12/34", "34/12"), ("56/78", "78/56"), ("10/20", "20/10"))
OTHER = replace(TASK, id="other")
WRITER = Writer(config.PromptsConfig(grids=False))
FRESH = WRITER.fresh(TASK)
HIDING = WRITER.fresh(TASK, View(order=(2, 0)))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    from arc_submit.sample.hf import HfEngine

    folder = tiny_model(tmp_path_factory.mktemp("model") / "tiny")
    made = HfEngine(config.SampleConfig(model=str(folder), context=2048))
    yield made
    made.close()


@pytest.fixture(autouse=True)
def bare(engine: Any) -> Iterator[None]:
    yield
    engine.adapt(None)


class Told:
    """Stands where the language proposer does: hands out what a test says was sampled."""

    def __init__(self) -> None:
        self.adapters: dict[str, Path] = {}
        self._said: dict[str, list[Sampled]] = {}

    def say(self, task: Task, *sampled: Sampled) -> None:
        self._said[task.id] = list(sampled)

    def sampled(self, task_id: str) -> list[Sampled]:
        return self._said.pop(task_id, [])


class School:
    """A learner, and what it needs around it."""

    def __init__(self, engine: Any, *settings: str, tasks: Sequence[Task] = (TASK,), now: Any = None) -> None:
        import time

        base = (
            "prompts.grids=false",
            "adapt.mode=both",
            "adapt.answers=8",
            "adapt.rank=2",
            "adapt.rate=0.001",
            "adapt.policy_rate=0.001",
            "adapt.most_kl=1e9",
        )
        self.config = config.load("laptop", [*base, "adapt.share=1.0", *settings])
        self.told = Told()
        self.learner = Learner(self.config, self.told, engine, now or time.monotonic)  # type: ignore[arg-type]
        self.hunts = {task.id: Hunt(task, self.config, Population(task, self.config.search, 0)) for task in tasks}
        self.events: list[dict[str, Any]] = []

    def round(self, *said: tuple[Task, Sequence[Candidate], Sequence[Sampled]], until: float = math.inf) -> list[str]:
        """One round; returns the verdicts it came to."""
        before = len(self.events)
        for task, candidates, sampled in said:
            hunt = self.hunts[task.id]
            hunt.absorb(candidates)
            self.told.say(task, *sampled)
            self.learner.hear(hunt, candidates)
        self.learner.learn([self.hunts[task.id] for task, *_ in said], until, self.events.append)
        return [event["verdict"] for event in self.events[before:] if event["event"] == "adapt"]

    @property
    def last(self) -> dict[str, Any]:
        return next(event for event in reversed(self.events) if event["event"] == "adapt")


def candidate(body: str, outputs: Sequence[str | None], solved: Sequence[bool], **extra: Any) -> Candidate:
    """A judged program; reward is the share of pairs solved."""
    made = tuple(None if text is None else G(text) for text in outputs)
    return Candidate(make_program(body), make_outcome(solved, signature=body), (None,), outputs=made, **extra)


PARTLY = candidate("hmirror(I)", ("34/12", "11/11", "22/22"), (True, False, False))
WRONG = candidate("vmirror(I)", ("21/43", "65/87", "01/02"), (False, False, False))
RIGHT = candidate("rot90(I)", ("34/12", "78/56", "20/10"), (True, True, True))


def sampled(prompt: Prompt, *programs: Program | None, finish: str = "stop", text: str = "abc") -> Sampled:
    """Answers with these programs in them; each says another text of 4 tokens."""
    completions = [
        Completion(
            text, "fresh", tokens=(*map(ord, f"{text[:2]}{number % 10}"), 258), logprobs=(-1.0,) * 4, finish=finish
        )
        for number in range(len(programs))
    ]
    return Sampled(prompt, tuple(completions), tuple(None if one is None else one.id for one in programs))


def mixed(prompt: Prompt = FRESH, times: int = 8) -> Sampled:
    return sampled(prompt, *(PARTLY.program, WRONG.program) * times)


def start(school: School) -> list[str]:
    """A round that gives every reason to learn."""
    return school.round((TASK, [PARTLY, WRONG], [mixed()]))


def test_a_round_with_a_whole_pair_right_is_learnt_from_and_the_engine_samples_from_it(engine):
    school = School(engine)
    assert start(school) == ["learned"]
    event = school.last
    assert event["update"] == 1 and event["steps"] >= 2 and event["lessons"] == 2 and event["groups"] == 1
    assert event["drift"] > 0.0 and event["seconds"]["train"] > 0.0
    assert school.told.adapters[TASK.id] == engine.adapter
    assert (engine.adapter / "adapter_model.safetensors").is_file()


def test_the_round_that_was_heard_is_told_with_its_adapter(engine):
    school = School(engine)
    start(school)
    school.round((TASK, [], [mixed()]))
    told = [
        (event["adapter"], event["answers"], event["valid"]) for event in school.events if event["event"] == "signs"
    ]
    assert told == [(0, 16, 1.0), (1, 16, 1.0)]


def test_nothing_is_learnt_before_there_are_answers_enough(engine):
    school = School(engine, "adapt.answers=32")
    assert start(school) == []
    assert start(school) == ["learned"]


@pytest.mark.parametrize(
    ("candidates", "settings", "verdicts"),
    [
        ([WRONG], (), []),  # no whole pair: nothing above it can be learnt
        ([WRONG, PARTLY], (), ["learned"]),
        ([WRONG, PARTLY, RIGHT], (), []),  # solved
        ([WRONG], ("adapt.when=open", "adapt.mode=hindsight"), ["learned"]),
        ([RIGHT], ("adapt.when=open",), []),
    ],
)
def test_it_learns_only_where_something_is_to_be_had(engine, candidates, settings, verdicts):
    school = School(engine, *settings)
    assert school.round((TASK, candidates, [mixed()])) == verdicts


def test_answers_that_are_all_worth_the_same_teach_nothing_and_it_is_said(engine):
    school = School(engine, "adapt.mode=grpo")
    assert school.round((TASK, [PARTLY], [sampled(FRESH, *[PARTLY.program] * 8)])) == ["skipped"]
    assert school.last["why"] == "all answers to a prompt are worth the same"
    assert TASK.id not in school.told.adapters


def test_unscored_answers_take_no_part(engine):
    lost = replace(WRONG, outcome=make_outcome((False,) * 3, scored=False))
    school = School(engine, "adapt.mode=grpo")
    assert school.round((TASK, [PARTLY, lost], [mixed()])) == ["skipped"]  # the scored ones are all alike


def test_a_collapsed_round_brings_the_last_good_adapter_back_and_ends_learning(engine):
    school = School(engine, "adapt.updates=9")
    start(school)
    assert start(school) == ["learned"]  # the first version's samples were sound: it is the good one now
    good = sorted(path for path in school.told.adapters[TASK.id].parent.iterdir())
    assert len(good) == 2
    collapsed = sampled(FRESH, *[None] * 16)
    assert school.round((TASK, [], [collapsed])) == ["rolled back"]
    assert "valid programs fell from 1.00 to 0.00" in school.last["why"]
    assert school.told.adapters[TASK.id].name.endswith("-0-1")
    assert start(school) == []  # over


def test_without_a_good_version_the_start_comes_back(engine):
    school = School(engine)
    start(school)
    assert school.round((TASK, [], [sampled(FRESH, *[None] * 16)])) == ["rolled back"]
    assert school.told.adapters == {}


def test_an_adapter_that_went_too_far_is_never_sampled_from(engine):
    school = School(engine, "adapt.rate=3.0", "adapt.policy_rate=3.0")
    assert start(school) == ["rolled back"]
    assert "log-probabilities moved by" in school.last["why"] or "not finite" in school.last["why"]
    assert school.told.adapters == {}


def test_an_adapter_whose_own_answers_left_the_start_behind_comes_off(engine):
    school = School(engine, "adapt.most_kl=1.0")
    start(school)
    far = mixed()  # sampled with a log-probability of nearly 0, where the start gives some -5 nats
    far = replace(far, completions=tuple(replace(one, logprobs=(-1e-6,) * 4) for one in far.completions))
    assert school.round((TASK, [], [far])) == ["rolled back"]
    assert "divergence from the start rose" in school.last["why"]
    assert school.told.adapters == {}


def test_an_update_without_a_step_leaves_the_adapter_in_use(engine, monkeypatch):
    from arc_submit.adapt.records import Learnt
    from arc_submit.adapt.step import Trainer

    school = School(engine)
    start(school)
    worn = school.told.adapters[TASK.id]
    monkeypatch.setattr(Trainer, "teach", lambda *_: Learnt(why="deadline"))
    monkeypatch.setattr(Trainer, "reinforce", lambda *_: Learnt(why="deadline"))
    assert school.round((TASK, [], [mixed(times=4)])) == ["skipped"]
    assert school.told.adapters[TASK.id] == worn and worn.is_dir()


def test_lessons_that_there_was_no_time_for_come_again(engine, monkeypatch):
    from arc_submit.adapt.step import Trainer

    school = School(engine, "adapt.mode=hindsight")
    monkeypatch.setattr(Trainer, "fitting", lambda self, examples, seconds: examples[-1:])
    lessons = []
    for candidates in ([PARTLY, WRONG], [], []):
        school.round((TASK, candidates, [mixed()]))
        lessons.append(school.last["lessons"])
    assert lessons == [2, 1, 0]  # the weaker one waits for the second update; then there is none
    assert school.last["verdict"] == "skipped"


def test_rounds_of_edits_alone_tell_the_guard_nothing(engine):
    school = School(engine, "adapt.answers=9999")
    prompt = replace(FRESH, kind="edit", parents=(PARTLY.program.id,))
    start(school)
    before = school.learner._course(TASK.id).guard.baseline
    school.round((TASK, [], [sampled(prompt, *[None] * 64)]))
    assert school.learner._course(TASK.id).guard.baseline == before


def test_a_disk_that_is_full_ends_learning_and_nothing_else(engine, monkeypatch):
    from safetensors import SafetensorError

    from arc_submit.adapt import lora

    def full(*_):
        raise SafetensorError("I/O error: No space left on device")

    school = School(engine)
    monkeypatch.setattr(lora, "save_file", full)
    assert start(school) == ["stopped"]
    assert "No space left" in school.last["why"] and school.told.adapters == {}


def test_tasks_with_names_alike_have_folders_of_their_own(engine):
    one, other = replace(TASK, id="a-b"), replace(TASK, id="a/b")
    school = School(engine, tasks=(one, other))
    school.round((one, [PARTLY, WRONG], [mixed()]), (other, [PARTLY, WRONG], [mixed()]))
    assert school.told.adapters["a-b"] != school.told.adapters["a/b"]


def test_time_spent_on_a_tasks_adapter_is_its_own(engine):
    school = School(engine, tasks=(TASK, OTHER))
    school.round((TASK, [PARTLY, WRONG], [mixed()]), (OTHER, [WRONG], [mixed()]))
    spent = [school.hunts[task.id].seconds["adapt"] for task in (TASK, OTHER)]
    assert spent[0] > 10 * spent[1]


def test_an_adapter_that_did_not_reach_the_engine_is_noticed(engine, monkeypatch):
    school = School(engine)
    monkeypatch.setattr(type(engine), "adapt", lambda self, folder: None)
    assert start(school) == ["stopped"]
    assert "did not reach the engine" in school.last["why"]
    assert school.told.adapters == {}


def test_the_probe_tells_old_weights_from_new(engine):
    example = Example(tuple(b"abc"), tuple(b"def"))
    real = engine.score_ids(example.prompt, example.answer)
    moved = tuple(value + 0.5 for value in real)
    assert probe(engine, [Move(example, now=real, start=moved)]) == ""
    assert "did not reach" in probe(engine, [Move(example, now=moved, start=real)])


def test_a_folder_that_cannot_be_written_ends_learning_and_nothing_else(engine, tmp_path):
    file = tmp_path / "taken"
    file.write_text("")
    school = School(engine, f"adapt.folder={file}")
    assert start(school) == ["stopped"]
    assert str(file) in school.last["why"]
    assert start(school) == [] and school.told.adapters == {}


def test_a_loss_that_is_not_finite_ends_learning(engine):
    school = School(engine, "adapt.mode=grpo")
    odd = mixed()
    odd = replace(odd, completions=tuple(replace(one, logprobs=(math.nan,) * 4) for one in odd.completions))
    assert school.round((TASK, [PARTLY, WRONG], [odd])) == ["stopped"]
    assert school.last["why"].startswith("not finite")
    assert school.told.adapters == {}


def test_no_update_is_begun_when_the_time_is_over(engine):
    school = School(engine, now=lambda: 100.0)
    assert school.round((TASK, [PARTLY, WRONG], [mixed()]), until=100.0) == []


def test_a_deadline_cuts_an_update_short_and_what_was_learnt_counts(engine):
    ticks = iter(range(10_000))
    school = School(engine, "adapt.mode=grpo", "adapt.batch=2", "adapt.most_drift=1e9", now=lambda: next(ticks) / 10)
    verdicts = school.round((TASK, [PARTLY, WRONG], [mixed(times=32)]), until=4.0)
    assert verdicts == ["learned"]
    assert school.last["why"] == "deadline" and 1 <= school.last["steps"] < 32


def test_learning_keeps_to_its_share_of_the_time(engine):
    school = School(engine, "adapt.share=0.25")
    hunt = school.hunts[TASK.id]
    hunt.charge("propose:lm", 9.0)
    # 0.25 of the time in all: 3 s beside 9 s; none is left once they are used
    assert school.learner._allowance([hunt]) == pytest.approx(3.0)
    hunt.charge("adapt", 3.0)
    assert school.learner._allowance([hunt]) == pytest.approx(0.0)


def test_it_is_said_when_all_updates_are_made(engine):
    school = School(engine, "adapt.updates=1")
    start(school)
    assert start(school) == ["stopped"]
    assert school.last["why"] == "all 1 updates are made"
    assert school.told.adapters[TASK.id].name.endswith("-0-1")  # still in use


def test_one_demonstration_is_said(engine):
    task = make_task(("12/34", "34/12"))
    right = candidate("hmirror(I)", ("34/12",), (False,))
    other = candidate("vmirror(I)", ("21/43",), (False,))
    school = School(engine, "adapt.when=open", "adapt.answers=2", tasks=(task,))
    prompt = WRITER.fresh(task)
    school.round((task, [right, other], [sampled(prompt, right.program, other.program)]))
    assert school.last["reduced"] == "one demonstration: none can be left out"


def test_tasks_of_a_cohort_share_an_adapter_when_asked(engine):
    school = School(engine, "adapt.scope=cohort", tasks=(TASK, OTHER))
    said = [(TASK, [PARTLY, WRONG], [mixed()]), (OTHER, [PARTLY, WRONG], [mixed()])]
    assert school.round(*said) == ["learned", "learned"]
    assert school.told.adapters[TASK.id] == school.told.adapters[OTHER.id]


def test_tasks_take_turns_in_the_one_adapter(engine):
    school = School(engine, tasks=(TASK, OTHER))
    school.round((TASK, [PARTLY, WRONG], [mixed()]))
    mine = school.told.adapters[TASK.id]
    school.round((OTHER, [PARTLY, WRONG], [mixed()]))
    before = (mine / "adapter_model.safetensors").read_bytes()
    assert school.told.adapters[OTHER.id] != mine
    went_from = school.learner._courses[TASK.id].states[1]
    school.round((TASK, [], [mixed()]))
    assert school.told.adapters[TASK.id].name == "t-0-2"
    assert (mine / "adapter_model.safetensors").read_bytes() == before
    lora = school.learner._lora
    apart = [float((lora.snapshot()[name][1] - high).abs().max()) for name, (_, high) in went_from.items()]
    assert 0.0 < max(apart) < 0.05  # a few steps from its own first version, not from the other task's


def test_a_finished_task_leaves_no_folder_behind(engine):
    school = School(engine)
    start(school)
    folder = school.told.adapters[TASK.id]
    school.learner.release(TASK.id)
    assert not folder.exists() and school.told.adapters == {}
    school.learner.close()
    assert not folder.parent.exists()


# What answers are worth. ---------------------------------------------------------------------------------------------


def test_an_edit_is_worth_what_it_adds_to_its_parent():
    judged = {one.program.id: known(TASK, one) for one in (PARTLY, WRONG)}
    prompt = replace(FRESH, kind="edit", parents=(PARTLY.program.id,))
    found = group(TASK, sampled(prompt, WRONG.program, PARTLY.program, None), judged)
    # parent 1/3: child 0 - 1/3, the parent again 0, no program 0 - 1/3
    assert [answer.reward for answer in found.answers] == pytest.approx([-1 / 3, 0.0, -1 / 3])


def test_a_pair_that_the_prompt_left_out_is_held_back():
    judged = {PARTLY.program.id: known(TASK, PARTLY)}
    found = group(TASK, sampled(HIDING, PARTLY.program), judged)
    # left out: the second pair, where 11/11 has the right shape of 78/56 and no cell
    assert found.answers[0].held == pytest.approx(0.2)
    assert group(TASK, sampled(FRESH, PARTLY.program), judged).answers[0].held is None


def test_an_output_as_a_literal_earns_nothing():
    assert known(TASK, replace(RIGHT, literal=True)).reward == 0.0


def test_what_the_sandbox_lost_is_unscored_not_zero():
    lost = replace(WRONG, outcome=make_outcome((False,) * 3, scored=False))
    judged = {lost.program.id: known(TASK, lost)}
    assert group(TASK, sampled(FRESH, lost.program), judged).answers[0].reward is None
    assert group(TASK, sampled(FRESH, None, finish="deadline"), {}).answers[0].reward is None
    assert group(TASK, sampled(FRESH, None), {}).answers[0].reward == 0.0
