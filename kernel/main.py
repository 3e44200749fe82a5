"""What Kaggle runs, in order. Every step may fail; what can still go on goes on, and the verdict says what happened.

    clock -> tasks -> fallback submission.json -> code -> model -> wheels -> accelerator -> solver (a subprocess)
          -> last check -> self-score in a commit run -> logs in one archive -> verdict.json

Commit run ("Save & Run All"): a few evaluation tasks, solved and scored in a folder of their own; submission.json is
the fallback for the visible test file, which is what Kaggle looks at. Scored rerun (KAGGLE_IS_COMPETITION_RERUN,
nothing else tells): the test file is solved, and submission.json follows the solver's answers while it works.

Always ends with exit code 0: a script that fails loses its submission on Kaggle. verdict.json says whether it is good.
"""

import os
import sys
import traceback
from pathlib import Path

if __package__ in (None, ""):  # run as a file: its folder's parent is where the others are imported from
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from kernel import settings, solver
from kernel.clock import Clock, session_start
from kernel.places import Places
from kernel.process import Stop
from kernel.session import Session
from kernel.settings import Settings
from kernel.stages import Stages
from kernel.verdict import Verdict

RERUN = "KAGGLE_IS_COMPETITION_RERUN"
COMMIT = "ARC_SUBMIT_COMMIT"
"""Environment: the commit that the notebook was generated from."""
AGAIN = "ARC_SUBMIT_AGAIN"
"""Environment: not empty or "0" when the notebook starts this file again after it was killed: the solver goes on."""
_WHEELS_SECONDS = 3600.0


def go(session: Session, stages: Stages) -> None:
    """Do everything but the end."""
    attempt = stages.attempt
    found = attempt(
        "inputs",
        session.find_tasks,
        "there is nothing to solve",
        seconds=session.long_patience,
        even_when_stopped=True,
    )
    if found is None:
        return
    work = attempt(
        "fallback submission",
        lambda: session.begin(found),
        "nothing is solved",
        seconds=session.long_patience,
        even_when_stopped=True,
    )
    code = attempt("code", session.install_code, "only the fallback is handed in", seconds=session.long_patience)
    if work is None or code is None:
        return
    reading = attempt("model", session.find_model, "the solver goes on without it", seconds=session.patience)
    if session.settings.model and reading is None:
        session.without("no model", *solver.symbolic())
    python = None
    if session.settings.wheels:
        python = attempt(
            "wheels", session.install_wheels, "this interpreter's packages are used", seconds=_WHEELS_SECONDS
        )
    cards = attempt("accelerator", session.check_accelerator, "the solver finds out itself")
    if session.settings.accelerator and cards == []:  # None: nvidia-smi could not say
        session.without("no accelerator", *solver.symbolic())
    ready = attempt("packages", lambda: session.probe(code, python), "the solver is not started")
    if ready is not None:
        ended = attempt("solver", lambda: session.solve(work, *ready), "what it had answered is handed in")
        session.judge(ended, work)
    if reading is not None:
        session.judge_model(reading)
    if session.verdict.mode == "commit":
        attempt("self-score", lambda: session.score(found, work), "there is no score", even_when_stopped=True)
    if ready is not None:
        attempt("report", lambda: session.report(*ready), "there is no report.html", grave=False)


def main() -> int:
    """Run one session; return 0 whatever happened, since a script that fails loses its submission."""
    environment = os.environ
    verdict = Verdict("rerun" if environment.get(RERUN) else "commit", environment.get(COMMIT) or "unknown")
    print(f"arc-submit, commit {verdict.commit}, Python {sys.version.split()[0]}, {verdict.mode} run", flush=True)
    stop = Stop()
    stop.listen()
    stages = Stages(verdict, stop)
    chosen = stages.attempt("settings", lambda: settings.load(environment), "the shipped ones are used") or Settings()
    clock = Clock(session_start(environment, chosen.hours), chosen.hours, chosen.reserve_minutes)
    print(f"  {clock.elapsed:.0f} s since the session's start, {clock.left / 60:.1f} minutes left", flush=True)
    again = environment.get(AGAIN, "0") not in ("", "0")
    if again:
        verdict.note("this kernel was started again after it had died")
    session = Session(Places.of(environment).made(), chosen, clock, verdict, stop, again)
    try:
        go(session, stages)
    except Exception as error:  # a step that should have raised inside a stage: still a hand-in, and never hidden
        traceback.print_exc()
        verdict.fault(f"kernel: {type(error).__name__}: {error}")
    stages.attempt("last check", session.check, "look at submission.json yourself", even_when_stopped=True)
    stages.attempt("archive", session.pack, "logs stay as they are", even_when_stopped=True, grave=False)
    session.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
