"""The dry run in order: pack, lay the inputs out, choose the place, run the kernel, judge.

<out>/pack/        the code bundle and the notebook, as `arc-submit kaggle pack` makes them
<out>/answers/     the chosen tasks with their answers; inside, <out> is an empty folder (in namespaces and docker)
<out>/inputs/      what is mounted, a tree per layout
<out>/<layout>/    one run: working/ (submission.json, verdict.json, logs.tar.gz), run/, logs/, report.html, kernel.log
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arc_submit import config
from arc_submit.dryrun import cells, docker, inputs, outcome, place
from arc_submit.dryrun.inputs import OWNER, Chosen
from arc_submit.dryrun.order import INPUT, SOURCE, Report
from arc_submit.dryrun.outcome import Outcome
from arc_submit.dryrun.place import Place
from arc_submit.errors import ArcSubmitError, ConfigError, OutputError
from arc_submit.kaggle import cards, pack
from arc_submit.kaggle.bundle import Checkout
from arc_submit.kaggle.common import Say

CODE_SLUG, WHEELS_SLUG = "arc-submit-code", "arc-submit-wheels"
SETTINGS, NOTEBOOK, CELLS = "settings.json", "arc-submit.ipynb", "cells.py"
LOG = "kernel.log"
IMAGE_PYTHON = "3.12"
_MARK = ".dry-run"  # file that says: what lies here was made by a dry run and may be replaced
_MADE = ("pack", "answers", "inputs", "competition", *inputs.LAYOUTS)
GRACE = 60.0  # seconds after the session's end at which everything is killed: long enough to see by how much it is late
_LOOK = """
import json, sys
from pathlib import Path
from kernel import mounts
root, slug = Path(sys.argv[1]), sys.argv[2]
found = mounts.competition(root, slug)
code = mounts.datasets(root, "BUNDLE.json", "code")[0]
test = found.test is not None
print(json.dumps({"how": found.how, "own": found.own, "test": test, "commit": code.card.get("commit")}))
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asked for."""

    out: Path = Path("out/dry-run")
    data: str = "arc1-evaluation"
    tasks: tuple[str, ...] = ()
    limit: int | None = 12
    minutes: float = 5.0
    """Length of the session, from the kernel's start to its end."""
    layouts: tuple[str, ...] = ("new",)
    mode: str = "rerun"
    preset: str = "laptop"
    set: tuple[str, ...] = ()
    wheels: Path | None = None
    """Packed wheels; None: this interpreter's packages."""
    docker: bool | None = None
    """None: where docker and the image are there, and wheels for it."""
    namespaces: bool = True
    notebook: bool = False
    """Run the generated notebook's cells, not kernel/main.py."""
    working_gib: float = 2.0
    """Cap of the working folder (Kaggle: 20 GB); 0: a folder of this machine without one."""
    keep: bool = False
    """Keep pack, inputs and the temporary folder."""

    @property
    def seconds(self) -> float:
        return self.minutes * 60


@dataclass(slots=True)
class Rehearsed:
    """What came of it."""

    checkout: Checkout
    chosen: Chosen
    outcomes: list[Outcome]
    old_layout: str = ""
    """What the kernel's search found in the old layout, where that was not run; a complaint begins with `FAILED`."""

    @property
    def ok(self) -> bool:
        return all(one.ok for one in self.outcomes) and not self.old_layout.startswith("FAILED")


def check(wishes: Wishes) -> None:
    """Refuse wishes that cannot be met, before anything is made."""
    if wishes.mode not in inputs.MODES:
        raise ConfigError(f"--mode {wishes.mode}: expected one of {', '.join(inputs.MODES)}")
    for layout in wishes.layouts:
        if layout not in inputs.LAYOUTS:
            raise ConfigError(f"--layout {layout}: expected new, old or both")
    if wishes.minutes < 0.25:
        raise ConfigError(f"--minutes {wishes.minutes:g}: expected 0.25 or more; starting and packing take some")
    if wishes.wheels is not None and not (wishes.wheels / "WHEELS.json").is_file():
        raise ConfigError(f"--wheels {wishes.wheels}: no WHEELS.json there; `arc-submit kaggle pack` makes that folder")
    if wishes.docker and wishes.wheels is None:
        raise ConfigError("--docker: name --wheels: the image lacks packages that the solver needs")
    config.load(wishes.preset, wishes.set)
    there = list(wishes.out.iterdir()) if wishes.out.is_dir() else []
    if there and not (wishes.out / _MARK).exists():
        raise OutputError(f"--out {wishes.out}: holds {there[0].name}, which no dry run made; name an empty folder")


def rehearse(wishes: Wishes, say: Say, beat: Callable[[float], None] = lambda seconds: None) -> Rehearsed:
    """Do the dry run; `say` gets every line, `beat` the seconds of a session when it begins.

    Raises:
        UserError: a wish that cannot be met.
        ArcSubmitError: the place could not be made, or fell down.
    """
    check(wishes)
    chosen = inputs.choose(wishes.data, wishes.tasks, wishes.limit, wishes.mode)
    out = wishes.out.absolute()
    sweep(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / _MARK).touch()
    except OSError as error:
        raise OutputError(f"--out {wishes.out}: cannot write there ({error.strerror})") from None
    packed = pack.pack(
        pack.Wishes(out / "pack", OWNER, preset=wishes.preset, set=wishes.set, wheels=False, check=False),
        say=say,
    )
    commit = packed.checkout.commit
    where = choose_place(wishes, say)
    settings = kernel_settings(wishes, out, chosen, where)
    slug = str(settings["competition"])
    inputs.competition(out / "competition", chosen, wishes.mode)
    answers = inputs.answers(out / "answers", chosen)
    datasets = {CODE_SLUG: out / "pack" / "code"}
    if wishes.wheels is not None:
        datasets[WHEELS_SLUG] = wishes.wheels
    for layout in inputs.LAYOUTS:
        inputs.mount(out / "inputs" / layout, layout, slug, out / "competition", datasets)
    done = Rehearsed(packed.checkout, chosen, [])
    for layout in wishes.layouts:
        house = out / layout
        house.mkdir()
        beat(wishes.seconds)
        report = perform(wishes, where, layout, house, settings, commit, say)
        one = Outcome(layout, wishes.mode, where, wishes.seconds, report)
        outcome.judge(one, house, out / "competition" / "arc-agi_test_challenges.json", answers)
        done.outcomes.append(one)
    if "old" not in wishes.layouts:
        done.old_layout = look_into_old_layout(out, slug)
    if not wishes.keep:
        for name in ("pack", "inputs", "competition"):
            _remove(out / name)
        for layout in wishes.layouts:
            for name in ("temp", "input"):
                _remove(out / layout / name)
    return done


def kernel_settings(wishes: Wishes, out: Path, chosen: Chosen, where: Place) -> dict[str, Any]:
    """Return the shipped settings of the kernel, with this session's length, tasks and machine."""
    shipped = cards.read(out / "pack" / "code" / "code" / "kernel" / "settings.json")
    reserve = reserve_minutes(wishes.minutes)
    return {
        **shipped,
        "hours": wishes.minutes / 60,
        "reserve_minutes": reserve,
        "python": IMAGE_PYTHON if where.name == "docker" else "{}.{}".format(*sys.version_info[:2]),
        "wheels": wishes.wheels is not None,
        "preset": wishes.preset,
        "set": list(wishes.set),
        "model": None,
        "accelerator": None,
        "tasks": len(chosen.tasks),
        "commit": {"tasks": [task.id for task in chosen.tasks], "minutes": wishes.minutes - reserve},
    }


def reserve_minutes(minutes: float) -> float:
    """Return what is kept at the end: a tenth, from 10 seconds up to Kaggle's 20 minutes.

    >>> reserve_minutes(5.0), reserve_minutes(0.5), reserve_minutes(720)
    (0.5, 0.16666666666666666, 20.0)
    """
    return min(max(minutes / 10, 1 / 6), 20.0)


def choose_place(wishes: Wishes, say: Say) -> Place:
    """Return the best place that this machine allows, and say what is weaker there."""
    image = pack.IMAGES[IMAGE_PYTHON]
    if wishes.docker:
        if docker.ready(image):
            say(f"pulling {image} (some 20 GB)")
            docker.pull(image)
        chosen = Place("docker")
    elif wishes.docker is None and wishes.wheels is not None and not docker.ready(image):
        chosen = Place("docker")
    elif not wishes.namespaces:
        chosen = Place("plain", "--no-namespaces")
    elif refused := place.refusal():
        chosen = Place("plain", f"namespaces are not allowed on this machine ({refused})")
    else:
        chosen = Place("namespaces")
    say(f"place: {chosen.name}{f', because of {chosen.why}' if chosen.why else ''}")
    for words in chosen.weaker:
        say(f"weaker than Kaggle: {words}")
    return chosen


def perform(
    wishes: Wishes, where: Place, layout: str, house: Path, settings: dict[str, Any], commit: str, say: Say
) -> Report:
    """Run the kernel once and return how it went; every line goes to kernel.log, too."""
    out, source = house.parent, house / "src"
    source.mkdir()
    (source / SETTINGS).write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
    shutil.copyfile(out / "pack" / "kernel" / pack.NOTEBOOK, source / NOTEBOOK)
    shutil.copyfile(str(cells.__file__), source / CELLS)
    tree = out / "inputs" / layout
    code = f"datasets/{OWNER}/{CODE_SLUG}" if layout == "new" else CODE_SLUG
    variables = place.environment(wishes.mode, os.environ)
    shown_tree, shown_source = INPUT, SOURCE
    if where.name == "plain":
        shown_tree, shown_source = tree, source
        variables |= place.plain_environment(tree, house / "working", house / "temp")
    variables |= {"ARC_SUBMIT_SETTINGS": str(shown_source / SETTINGS), "ARC_SUBMIT_COMMIT": commit}
    python = "python" if where.name == "docker" else sys.executable
    command = [python, "-u", str(shown_tree / code / "code" / "kernel" / "main.py")]
    if wishes.notebook:
        command = [python, "-u", str(shown_source / CELLS), str(shown_source / NOTEBOOK)]
    with open(house / LOG, "w", encoding="utf-8") as log:

        def tell(line: str) -> None:
            log.write(line + "\n")
            log.flush()
            say(line)

        if where.name == "docker":
            return in_docker(command, variables, tree, house, wishes.seconds + GRACE, tell)
        order = place.prepare(
            house,
            command,
            variables,
            seconds=wishes.seconds + GRACE,
            inputs=tree,
            namespaces=where.name == "namespaces",
            working_bytes=int(wishes.working_gib * 2**30) if where.name == "namespaces" else 0,
            hide=out,
        )
        if where.name == "plain":
            _writable(tree, False)
        try:
            code_, report = place.run(order, tell)
        finally:
            if where.name == "plain":
                _writable(tree, True)
    if report is None:
        raise ArcSubmitError(f"{house / LOG}: the namespaces that a trial got were refused (exit code {code_})")
    return report


def in_docker(
    command: list[str], variables: dict[str, str], tree: Path, house: Path, seconds: float, say: Say
) -> Report:
    """Run the kernel in the official image; the container is killed at the wall."""
    name, working = f"arc-submit-dry-run-{os.getpid()}", house / "working"
    working.mkdir()
    inner = {key: value for key, value in variables.items() if key not in ("PATH", "LD_LIBRARY_PATH")}
    line = docker.command(
        pack.IMAGES[IMAGE_PYTHON],
        name,
        command,
        inputs=tree,
        source=house / "src",
        working=working,
        environment=inner,
        gpus=docker.has_gpus(),
    )
    began = time.monotonic()
    code = place.watch(line, say, seconds, lambda signal: docker.stop(name, signal))
    took = round(time.monotonic() - began, 2)
    return Report(code=code, seconds=took, hit_the_wall=took >= seconds)


def look_into_old_layout(out: Path, slug: str) -> str:
    """Let the kernel's own search look through the old layout, and return what it found."""
    code = out / "pack" / "code" / "code"
    line = [sys.executable, "-c", _LOOK, str(out / "inputs" / "old"), slug]
    done = subprocess.run(line, cwd=code, capture_output=True, text=True, timeout=120)
    if done.returncode:
        return f"FAILED: {' '.join(done.stderr.split())[-300:]}"
    found = json.loads(done.stdout)
    if found["how"] != "old layout" or not found["own"] or not found["test"]:
        return f"FAILED: {found}"
    return f"competition and code bundle {found['commit'][:12]} found"


def sweep(out: Path) -> None:
    """Remove what an earlier dry run made here."""
    if (out / _MARK).exists():
        for name in _MADE:
            _remove(out / name)


def _remove(folder: Path) -> None:
    try:
        if folder.exists():
            _writable(folder, True)
            shutil.rmtree(folder)
    except OSError as error:
        raise OutputError(f"{folder}: of an earlier dry run, and cannot be removed ({error.strerror})") from None


def _writable(tree: Path, yes: bool) -> None:
    """Give or take the right to write a tree; wheels are links to the packed ones, and stay as they are."""
    for path in (tree, *tree.rglob("*")):
        if path.is_symlink() or path.suffix == ".whl":
            continue
        mode = path.stat().st_mode & 0o7777
        wanted = mode | 0o200 if yes else mode & ~0o222
        if wanted != mode:
            path.chmod(wanted)
