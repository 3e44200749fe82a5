"""Test-time learning as the loop of `arc_submit.solve` sees it: hear a round; now and then learn from what was heard.

    round of samples -> signs -> guard -- breach --> the last good adapter, learning is over
                                  |
                                  ok -> enough new answers, a program with a whole pair, none with all, time for it?
                                          -> hindsight -> GRPO -> divergence -> folder -> engine -> probe

One adapter at a time is in memory; tasks take turns in it by snapshots. A task's adapter is what the language proposer
samples its prompts under. Whatever goes wrong here costs this task its learning, never its samples, and the trace says
why (events `signs` and `adapt`).

Not here: gradients (`step`), what is taught (`hindsight`, `advantage`), what a breach is (`guard`).
"""

import itertools
import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from arc_submit import views
from arc_submit.adapt.advantage import advantages
from arc_submit.adapt.guard import Guard, Signs, pool, signs
from arc_submit.adapt.hindsight import Lesson, Pool
from arc_submit.adapt.records import Answer, Example, Group, Learnt, Move, apart, divergence, drift
from arc_submit.budget import Clock
from arc_submit.config import RunConfig
from arc_submit.errors import ArcSubmitError, EngineError
from arc_submit.records import Candidate, Prompt, Task
from arc_submit.sample import chat
from arc_submit.sample.engine import Lender
from arc_submit.search.hunt import Hunt
from arc_submit.search.language import Language, Sampled
from arc_submit.verify import pair_reward

if TYPE_CHECKING:
    from arc_submit.adapt.lora import Lora, State
    from arc_submit.adapt.step import Trainer

Emit: TypeAlias = Callable[[dict[str, Any]], None]

TOGETHER = "\0together"  # key of the adapter that all tasks share; no task is called so
KEPT = 2  # times the answers of an update that are kept while nothing is learnt from them
TRUSTED = 16  # answers to fresh prompts after which an adapter that the guard has nothing against is good
PROBED = 6  # answers that the divergence is measured on; a collapse is nats, chance is hundredths
MARGIN = 0.1  # part of the time left that an update leaves for writing, swapping and probing


@dataclass(slots=True)
class Known:
    """What is remembered of a judged program."""

    reward: float | None
    valid: bool
    pairs: tuple[float, ...]
    """Reward of each demonstration pair."""


@dataclass(frozen=True, slots=True)
class Written:
    """A lesson as token ids, and whose it is."""

    pool: Pool
    lesson: Lesson
    example: Example


@dataclass(slots=True)
class Pupil:
    """One task's programs."""

    pool: Pool
    known: dict[str, Known] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """What one adapter has been through."""

    key: str
    name: str
    """Begins the names of its folders; no other course has it."""
    guard: Guard
    version: int = 0
    """Updates made; 0: the adapter is what it began as."""
    good: int = 0
    """Latest version whose samples passed the guard."""
    states: "dict[int, State]" = field(default_factory=dict)
    """Factors of the present and of the last good version; none for 0."""
    folders: dict[int, Path] = field(default_factory=dict)
    kl: float = 0.0
    heard: list[Group] = field(default_factory=list)
    """Groups of the round that was just judged."""
    since: Signs = field(default_factory=Signs)
    """Of fresh answers since the last update: what the guard is shown."""
    waiting: list[Group] = field(default_factory=list)
    """Groups since the last update."""
    over: str = ""
    """Why there will be no more updates; empty while there may be."""
    complete: bool = False
    """All updates are made."""
    unfit: bool = False
    """It was said that an update does not fit."""


class Learner:
    """Learns on behalf of a language proposer whose engine lends its model.

    Args:
        now: the clock that deadlines are measured on, seconds.
    """

    def __init__(self, config: RunConfig, language: Language, engine: Lender, now: Clock) -> None:
        self._config, self._settings = config, config.adapt
        self._language, self._engine, self._now = language, engine, now
        self._start = engine.adapter
        self._fresh = "fresh" in config.search.proposers
        self._numbers = itertools.count()
        self._pupils: dict[str, Pupil] = {}
        self._courses: dict[str, Course] = {}
        self._trainer: Trainer | None = None
        self._lora: Lora | None = None
        self._lesson_cost: float | None = None
        """Seconds that writing and teaching one lesson takes."""
        self._broken = ""
        """Why nothing can be learnt any more, for any task."""
        self._folder: Path | None = None

    @property
    def steps(self) -> int:
        """Passes over examples since the start; grows while it learns."""
        return self._trainer.passes if self._trainer is not None else 0

    def hear(self, hunt: Hunt, candidates: Sequence[Candidate]) -> None:
        """Take in a task's judged programs of a round, and the answers that the model gave in it."""
        course = self._course(hunt.task.id)
        if hunt.task.id not in self._pupils:
            self._pupils[hunt.task.id] = Pupil(Pool(hunt.task, self._config.prompts))
            self._wear(course)
        pupil = self._pupils[hunt.task.id]
        for candidate in candidates:
            pupil.known[candidate.program.id] = known(hunt.task, candidate)
        pupil.pool.add(candidates)
        course.heard += [group(hunt.task, sampled, pupil.known) for sampled in self._language.sampled(hunt.task.id)]

    def learn(self, hunts: Sequence[Hunt], until: float, emit: Emit) -> None:
        """Judge the round that was heard and, where it is time, learn from what was heard since the last update.

        The time is charged to the hunts whose adapter it was, as stage `adapt`.
        """
        for key in dict.fromkeys(self._key(hunt.task.id) for hunt in hunts):
            course = self._courses.get(key)
            if course is None or not course.heard:
                continue
            members = [hunt for hunt in hunts if self._key(hunt.task.id) == key]
            began = self._now()
            self._examine(course, members, emit)
            if course.version >= self._settings.updates and not course.over and not course.complete:
                course.complete = True  # the guard looks on
                why = f"all {self._settings.updates} updates are made"
                self._say(emit, course, members, "stopped", why, update=course.version)
            if self._due(course, members):
                self._update(course, members, until, emit)
            for hunt in members:  # its own learning alone, whoever else was in the round
                hunt.charge("adapt", (self._now() - began) / len(members))

    def release(self, task_id: str) -> None:
        """The task is over: let go of its programs and its adapter."""
        self._pupils.pop(task_id, None)
        self._language.adapters.pop(task_id, None)
        key = self._key(task_id)
        if key != TOGETHER or not self._pupils:
            course = self._courses.pop(key, None)
            for folder in course.folders.values() if course else ():
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """The worker ends."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # The round that was heard. ----------------------------------------------------------------------------------------

    def _examine(self, course: Course, hunts: Sequence[Hunt], emit: Emit) -> None:
        """Say how the round's samples look; put the last good adapter back where they look bad."""
        for hunt in hunts:
            own = signs([found for found in course.heard if found.task_id == hunt.task.id])
            if own.answers:
                emit(_signs_event(hunt, course.version, own))
        heard, course.heard = course.heard, []
        shown = [found for found in heard if found.prompt.kind == "fresh"] if self._fresh else heard
        found = course.since = pool((course.since, signs(shown)))
        if course.version == 0:
            course.guard.before(found)
            course.since = Signs()
        elif not course.over and (why := course.guard.breach(found, course.kl)):
            self._say(emit, course, hunts, "rolled back", why)
            course.over = why
            if course.good == course.version:  # it had looked good at first
                course.good = 0
            self._roll_back(course)
            return
        elif found.answers >= TRUSTED:
            course.good = course.version
        course.waiting += heard
        while answers_in(course.waiting[1:]) >= KEPT * self._settings.answers:
            del course.waiting[0]

    def _due(self, course: Course, hunts: Sequence[Hunt]) -> bool:
        if course.over or course.complete or self._broken:
            return False
        if answers_in(course.waiting) < self._settings.answers:
            return False
        return any(self._promising(hunt) for hunt in hunts)

    def _promising(self, hunt: Hunt) -> bool:
        """Some program has a whole pair right and none has all; nothing better than the pool's best can be learnt."""
        if hunt.counts.passers:
            return False
        return self._settings.when == "open" or hunt.population.pairs_solved > 0

    # One update. ------------------------------------------------------------------------------------------------------

    def _update(self, course: Course, hunts: Sequence[Hunt], until: float, emit: Emit) -> None:
        began = self._now()
        deadline = min(until, began + self._allowance(hunts))
        if not self._fits(course, hunts, deadline - began, emit):
            return
        hunts = [hunt for hunt in hunts if self._promising(hunt)]
        try:
            trainer = self._ready(course)
            if why := self._gone_astray(course, trainer):
                self._say(emit, course, hunts, "rolled back", why)
                course.over, course.good = why, 0
                self._roll_back(course)
                return
            ready = self._now()
            lessons = self._lessons(course, hunts, deadline) if self._settings.mode in ("hindsight", "both") else []
            groups = self._groups(course) if self._settings.mode in ("grpo", "both") else []
            rollouts = [example for found in groups for example in found]
            taught = [written.example for written in lessons]
            if not lessons and not rollouts:
                self._say(emit, course, hunts, "skipped", self._nothing(course))
                course.waiting = []
                return
            learnt = self._train(trainer, lessons, rollouts, deadline - MARGIN * (deadline - began))
            facts = {"lessons": len(lessons), "groups": len(groups), "reduced": self._reduced(hunts)}
            self._finish(course, hunts, learnt, taught + rollouts, emit, facts, (began, ready))
        except (ArcSubmitError, OSError, RuntimeError, MemoryError) as error:
            if not _expected(error):
                raise
            self._broken = course.over = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            self._roll_back(course)
            self._say(emit, course, hunts, "stopped", self._broken)

    def _gone_astray(self, course: Course, trainer: "Trainer") -> str | None:
        """Whether the answers that the present version sampled have left the start too far behind; says how far."""
        sampled = [
            Example(tuple(chat.render(self._engine.tokenizer, found.prompt)), answer.tokens, old=answer.logprobs)
            for found in course.waiting
            for answer in found.answers[:1]
            if answer.tokens and answer.finish == "stop"
        ][-PROBED:]
        if course.version == 0 or not sampled:
            return None
        start = trainer.logprobs(sampled, at_start=True)
        moves = [Move(example, example.old, logps) for example, logps in zip(sampled, start, strict=True)]
        course.kl = divergence(moves)
        return course.guard.breach(Signs(), course.kl)

    def _train(
        self, trainer: "Trainer", lessons: Sequence[Written], rollouts: Sequence[Example], deadline: float
    ) -> Learnt:
        """Hindsight first, then GRPO; where there are both, each has half of the time."""
        share = 0.5 if lessons and rollouts else 1.0
        half = self._now() + share * (deadline - self._now())
        fitting = trainer.fitting([written.example for written in lessons], half - self._now())
        taught = trainer.teach(fitting, half) if fitting else Learnt()
        left_out = len(lessons) - len(fitting)  # the weakest, which come first; what the clock cut off stands last
        for written in (*lessons[:left_out], *lessons[left_out + taught.examples :]):
            written.pool.give_back([written.lesson])
        if not rollouts or taught.why.startswith("not finite"):
            return taught
        reinforced = trainer.reinforce(rollouts, deadline)
        loss = taught.loss or reinforced.loss
        return Learnt(
            taught.steps + reinforced.steps,
            taught.examples + reinforced.examples,
            taught.tokens + reinforced.tokens,
            taught.seconds + reinforced.seconds,
            loss,
            reinforced.clipped,
            "; ".join(filter(None, (taught.why, reinforced.why))),
        )

    def _finish(
        self,
        course: Course,
        hunts: Sequence[Hunt],
        learnt: Learnt,
        examples: Sequence[Example],
        emit: Emit,
        facts: dict[str, Any],
        times: tuple[float, float],
    ) -> None:
        """Look at what was learnt, and give it to the engine.

        Args:
            times: when the update began, and when the adapter was off and the factors were in place.
        """
        assert self._trainer is not None and self._lora is not None
        facts |= {"steps": learnt.steps, "tokens": learnt.tokens, "loss": learnt.loss}
        broken = "not finite" in learnt.why
        if broken or "memory" in learnt.why:
            course.over = learnt.why
        if broken:
            self._roll_back(course)
        if broken or not learnt.steps:
            verdict = "stopped" if course.over else "skipped"
            self._say(emit, course, hunts, verdict, learnt.why or "no step was made", **facts)
            return
        course.waiting, course.since = [], Signs()
        moves = self._trainer.moves(examples[:: max(1, len(examples) // PROBED)][:PROBED])
        moved = drift(moves)
        trained = self._now()
        seconds = {"train": trained - times[1], "swap": times[1] - times[0], "probe": 0.0}
        course.version += 1
        facts["drift"] = round(moved, 4)
        if not moved <= self._settings.most_drift:
            course.over = f"log-probabilities moved by {moved:.2f} nats per token, over {self._settings.most_drift}"
            self._say(emit, course, hunts, "rolled back", course.over, seconds=seconds, **facts)
            self._roll_back(course)
            return
        course.states[course.version] = self._lora.snapshot()
        folder = self._place() / f"{course.name}-{course.version}"
        self._lora.save(folder)
        course.folders[course.version] = folder
        self._wear(course)
        self._engine.adapt(folder)
        swapped = self._now()
        if why := probe(self._engine, moves):
            raise EngineError(why)
        seconds |= {"swap": seconds["swap"] + swapped - trained, "probe": self._now() - swapped}
        self._forget(course)
        self._say(emit, course, hunts, "learned", learnt.why, seconds=seconds, **facts)

    def _ready(self, course: Course) -> "Trainer":
        """The trainer, with the course's factors in place. Brings in torch."""
        from arc_submit.adapt.lora import Lora
        from arc_submit.adapt.step import Trainer

        model = self._engine.lend()
        if self._trainer is None or self._lora is None:
            self._lora = Lora(model, self._settings, self._config.seed, self._start, self._engine.folder)
            self._trainer = Trainer(self._lora, self._settings, self._now)
        state = course.states.get(course.version)
        if state is not None and self._lora.fits(state):
            self._lora.restore(state)
        else:  # none yet, or the rank was lowered since
            self._lora.reset()
        return self._trainer

    def _lessons(self, course: Course, hunts: Sequence[Hunt], deadline: float) -> list[Written]:
        """Lessons on every task, as many as can be written and taught in their part of the time."""
        assert self._trainer is not None
        began = self._now()
        most = self._settings.best + self._settings.different
        if self._lesson_cost is not None:
            part = 0.5 if self._settings.mode == "both" else 1.0
            most = int(min(most, part * (1.0 - MARGIN) * (deadline - began) / self._lesson_cost / len(hunts)))
        rng = random.Random(f"{self._config.seed}/{course.key}/{course.version}/hindsight")
        pools = [self._pupils[hunt.task.id].pool for hunt in hunts]
        written = [
            Written(own, lesson, self._encoded(lesson.prompt, lesson.text))
            for own in pools
            for lesson in own.lessons(self._settings, rng, most)
        ]
        found = [one for one in written if one.example.length < self._engine.context]
        teaching = self._trainer.cost([one.example for one in found])
        if found and teaching is not None:
            self._lesson_cost = (self._now() - began + teaching) / len(found)
        return found

    def _encoded(self, prompt: Prompt, text: str) -> Example:
        tokenizer = self._engine.tokenizer
        return Example(tuple(chat.render(tokenizer, prompt)), tuple(chat.answer(tokenizer, text)))

    def _groups(self, course: Course) -> list[list[Example]]:
        """Per prompt whose answers differ in worth, its answers with their advantages."""
        found = []
        for waiting in course.waiting:
            rewards_G = [answer.reward for answer in waiting.answers]
            advantages_G = advantages(rewards_G, self._settings.scale)
            if advantages_G is not None:
                prompt = tuple(chat.render(self._engine.tokenizer, waiting.prompt))
                found.append(
                    [
                        Example(prompt, answer.tokens, 1.0, advantage, answer.logprobs)
                        for answer, advantage in zip(waiting.answers, advantages_G, strict=True)
                        if advantage is not None and answer.finish == "stop"
                    ]
                )
        return [examples for examples in found if examples]

    def _nothing(self, course: Course) -> str:
        if self._settings.mode == "hindsight":
            return "no behaviour that was not taught before"
        return "all answers to a prompt are worth the same" + (
            "" if self._settings.mode == "grpo" else ", and no behaviour is new"
        )

    # Time. ------------------------------------------------------------------------------------------------------------

    def _allowance(self, hunts: Sequence[Hunt]) -> float:
        """Seconds that learning may take now, so that it stays within its share of the tasks' time."""
        share = self._settings.share
        spent, learning = sum(hunt.spent for hunt in hunts), sum(hunt.seconds.get("adapt", 0.0) for hunt in hunts)
        return max(0.0, share * spent - learning) / (1.0 - share) if share < 1.0 else float("inf")

    def _fits(self, course: Course, hunts: Sequence[Hunt], seconds: float, emit: Emit) -> bool:
        """Whether one step fits in the time there is; said once where it does not."""
        if seconds <= 0.0:
            return False
        answers = [answer for found in course.waiting for answer in found.answers][: self._settings.batch]
        least = [Example((0,) * 64, answer.tokens) for answer in answers if answer.tokens]
        cost = self._trainer.cost(least) if self._trainer is not None else None
        if cost is None or cost <= (1.0 - MARGIN) * seconds:
            return True
        if not course.unfit:
            course.unfit = True
            self._say(emit, course, hunts, "skipped", f"a step takes {cost:.1f} s, {seconds:.1f} s are left for it")
        return False

    # The engine. ------------------------------------------------------------------------------------------------------

    def _wear(self, course: Course) -> None:
        """Have the tasks' prompts sampled under the course's version; the proposer puts it on when it samples next."""
        folder = course.folders.get(course.version)
        for task_id in list(self._pupils) if course.key == TOGETHER else [course.key]:
            if folder is None:
                self._language.adapters.pop(task_id, None)
            else:
                self._language.adapters[task_id] = folder

    def _roll_back(self, course: Course) -> None:
        """Back to the last good version."""
        course.version = course.good
        self._wear(course)
        self._forget(course)

    def _forget(self, course: Course) -> None:
        """Drop the versions that are neither in use nor the last good one."""
        for version in set(course.folders) - {course.version, course.good}:
            shutil.rmtree(course.folders.pop(version), ignore_errors=True)
            course.states.pop(version, None)

    def _place(self) -> Path:
        if self._folder is None:
            given = self._settings.folder
            if given is not None:
                given.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="arc-submit-adapters-", dir=given))
        return self._folder

    # What is said and kept. -------------------------------------------------------------------------------------------

    def _say(self, emit: Emit, course: Course, hunts: Sequence[Hunt], verdict: str, why: str, **facts: Any) -> None:
        seconds = {name: round(value, 4) for name, value in facts.pop("seconds", {}).items()}
        event = {
            "event": "adapt",
            "update": course.version + (verdict in ("skipped", "stopped")),
            "kind": self._settings.mode,
            "verdict": verdict,
            "why": why,
            "lessons": 0,
            "groups": 0,
            "steps": 0,
            "tokens": 0,
            "seconds": {"train": 0.0, "swap": 0.0, "probe": 0.0} | seconds,
            "loss": None,
            "kl": round(course.kl, 5),
            "drift": 0.0,
            "reduced": "",
            **facts,
        }
        for hunt in hunts:
            emit({**event, "task": hunt.task.id})

    def _reduced(self, hunts: Sequence[Hunt]) -> str:
        said = [self._trainer.reduced] if self._trainer is not None and self._trainer.reduced else []
        if self._settings.mode != "hindsight" and any(len(hunt.task.train) == 1 for hunt in hunts):
            said.append("one demonstration: none can be left out")
        return "; ".join(said)

    def _key(self, task_id: str) -> str:
        return TOGETHER if self._settings.scope == "cohort" else task_id

    def _course(self, task_id: str) -> Course:
        key = self._key(task_id)
        if key not in self._courses:
            name = f"{_name(task_id)}-{next(self._numbers)}"
            self._courses[key] = Course(key, name, Guard(self._settings), over=self._broken)
        return self._courses[key]


def answers_in(groups: Sequence[Group]) -> int:
    """Return how many answers some groups hold."""
    return sum(len(found.answers) for found in groups)


def _expected(error: BaseException) -> bool:
    """An engine that failed, a folder that cannot be written, no memory: learning ends, the search goes on."""
    from arc_submit.sample.hf import out_of_memory

    return isinstance(error, ArcSubmitError | OSError) or out_of_memory(error)


def known(task: Task, candidate: Candidate) -> Known:
    """Return what learning needs to know of a judged program.

    One that holds an output as a literal is worth nothing: it would be the first thing that reinforcement finds.
    """
    outcome = candidate.outcome
    if outcome.reward is None:
        return Known(None, False, ())
    if candidate.literal or not candidate.outputs:
        return Known(0.0, False, (0.0,) * len(task.train))
    pairs = tuple(
        pair_reward(made, pair.output) if outcome.reward else 0.0
        for made, pair in zip(candidate.outputs, task.train, strict=True)
    )
    return Known(outcome.reward, all(made is not None for made in candidate.outputs), pairs)


def group(task: Task, sampled: Sampled, judged: dict[str, Known]) -> Group:
    """Return a prompt's answers with what they are worth: to an edit, the difference to the better parent."""
    parents = [judged[parent].reward for parent in sampled.prompt.parents if parent in judged]
    scored = [reward for reward in parents if reward is not None]
    before = max(scored) if scored else 0.0
    unsure = len(scored) < len(sampled.prompt.parents)
    hidden = views.left_out(sampled.prompt.view, len(task.train))
    answers = []
    for completion, program in zip(sampled.completions, sampled.programs, strict=True):
        answer = Answer(completion.tokens, completion.logprobs, completion.finish, program)
        if program is None:
            answers.append(replace(answer, reward=None if completion.finish == "deadline" or unsure else 0.0 - before))
            continue
        found = judged.get(program)
        if found is None or found.reward is None or unsure:
            answers.append(answer)
            continue
        held = sum(found.pairs[index] for index in hidden) / len(hidden) if hidden else None
        answers.append(replace(answer, valid=found.valid, reward=found.reward - before, held=held))
    return Group(task.id, sampled.prompt, tuple(answers))


def probe(engine: Lender, moves: Sequence[Move]) -> str:
    """Return what is wrong when the engine's log-probabilities are not those of the trained adapter; empty: nothing.

    An engine that kept the old weights scores an answer as the adapter's start does; the answer that moved most tells
    it best. Peers trained for days against samplers that never got their weights. An adapter that moved nothing by more
    than `engine.precision` cannot be told from its start.
    """
    most = max(moves, key=lambda move: move.size)
    off = apart(engine.score_ids(most.example.prompt, most.example.answer), most.now)
    if off <= max(engine.precision, 0.5 * most.size):
        return ""
    return f"the adapter did not reach the engine: {off:.4f} nats off where the adapter moved {most.size:.4f}"


def _signs_event(hunt: Hunt, version: int, found: Signs) -> dict[str, Any]:
    return {
        "event": "signs",
        "task": hunt.task.id,
        "round": hunt.rounds,
        "adapter": version,
        "answers": found.answers,
        "valid": round(found.valid, 4),
        "distinct": round(found.distinct, 4),
        "length": round(found.length, 1),
        "reward": None if found.reward is None else round(found.reward, 4),
        "held": None if found.held is None else round(found.held, 4),
        "best": round(hunt.promise, 4),
        "passers": hunt.counts.passers,
    }


def _name(key: str) -> str:
    """A task's id as a folder's name: ids of the canary and of the user's own files may hold anything."""
    return "".join(letter if letter.isalnum() else "_" for letter in key)[:64]
