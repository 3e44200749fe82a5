"""The loop, with a teacher that plays a script."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from helpers import G, make_task

from arc_submit.errors import EngineError, OutputError, SandboxError
from arc_submit.records import Task
from arc_submit.sandbox import Sandbox
from arc_submit.verify.trial import trial
from training.edits import baseline, replies
from training.edits import judge as judging
from training.edits.baseline import Starter
from training.edits.judge import Judge
from training.edits.records import Trace
from training.edits.rounds import LEAKY, LITERAL, Rounds, RoundsSettings, Tally
from training.exercises import Exercise
from training.teacher import ask
from training.teacher.account import BudgetUsedUp
from training.teacher.ask import Asker
from training.teacher.hints import Hint, Plan
from training.teacher.records import Question, Reply

TASK = make_task(("120/340", "340/120"), ("506/780", "780/506"), test=("340/120",))
EXERCISE = Exercise(TASK, "test", (G("120/340"),))


def fenced(body: str) -> str:
    return f"<think>\nTry {body}.\n</think>\n```python\ndef solve(I):\n    O = {body}\n    return O\n```"


class Scripted:
    """Answers question number k of a task with the k-th entry: texts, or an error to raise."""

    name = "scripted"

    def __init__(self, *script: Sequence[str] | Exception) -> None:
        self.script = script
        self.heard: list[Question] = []

    async def ask(self, question: Question) -> list[Reply]:
        place = sum(one.task.id == question.task.id for one in self.heard)
        self.heard.append(question)
        await asyncio.sleep(0)
        entry = self.script[place] if place < len(self.script) else []
        if isinstance(entry, Exception):
            raise entry
        return [Reply(text, tokens=7, request=f"r{place}") for text in entry]

    async def close(self) -> None:
        return None


def run(
    teacher: Scripted, bodies: Sequence[str] = (), *, exercises: Sequence[Exercise] = (EXERCISE,), **more: object
) -> tuple[Tally, list[Trace]]:
    """Go through the rounds; starters are programs of one call each."""
    written: list[Trace] = more.pop("written", [])  # type: ignore[assignment]
    write = more.pop("write", written.extend)
    at_once = more.pop("at_once", 256)
    hints = {"t": more.pop("hint")} if "hint" in more else {}
    plan = more.pop("plan", Plan())
    settings = RoundsSettings(**{"fresh": 0, "children": 2, "rounds": 3, "parents": 2, **more})  # type: ignore[arg-type]

    async def go() -> Tally:
        with Sandbox() as sandbox:
            async with Judge(sandbox) as judge:

                async def start(exercise: Exercise) -> list[Starter]:
                    sources = [f"def solve(I):\n    O = {body}\n    return O\n" for body in bodies]
                    return baseline.fittest(
                        exercise.task, await judge.judged(exercise.task, baseline.programs(sources)), 9
                    )

                rounds = Rounds(settings, Asker(), teacher, judge, write, hints, plan, at_once)  # type: ignore[arg-type]
                return await rounds.run(exercises, start)

    return asyncio.run(go()), written


def test_children_become_parents_until_one_passes() -> None:
    # one question a round. rot90 and rot270 have the wrong shape, vmirror the right one; hmirror is right
    teacher = Scripted([fenced("rot270(I)"), fenced("vmirror(I)")], [fenced("rot270(I)"), fenced("hmirror(I)")])
    tally, traces = run(teacher, ["rot90(I)"])
    assert [question.prompt.kind for question in teacher.heard] == ["edit", "edit"]  # round 2 is not needed
    assert "vmirror" in teacher.heard[1].attempts[0].source
    best = traces[-1]
    assert (best.round, best.passes, best.right, best.kind, best.thinking) == (1, True, True, "edit", "Try hmirror(I).")
    assert best.parent is not None and best.parent.outputs == (G("021/043"), G("605/087"))
    assert best.parent.reward == pytest.approx(traces[1].reward) and best.gain > 0
    assert (tally.tasks, tally.solved, tally.asked, tally.answers, tally.ran) == (1, 1, 4, 4, 4)
    assert tally.gained == 2  # vmirror over rot90, hmirror over vmirror
    assert (best.teacher, best.request, best.version, best.tokens) == ("scripted", "r1", Asker().version, 7)


def test_a_parent_without_a_better_child_is_asked_again_under_another_seed() -> None:
    teacher = Scripted([fenced("rot270(I)")], [fenced("rot270(I)")], [])
    tally, traces = run(teacher, ["vmirror(I)"])
    assert [question.attempts[0].source for question in teacher.heard] == [teacher.heard[0].attempts[0].source] * 3
    assert len({question.seed for question in teacher.heard}) == 3
    assert len(traces) == 1 and tally.reasons == {replies.AGAIN: 1}


def test_a_fresh_program_that_does_not_pass_is_edited_next() -> None:
    teacher = Scripted([fenced("vmirror(I)")], [fenced("hmirror(I)")])
    tally, traces = run(teacher, fresh=3)
    assert [(one.kind, one.parent is None, one.round) for one in traces] == [("fresh", True, 0), ("edit", False, 1)]
    assert [question.n for question in teacher.heard] == [3, 2] and tally.solved == 1


def test_no_more_parents_than_wanted_and_the_best_first() -> None:
    # of the fresh answers one joins the starter, the better one of the two; then only one may stay
    teacher = Scripted([fenced("rot270(I)"), fenced("vmirror(I)")], [], [])
    run(teacher, ["rot90(I)"], parents=1, rounds=2, fresh=2)
    assert [question.prompt.kind for question in teacher.heard] == ["fresh", "edit", "edit"]
    assert ["vmirror" in one.attempts[0].source for one in teacher.heard[1:]] == [False, True]


def test_what_cannot_be_used_is_counted_and_never_a_trace() -> None:
    texts = ["", "no idea", "```js\nfunction solve(I) { return I }\n```", fenced("rot90(I)"),
             fenced("vmirror(I)"), fenced("vmirror(I)"), fenced("((3, 4, 0), (1, 2, 0))")]  # fmt: skip
    tally, traces = run(Scripted(texts), ["rot90(I)"], rounds=1, children=7)
    assert [one.source.split("O = ")[1].split("\n")[0] for one in traces] == ["vmirror(I)"]
    assert tally.reasons == {
        replies.EMPTY: 1, replies.NO_CODE: 1, replies.FOREIGN: 1, replies.PARENT: 1, replies.AGAIN: 1, LITERAL: 1,
    }  # fmt: skip


def test_what_a_hostile_program_does_it_does_in_the_sandbox() -> None:
    tally, traces = run(Scripted([fenced("__import__('os')._exit(3)")]), ["rot90(I)"], rounds=1)
    assert tally.ran == 1 and traces[0].reward == pytest.approx(0.1)  # valid, no grid


def test_a_used_up_budget_ends_an_exercise_and_keeps_what_was_answered() -> None:
    teacher = Scripted([fenced("vmirror(I)")], BudgetUsedUp("budget of 5 dollars used up"))
    tally, traces = run(teacher, ["rot90(I)"])
    assert len(traces) == 1 and tally.tasks == 1 and "5 dollars" in tally.budget


def test_a_teacher_that_is_gone_ends_everything_after_what_was_judged_is_written() -> None:
    other = Exercise(make_task(("12/34", "34/12"), task_id="u"), "test", (G("12/34"),))
    teacher = Scripted([fenced("vmirror(I)")], EngineError("refused"))
    with pytest.raises(EngineError, match="refused"):
        run(teacher, ["rot90(I)"], exercises=[EXERCISE, other])


def test_exercises_go_on_side_by_side_and_share_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def counted(sandbox: Sandbox, batch: Sequence[object], *rest: object) -> object:
        sizes.append(len(batch))
        return trial(sandbox, batch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(judging, "trial", counted)
    many = [Exercise(Task(f"t{n}", TASK.train, TASK.test), "test", (G("120/340"),)) for n in range(12)]
    teacher = Scripted([fenced("vmirror(I)")], [fenced("hmirror(I)")])
    tally, traces = run(teacher, ["rot90(I)"], exercises=many)
    assert tally.tasks == tally.solved == 12 and len(traces) == 24
    assert sum(sizes) == 36 and len(sizes) < 18  # 3 calls each: starters and two rounds; judged together
    assert [one.prompt.kind for one in teacher.heard[:12]] == ["edit"] * 12


def test_the_same_answers_make_the_same_questions() -> None:
    script = ([fenced("rot270(I)"), fenced("vmirror(I)")], [fenced("rot180(I)")], [fenced("identity(I)")])
    heard = []
    for _ in range(2):
        teacher = Scripted(*script)
        run(teacher, ["rot90(I)"], fresh=2)
        heard.append([(one.prompt, one.seed, one.n) for one in teacher.heard])
    assert heard[0] == heard[1] and len(heard[0]) > 2


def test_hints_are_told_at_first_and_recorded() -> None:
    teacher = Scripted([fenced("vmirror(I)")], [fenced("rot180(I)")])
    _, traces = run(teacher, ["rot90(I)"], rounds=2, hint=Hint("larc#t", "Turn it over."))
    assert [question.hint for question in teacher.heard] == ["larc#t", ""]
    assert [one.hint for one in traces] == ["larc#t", ""]
    teacher = Scripted()
    run(teacher, ["rot90(I)"], rounds=1, hint=Hint("larc#t", "Turn it over."), plan=Plan(share=0.0))
    assert teacher.heard[0].hint == ""


def test_no_question_holds_the_test_output() -> None:
    task = make_task(("120/340", "340/120"), ("506/780", "780/506"), test=("091/250",))
    teacher = Scripted([fenced("vmirror(I)")], [fenced("vmirror(I)")], [])
    run(teacher, ["rot90(I)"], fresh=1, exercises=[Exercise(task, "test", (G("250/091"),))])
    assert [question.prompt.kind for question in teacher.heard][:3] == ["fresh", "edit", "edit"]
    for question in teacher.heard:
        said = "".join(message.content for message in question.prompt.messages)
        assert "0 9 1\n2 5 0" in said and "3 4 0\n1 2 0" in said  # the test input and an output, as grids are written
        assert "2 5 0\n0 9 1" not in said and "250|091" not in said and "[2, 5, 0]" not in said


def test_a_task_whose_prompt_would_leak_is_counted_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ask.leak
    monkeypatch.setattr(
        ask, "leak", lambda prompt, exercise, *rest: exercise.task.id == "u" or real(prompt, exercise, *rest)
    )
    other = Exercise(Task("u", TASK.train, TASK.test), "test", (G("120/340"),))
    teacher = Scripted([fenced("hmirror(I)")])
    tally, traces = run(teacher, fresh=2, exercises=[other, EXERCISE])
    assert [one.task for one in traces] == ["t"] and tally.tasks == 2
    assert tally.reasons == {LEAKY: 2}  # the two fresh answers that u would have had


class Timed(Scripted):
    """Task `bad` fails at once, the others answer a little later."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__([fenced("vmirror(I)")], [fenced("hmirror(I)")])
        self.error = error

    async def ask(self, question: Question) -> list[Reply]:
        if question.task.id == "bad":
            self.heard.append(question)
            raise self.error or RuntimeError
        await asyncio.sleep(0.2)
        return await super().ask(question)


def many(*names: str) -> list[Exercise]:
    return [Exercise(Task(name, TASK.train, TASK.test), "test", (G("120/340"),)) for name in names]


def test_what_is_under_way_when_a_teacher_breaks_is_waited_for_and_kept_and_nothing_more_is_asked() -> None:
    teacher, written = Timed(EngineError("no money")), []  # type: ignore[var-annotated]
    with pytest.raises(EngineError, match="no money"):
        run(teacher, fresh=1, exercises=many("a", "bad", "b", "late"), at_once=3, written=written)
    assert sorted(one.task for one in written) == ["a", "b"]  # both were under way
    assert sorted(one.task.id for one in teacher.heard) == ["a", "b", "bad"]  # no second round, and not `late`


def test_of_a_round_that_breaks_the_other_answers_are_kept() -> None:
    teacher, written = Scripted([fenced("vmirror(I)")], EngineError("no money")), []  # type: ignore[var-annotated]
    with pytest.raises(EngineError, match="no money"):
        run(teacher, ["rot90(I)"], fresh=1, written=written)  # the fresh one is answered, the edit breaks
    assert [one.kind for one in written] == ["fresh"]


def test_a_full_disk_ends_it_after_what_was_asked() -> None:
    teacher, tried = Timed(), []  # type: ignore[var-annotated]

    def full(traces: Sequence[Trace]) -> None:
        tried.extend(trace.task for trace in traces)
        raise OutputError("no room")

    with pytest.raises(OutputError, match="no room"):
        run(teacher, fresh=1, exercises=many("a", "b"), write=full)
    assert sorted(tried) == sorted(one.task.id for one in teacher.heard) == ["a", "b"]


def test_cancelled_it_ends_at_once() -> None:
    class Never(Scripted):
        async def ask(self, question: Question) -> list[Reply]:
            self.heard.append(question)
            await asyncio.sleep(60)
            raise AssertionError

    async def go() -> None:
        teacher = Never()
        with Sandbox() as sandbox:
            async with Judge(sandbox) as judge:

                async def start(_: Exercise) -> list[Starter]:
                    return []

                rounds = Rounds(RoundsSettings(fresh=1), Asker(), teacher, judge, lambda _: None)
                job = asyncio.create_task(rounds.run(many("a", "b"), start))
                while len(teacher.heard) < 2:
                    await asyncio.sleep(0.01)
                job.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await asyncio.wait_for(job, 5)

    asyncio.run(go())


def test_fewer_answers_than_asked_for_from_a_used_up_teacher_are_the_budgets_end() -> None:
    teacher = Scripted([fenced("vmirror(I)")], [fenced("hmirror(I)")])
    tally, traces = run(teacher, ["rot90(I)"], rounds=2)
    assert tally.budget == "" and len(traces) == 2  # one answer of two, twice: that is all it has to say
    teacher = Scripted([fenced("vmirror(I)")], [fenced("hmirror(I)")])
    teacher.used_up = "budget of 5 dollars used up"  # type: ignore[attr-defined]
    tally, traces = run(teacher, ["rot90(I)"], rounds=2)
    assert "5 dollars" in tally.budget and len(traces) == len(teacher.heard) == 1 and tally.tasks == 1


def test_only_so_many_exercises_are_begun_at_once() -> None:
    class Counting(Timed):
        now = most = 0

        async def ask(self, question: Question) -> list[Reply]:
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                return await super().ask(question)
            finally:
                self.now -= 1

    teacher = Counting()
    tally, _ = run(teacher, fresh=1, rounds=1, exercises=many(*"abcdefg"), at_once=3)
    assert tally.tasks == 7 and teacher.most == 3


def test_a_sandbox_that_cannot_start_is_heard_by_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Callable[..., object]:
        raise SandboxError("no lane")

    monkeypatch.setattr(judging, "trial", broken)
    with pytest.raises(SandboxError, match="no lane"):
        run(Scripted([fenced("vmirror(I)")]), fresh=1)
