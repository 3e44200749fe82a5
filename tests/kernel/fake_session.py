"""A Kaggle session in a temporary folder: mounts in either layout, a solver that misbehaves as asked, own wheels."""

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SLUG = "arc-prize-2026-arc-agi-2"
COMMIT = "c0ffee" + "0" * 34
ABI = f"cp{sys.version_info[0]}{sys.version_info[1]}"

FAKE_SOLVER = '''
"""Stands for the solver. FAKE names what it does; every task that it answers gets [[7]]."""
import json, os, signal, subprocess, sys, time
from pathlib import Path

arguments = sys.argv[1:]
said = dict(zip(arguments, [*arguments[1:], ""]))
if arguments[0] == "report":
    Path(arguments[1], "report.html").write_text("<p>report</p>")
    sys.exit()
FAKE, out = os.environ.get("FAKE", "ok"), Path(said["--out"])
resumed, symbolic = "--resume" in arguments, "search.proposers=symbolic" in arguments
out.mkdir(parents=True, exist_ok=True)
with open(out / "starts.jsonl", "a") as file:
    file.write(json.dumps(arguments) + "\\n")
tasks = json.loads(Path(said["--data"]).read_text())
ids = said["--tasks"].split(",") if "--tasks" in said else list(tasks)
if resumed:
    ids = json.loads((out / "run.json").read_text())


def answer(some):
    content = {}
    for task_id in ids:
        tests = tasks[task_id].get("test") if isinstance(tasks[task_id], dict) else None
        grids = [test["input"] for test in tests] if tests else [[[0]]]
        content[task_id] = [{"attempt_1": [[7]] if task_id in some else grid, "attempt_2": [[0]]} for grid in grids]
    (out / "submission.new").write_text(json.dumps(content))
    os.replace(out / "submission.new", out / "submission.json")


def summary(**changes):
    line = {"tasks": len(ids), "outputs": len(ids), "finished": len(ids), "with_passer": len(ids), "fallbacks": 0}
    line |= {"canary": True, "restarts": 0, "set_aside": [], "degraded": [], "malformed": [], "stopped": ""}
    line |= {"model": not symbolic, "tokens": 0 if symbolic else 900, "passers_by": {"mutate": len(ids)}}
    line |= {"programs": {"mutate": 5} if symbolic else {"mutate": 5, "fresh": 3}, "canary_due": True}
    print(json.dumps({**line, "submission": str(out / "submission.json"), **changes}))


if FAKE == "refuses" or (FAKE == "refuses-lm" and not symbolic) or (FAKE == "refuses-resume" and resumed):
    print("arc-submit: no such preset", file=sys.stderr)
    sys.exit(2)
(out / "run.json").write_text(json.dumps(ids))
print(f"solver {FAKE} at work", flush=True)
if FAKE in ("dies-once", "refuses-resume") and not resumed and not (out.parent / "died").exists():
    (out.parent / "died").touch()
    answer(ids[:1])
    os.kill(os.getpid(), signal.SIGKILL)
if FAKE == "dies-always":
    answer(ids[:1])
    os.abort()
if FAKE == "fails":
    sys.exit(1)
if FAKE == "half":
    (out / "submission.json").write_text('{"a": [{"attempt_1": [[1')
elif FAKE == "wrong-grids":
    (out / "submission.json").write_text(json.dumps({ids[0]: [{"attempt_1": [[10]], "attempt_2": [[0]]}], "zz": []}))
elif FAKE == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    answer(ids)
    time.sleep(100)
elif FAKE == "waits":
    def end(*_):
        answer(ids)
        summary(stopped="SIGTERM")
        sys.exit(143)
    signal.signal(signal.SIGTERM, end)
    answer(ids[:1])
    print("waiting", flush=True)
    time.sleep(100)
elif FAKE == "orphan":
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
    (out.parent / "orphan").write_text(str(child.pid))
    answer(ids)
elif FAKE == "secrets":
    (out.parent / "environment.json").write_text(json.dumps(dict(os.environ)))
    answer(ids)
elif FAKE != "nothing":
    answer(ids)
if FAKE == "silent":
    summary(tokens=0, programs={"mutate": 5})
    sys.exit()
summary(canary=FAKE != "dead", degraded=["base without adapter"] if FAKE == "degraded" else [])
'''


def task(colour: int = 1, tests: int = 1) -> dict[str, Any]:
    """A well-formed task whose outputs are [[7]]."""
    pair = {"input": [[colour, 0]], "output": [[7]]}
    return {"train": [pair, pair], "test": [{"input": [[colour, colour]]} for _ in range(tests)]}


def write_sums(folder: Path) -> None:
    """SHA256SUMS of a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")


def wheel(folder: Path, name: str, version: str, *, tag: str = "py3-none-any", source: str = "") -> Path:
    """Make a wheel by hand: one module."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    path = folder / f"{module}-{version}-{tag}.whl"
    folder.mkdir(parents=True, exist_ok=True)
    pure = str(tag.endswith("none-any")).lower()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{module}.py", source or f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: {pure}\nTag: {tag}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


class Session:
    """The places of one session and what lies in them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.input, self.working, self.temp = root / "input", root / "working", root / "temp"
        self.input.mkdir()
        self.changes: dict[str, Any] = {}
        self.environment = {"FAKE": "ok"}

    def competition(self, test: Any = None, evaluation: Any = None, at: str = f"competitions/{SLUG}") -> Path:
        """Mount the competition's files."""
        folder = self.input / at
        folder.mkdir(parents=True)
        test = {"a": task(1), "b": task(2, tests=2)} if test is None else test
        (folder / "arc-agi_test_challenges.json").write_text(json.dumps(test))
        evaluation = {f"e{number}": task(number) for number in range(1, 6)} if evaluation is None else evaluation
        (folder / "arc-agi_evaluation_challenges.json").write_text(json.dumps(evaluation))
        solutions = {name: [[[7]]] * len(entry["test"]) for name, entry in evaluation.items()}
        (folder / "arc-agi_evaluation_solutions.json").write_text(json.dumps(solutions))
        return folder

    def code(
        self, at: str = "datasets/me/arc-submit-code", *, commit: str = COMMIT, created: str = "2026-11-21",
        packed: bool = False,
    ) -> Path:  # fmt: skip
        """Mount a code bundle with the fake solver."""
        folder = self.input / at
        package = folder / "code" / "arc_submit"
        package.mkdir(parents=True)
        (package / "__main__.py").write_text(FAKE_SOLVER)
        (package / "cli.py").write_text('"""Imported by the probe."""\n')
        (package / "__init__.py").touch()
        card = {"kit": "arc-submit", "kind": "code", "commit": commit, "dirty": False, "created": created}
        (folder / "BUNDLE.json").write_text(json.dumps(card))
        write_sums(folder)
        if packed:
            with zipfile.ZipFile(folder / "code.zip", "w") as archive:
                for path in sorted((folder / "code").rglob("*")):
                    archive.write(path, path.relative_to(folder / "code"))
                    path.is_file() and path.unlink()
            package.rmdir()
            (folder / "code").rmdir()
        return folder

    def wheels(self, *, at: str = "datasets/me/arc-submit-wheels", abi: str = ABI, created: str = "2026-11-21") -> Path:
        """Mount wheels: two small ones, one with a local version."""
        folder = self.input / at
        made = [wheel(folder / "wheels", "alpha-one", "1.0"), wheel(folder / "wheels", "beta", "2.0+cpu")]
        self.lock(folder, made)
        card = {"kit": "arc-submit", "kind": "wheels", "stack": "core", "abi": abi, "created": created}
        (folder / "WHEELS.json").write_text(json.dumps({**card, "python": f"{abi[2]}.{abi[3:]}"}))
        write_sums(folder)
        return folder

    @staticmethod
    def lock(folder: Path, made: list[Path]) -> None:
        """requirements.txt for these wheels."""
        lines = []
        for path in made:
            name, version, *_ = path.name.split("-")
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}")
        (folder / "requirements.txt").write_text("# a lock\n" + "\n".join(lines) + "\n")

    def prepare(self) -> dict[str, str]:
        """Write the settings; return the environment of a kernel here."""
        settings = json.loads((ROOT / "kernel" / "settings.json").read_text())
        settings |= {"accelerator": None, "wheels": False, "python": f"{ABI[2]}.{ABI[3:]}", **self.changes}
        (self.root / "settings.json").write_text(json.dumps(settings))
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAGGLE", "ARC_SUBMIT"))}
        places = {
            "INPUT": self.input,
            "WORKING": self.working,
            "TEMP": self.temp,
            "SETTINGS": self.root / "settings.json",
        }
        kept |= {f"ARC_SUBMIT_{name}": str(path) for name, path in places.items()}
        return {**kept, **self.environment}

    def start(self, *, rerun: bool = True, **environment: str) -> subprocess.Popen[str]:
        """Start the kernel."""
        self.environment |= {**({"KAGGLE_IS_COMPETITION_RERUN": "1"} if rerun else {}), **environment}
        return subprocess.Popen(
            [sys.executable, "-m", "kernel.main"],
            cwd=ROOT,
            env=self.prepare(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, fake: str = "ok", *, rerun: bool = True, **environment: str) -> str:
        """Run the kernel to its end, which must be in order; return what it printed."""
        kernel = self.start(rerun=rerun, FAKE=fake, **environment)
        printed, _ = kernel.communicate(timeout=60)
        assert kernel.returncode == 0, printed
        return printed

    @property
    def verdict(self) -> dict[str, Any]:
        return json.loads((self.working / "verdict.json").read_text())

    @property
    def submission(self) -> dict[str, Any]:
        return json.loads((self.working / "submission.json").read_text())
