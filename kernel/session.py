"""The steps of one session, each a function of what the ones before it found. Their order is `kernel.main`'s.

A step raises what goes wrong; `kernel.stages` shows it, records it and lets the next one go on.
"""

import os
import shutil
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kernel import accelerator, account, bundle, handin, logs, mounts, offline, process, solver, weights, wheels
from kernel.accelerator import Card
from kernel.bundle import Code
from kernel.clock import Clock
from kernel.mounts import Competition
from kernel.places import Places
from kernel.process import Stop
from kernel.settings import Settings
from kernel.solver import Ended
from kernel.verdict import Verdict
from kernel.weights import Reading

_PROBE_SECONDS = 600.0
_REPORT_SECONDS = 180.0


@dataclass(frozen=True)
class Work:
    """The tasks of this run and where their answers go."""

    challenges: Path
    """As the solver sees them."""
    tasks: tuple[str, ...]
    """Ids to solve; none: all of the file."""
    empty: handin.Content
    """Fallback answers of exactly the tasks to solve."""
    malformed: list[str]
    target: Path
    """Where the answers are gathered: submission.json in a rerun, a file beside the logs in a commit run."""
    out: Path
    """The solver's run folder."""


@dataclass
class Session:
    """The steps of one run of the kernel."""

    places: Places
    settings: Settings
    clock: Clock
    verdict: Verdict
    stop: Stop
    again: bool
    sets: list[str] = field(default_factory=list)
    """Settings for the solver that follow from what was found here."""
    whole: handin.Content = field(default_factory=dict)
    """Fallback answers of every task that submission.json must hold."""

    @property
    def patience(self) -> float:
        """Seconds that a mount may take to answer."""
        return self.settings.patience_minutes * 60

    @property
    def long_patience(self) -> float:
        """The same for what nothing can be solved without: a scored rerun has hours, and nothing better to do."""
        return max(self.patience, self.clock.left / 2) if self.verdict.mode == "rerun" else self.patience

    def find_tasks(self) -> Competition:
        """Find the competition's files."""
        found = mounts.competition(self.places.input, self.settings.competition)
        self.verdict.note(f"competition: {found.folder} ({found.how})")
        if not found.own:
            self.verdict.fault(
                f"the tasks were found in {found.folder}, not in a folder of {self.settings.competition}: is the "
                "competition attached? The hidden tasks appear in its own folder only"
            )
        return found

    def begin(self, found: Competition) -> Work:
        """Write the fallback submission, and say which tasks are to be solved.

        Raises:
            HandinError: the file cannot be read, or holds no task.
            MountError: the file that this mode needs is not there.
        """
        rerun = self.verdict.mode == "rerun"
        if found.test is not None:
            self.whole, malformed = self.cover(found.test)
            if not rerun and found.evaluation is None:
                raise mounts.MountError(f"{found.folder}: a commit run needs {mounts.EVALUATION}, which is not there")
        elif rerun:
            raise mounts.MountError(f"{found.folder}: {mounts.TEST} is not there\n{mounts.tree(self.places.input)}")
        if rerun:
            assert found.test is not None
            if self.settings.tasks not in (None, len(self.whole)):
                self.verdict.note(f"{len(self.whole)} tasks, planned for {self.settings.tasks}; all are solved")
            copy = self.copied(found.test)
            return Work(copy, (), self.whole, malformed, self.places.submission, self.places.working / "run")
        assert found.evaluation is not None
        if found.test is None:
            self.verdict.fault(
                f"{found.folder}: {mounts.TEST} is not there; submission.json covers the evaluation tasks"
            )
            self.whole, _ = self.cover(found.evaluation)
        empty, malformed = handin.fallback(handin.read(found.evaluation))
        chosen = self.fixed_tasks(list(empty))
        few = {task_id: empty[task_id] for task_id in chosen}
        target = self.places.logs / "commit-submission.json"
        if not self.again:
            handin.write(target, few)
        bad = [task_id for task_id in malformed if task_id in few]
        return Work(self.copied(found.evaluation), chosen, few, bad, target, self.places.working / "commit")

    def cover(self, challenges: Path) -> tuple[handin.Content, list[str]]:
        """Write submission.json with a fallback for each task of a file; after a restart what is answered stays."""
        whole, malformed = handin.fallback(handin.read(challenges))
        if not whole:
            raise handin.HandinError(f"{challenges}: expected at least one task, found none")
        handin.write(self.places.submission, handin.kept_in(self.places.submission, whole) if self.again else whole)
        outputs = sum(map(len, whole.values()))
        self.verdict.note(f"{self.places.submission}: a valid fallback for {len(whole)} tasks, {outputs} outputs")
        if malformed:
            self.verdict.note(f"malformed tasks: {', '.join(malformed[:10])} ({len(malformed)} in all)")
        return whole, malformed

    def copied(self, challenges: Path) -> Path:
        """Copy the challenges away from the mount, and from the solutions beside them."""
        self.places.data.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copyfile(challenges, self.places.data / challenges.name))

    def fixed_tasks(self, there: list[str]) -> tuple[str, ...]:
        """Return the commit run's tasks; those that the file does not have are replaced by its first ones."""
        wanted = tuple(dict.fromkeys(self.settings.commit.tasks))
        kept = [task_id for task_id in wanted if task_id in there]
        others = [task_id for task_id in there if task_id not in kept][: len(wanted) - len(kept)]
        if len(kept) < len(wanted):
            missing = ", ".join(task_id for task_id in wanted if task_id not in kept)
            self.verdict.note(
                f"not in the evaluation file: {missing}; in their place: {', '.join(others) or 'nothing'}"
            )
        return tuple(kept + others)

    def install_code(self) -> Code:
        """Copy the code bundle, and compare its commit with the notebook's."""
        code = bundle.install(self.places.input, self.places.temp, self.places.code)
        told = self.verdict.commit
        self.verdict.commit = code.commit
        for words in code.notes:
            self.verdict.note(words)
        self.verdict.note(f"commit {code.commit}{', with changes that no commit holds' if code.dirty else ''}")
        for words in code.complaints:
            self.verdict.fault(words)
        if told not in ("unknown", code.commit):
            self.verdict.fault(
                f"the notebook is of commit {told}, the code bundle of {code.commit}: wait until Kaggle has processed "
                "the new version of the dataset, and push again"
            )
        self.compare_pack("code", code.fingerprint)
        return code

    def compare_pack(self, part: str, fingerprint: str) -> None:
        """Say where a dataset is not the one that was packed with this notebook."""
        wanted = self.settings.fingerprints.get(part)
        if wanted not in (None, fingerprint):
            self.verdict.fault(
                f"the {part} dataset is of another pack than this notebook: its SHA256SUMS has sum {fingerprint[:12]}, "
                f"expected {wanted[:12]}. Push the dataset, wait until Kaggle has processed it, and push the notebook"
            )

    def find_model(self) -> Reading | None:
        """Find the mounted model and read it in the background."""
        if self.settings.model is None:
            self.verdict.note("model: the preset's")
            return None
        folder, notes = weights.locate(self.places.input, self.settings.model)
        for words in notes:
            self.verdict.note(words)
        self.sets.append(f"sample.model={folder}")
        return Reading(folder)

    def install_wheels(self) -> str:
        """Install the wheels; return the interpreter that has them."""
        places = self.places
        done = wheels.install(places.input, places.temp, places.venv, places.logs / "wheels.log", self.stop)
        for words in done.notes:
            self.verdict.note(words)
        for words in done.complaints:
            self.verdict.fault(words)
        self.compare_pack("wheels", done.fingerprint)
        if self.settings.stack not in (None, done.stack):
            self.verdict.fault(
                f"the wheels dataset holds the {done.stack} stack, this notebook's pack {self.settings.stack}: push "
                "the wheels that were packed with it"
            )
        return done.python

    def check_accelerator(self) -> list[Card]:
        """Compare the machine with what was promised."""
        promised = self.settings.accelerator
        if promised is None:
            self.verdict.note("accelerator: none wanted")
            return []
        self.verdict.accelerator = {"promised": asdict(promised), "found": [], "driver": "", "fits": False}
        cards = accelerator.cards(self.stop.pause)
        complaints = accelerator.complaints(cards, promised)
        drivers = ", ".join(dict.fromkeys(card.driver for card in cards))
        self.verdict.accelerator |= {"found": [asdict(card) for card in cards], "driver": drivers}
        self.verdict.accelerator["fits"] = not complaints
        self.verdict.note(f"accelerator: {accelerator.words(cards) or 'none'}")
        for words in complaints:
            self.verdict.fault(words)
        if 0 < len(cards) < promised.count:
            self.sets.append(f"workers={len(cards)}")
        return cards

    def judge_model(self, reading: Reading) -> None:
        """Write down what the background reading found."""
        for words in reading.complaints:
            self.verdict.fault(words)
        if not reading.done:
            self.verdict.note("the model's files were not all read and checked in the background")

    def without(self, what: str, *sets: str) -> None:
        """Go on with less."""
        self.verdict.degraded.append(what)
        self.sets += [text for text in sets if text not in self.sets]

    def probe(self, code: Code, python: str | None) -> tuple[str, dict[str, str]]:
        """Return the interpreter that can import the solver, and its environment: the wheels', else this one.

        Raises:
            ProcessError: neither can.
        """
        log = self.places.logs / "probe.log"
        for chosen, venv in ((python, self.places.venv), (sys.executable, None)):
            if chosen is None:
                continue
            environment = offline.environment(os.environ, self.places.temp, code.folder, venv)
            words = "import sys, arc_submit.cli; print(sys.version.split()[0], arc_submit.__file__)"
            try:
                done = process.run(
                    [chosen, "-c", words],
                    log=log,
                    seconds=_PROBE_SECONDS,
                    stop=self.stop,
                    environment=environment,
                    what=f"importing the solver with {chosen}",
                )
            except process.ProcessError as error:
                if venv is None:
                    raise
                self.verdict.fault(
                    f"{error.args[0].splitlines()[-1]} (with the wheels' packages; trying this interpreter's)"
                )
                continue
            version, _, imported = done.strip().splitlines()[-1].partition(" ")
            if not imported.startswith(str(code.folder)):
                self.verdict.fault(f"the solver is imported from {imported}, not from the bundle in {code.folder}")
            self.verdict.python = version
            self.verdict.note(f"Python {version}, {chosen}")
            if not version.startswith(f"{self.settings.python}."):
                self.verdict.note(f"packed for Python {self.settings.python}: was docker_image changed?")
            return chosen, environment
        raise AssertionError("this interpreter is always tried")

    def solve(self, work: Work, python: str, environment: dict[str, str]) -> Ended:
        """Let the solver work until the session's time is over; in a commit run for a few minutes."""
        end = self.clock.now() + self.clock.left
        if self.verdict.mode == "commit":
            end = min(end, self.clock.now() + self.settings.commit.minutes * 60)
        print(f"  {(end - self.clock.now()) / 60:.1f} minutes for the solver", flush=True)
        order = solver.Order(
            python=python,
            challenges=work.challenges,
            out=work.out,
            preset=self.settings.preset,
            settings=(*self.settings.set, *self.sets),
            tasks=work.tasks,
            environment=environment,
            log=self.places.logs / "solver.log",
            pidfile=self.places.temp / "solver.pid",
        )
        mirror = handin.Mirror(work.target, work.empty)
        ended = solver.solve(order, lambda: end - self.clock.now(), self.stop, mirror.look, again=self.again)
        for words in mirror.complaints:
            self.verdict.note(words)
        return ended

    def judge(self, ended: Ended | None, work: Work) -> None:
        """Write down how the solver did."""
        verdict = self.verdict
        settled = handin.settle(handin.kept_in(work.target, work.empty), work.empty)
        verdict.tasks, verdict.outputs, verdict.fallbacks = len(work.empty), settled.outputs, settled.fallbacks
        verdict.malformed = work.malformed
        if settled.fallbacks == settled.outputs:
            verdict.fault("every output is a fallback: no program answered anything")
        if ended is None:
            return
        verdict.restarts = ended.restarts
        verdict.degraded += ended.degraded
        for words in ended.troubles:
            verdict.note(words)
        if ended.code is None:
            verdict.fault("the solver was not started: no time was left")
        elif not ended.in_order:
            verdict.fault(f"the solver ended with {process.ending(ended.code)}")
        if self.stop.reason:
            verdict.fault(f"stopped by {self.stop.reason}")
        if ended.summary is None:
            verdict.fault("the solver gave no summary")
            return
        self.take_summary(ended.summary)

    def take_summary(self, summary: dict[str, Any]) -> None:
        """Take over what the solver says of itself."""
        verdict = self.verdict
        verdict.canary = summary.get("canary")
        said = summary.get("fallbacks")
        if isinstance(said, int):  # the file alone does not tell an answer that looks like a fallback
            verdict.fallbacks = min(verdict.fallbacks, said)
        verdict.programs = dict(summary.get("programs") or {})
        verdict.tokens = int(summary.get("tokens") or 0)
        verdict.passers_by = dict(summary.get("passers_by") or {})
        for words in account.complaints(summary, (*self.settings.set, *self.sets)):
            verdict.fault(words)
        verdict.degraded += [str(words) for words in summary.get("degraded") or ()]
        verdict.set_aside = list(summary.get("set_aside") or ())
        verdict.workers_replaced = int(summary.get("restarts") or 0)
        if verdict.set_aside:
            verdict.note(f"tasks set aside after two dead workers each: {', '.join(verdict.set_aside)}")

    def score(self, found: Competition, work: Work) -> None:
        """Score the commit run by the public answers."""
        if found.solutions is None:
            raise mounts.MountError(f"{found.folder}: {mounts.SOLUTIONS} is not there")
        right = [task_id for task_id in work.tasks if task_id not in work.malformed]
        solved, outputs = handin.score(handin.kept_in(work.target, work.empty), handin.read(found.solutions), right)
        self.verdict.score = {"solved_outputs": solved, "outputs": outputs}
        self.verdict.note(f"score: {solved} of {outputs} outputs of {', '.join(work.tasks)}")

    def report(self, python: str, environment: dict[str, str]) -> None:
        """Draw report.html of each run folder."""
        for folder in self.run_folders():
            process.run(
                [python, "-m", "arc_submit", "report", str(folder)],
                log=self.places.logs / "report.log",
                seconds=_REPORT_SECONDS,
                stop=self.stop,
                environment=environment,
                what="report",
            )

    def run_folders(self) -> list[Path]:
        """Return the solver's run folders."""
        return sorted(path.parent for path in self.places.working.glob("*/run.json"))

    def pack(self) -> None:
        """Put run folders and logs into one archive."""
        places = self.places
        folders = self.run_folders()
        files, size = logs.pack(places.packed_logs, [*folders, places.logs])
        for folder in folders:
            shutil.rmtree(folder)
        print(f"  {places.packed_logs}: {files} files, {size / 1e6:.1f} MB", flush=True)

    def check(self) -> None:
        """Look at submission.json a last time: take over what the solver has left and could not be written before; what
        is missing or malformed is filled with fallbacks, loudly.

        Raises:
            OSError: it cannot be written.
        """
        if not self.whole:
            return
        try:
            settled = handin.settle(handin.read(self.places.submission), self.whole)
        except handin.HandinError as error:
            self.verdict.fault(f"submission.json was damaged; it is the fallback now: {error}")
            settled = handin.settle({}, self.whole)
        else:
            if settled.repaired or settled.unknown:
                self.verdict.fault(f"submission.json was not whole; filled with fallbacks: {settled.repaired[:10]}")
        content = self.with_answers_left(settled.content)
        handin.write(self.places.submission, content)
        print(f"  {self.places.submission}: valid, {len(content)} tasks, {settled.outputs} outputs", flush=True)

    def with_answers_left(self, content: handin.Content) -> handin.Content:
        """Return the hand-in with the answers in the solver's run folders, the newest winning."""
        if self.verdict.mode != "rerun":  # a commit run's answers are not handed in
            return content
        files = [path for folder in self.run_folders() if (path := folder / "submission.json").is_file()]
        newest = content
        for path in sorted(files, key=lambda path: path.stat().st_mtime_ns):
            newest = handin.overlay(newest, handin.kept_in(path, self.whole), self.whole)
        if newest != content:
            self.verdict.note("the last look took answers over that had not been written before")
        return newest

    def close(self) -> None:
        """Write the verdict and say it."""
        verdict = self.verdict
        for words in dict.fromkeys(verdict.degraded):
            verdict.fault(f"went on with less: {words}")
        if not self.whole:
            verdict.fault("NO submission.json could be written")
        verdict.seconds = round(self.clock.elapsed, 1)
        try:
            verdict.write(self.places.verdict)
        except OSError as error:
            verdict.fault(f"{self.places.verdict}: cannot be written ({error.strerror})")
        print(verdict.words(), flush=True)
