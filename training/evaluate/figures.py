"""Rows to figures: one checkpoint's, by difficulty too, and the differences of two.

A task is one thing, however many seeds it was sampled under: its seeds are averaged first, and standard errors are over
tasks. p@2 is per test output, a ratio of two sums; its standard error is the ratio estimator's (`paired.ratio`). Two of
them are compared as such, so that a difference is that of the figures. pass@k is the unbiased estimate from n answers
of which c are right, 1 - C(n - c, k) / C(n, k) (M. Chen et al., arXiv 2107.03374); answers come in several views here,
so it is that of one more such mixture.

What is not known (test outputs) is None and left out of means.
"""

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from training.evaluate import edits, paired
from training.evaluate.edits import Edited, Measure
from training.evaluate.paired import Paired
from training.evaluate.run import Edits, Measured, Rows
from training.evaluate.solve import Row
from training.evaluate.subjects import Buckets

EDITS: dict[str, Measure] = {"edits": "share", "edits_per_asked": "per_asked", "edit_success": "success"}
"""Name of a comparison of edits -> what of `Edited` it compares."""
NEARLY = 0.95  # share of cells right from which on a task that is not solved counts as nearly solved


def solving(rows: Rows) -> dict[str, Any]:
    """Return the figures of the solve rate and of what was written."""
    every = [row for by_task in rows.values() for row in by_task.values()]
    known = [row for row in every if row.right is not None]
    asked = sum(row.asked for row in every)
    programs = sum(row.programs for row in every)
    return {
        "tasks": len({row.task for row in every}),
        "outputs": sum(row.outputs for row in known) // max(1, len(rows)),
        "p2": scored(rows, "right"),
        "oracle": scored(rows, "oracle"),
        "solved": listed(rows),
        "tasks_with_passer": _mean(statistics.fmean(bool(row.passers) for row in own.values()) for own in _own(rows)),
        "pass_at": curve(every),
        "pass_at_demonstrations": curve(every, demonstrations=True),
        "thinking_tokens": spread([tokens for row in every for tokens in row.thinking]),
        "completion_tokens": spread([tokens for row in every for tokens in row.lengths]),
        "answers": asked,
        "cut": _share(sum(row.cut for row in every), asked),
        "unusable": dict(_added(row.unusable for row in every).most_common()),
        "prompts_refused": sum(row.refused for row in every),
        "distinct_programs": _share(programs, asked),
        "distinct_behaviours": _share(sum(row.behaviours for row in every), asked),
        "valid": _share(sum(row.valid for row in every), programs),
        "faults": dict(_added(row.faults for row in every).most_common()),
        "near": near(rows),
        "tokens_per_second": round(
            sum(row.decoded for row in every) / max(1e-9, sum(row.seconds[0] for row in every)), 1
        ),
    }


def scored(rows: Rows, name: str) -> dict[str, Any] | None:
    """Return mean, standard error over tasks and each seed's value of a count per test output; None: not known."""
    sums: dict[str, list[tuple[int, int]]] = {}
    for by_task in rows.values():
        for task, row in by_task.items():
            if (value := getattr(row, name)) is not None:
                sums.setdefault(task, []).append((value, row.outputs))
    if not sums:
        return None
    pairs = [(statistics.fmean(value for value, _ in own), float(own[0][1])) for own in sums.values()]
    mean, error = paired.ratio(pairs)
    by_seed = {
        str(seed): _share(
            sum(getattr(row, name) for row in by_task.values() if getattr(row, name) is not None),
            sum(row.outputs for row in by_task.values() if getattr(row, name) is not None),
        )
        for seed, by_task in rows.items()
    }
    return {"mean": round(mean, 4), "standard_error": _rounded(error), "by_seed": by_seed}


def curve(rows: Iterable[Row], *, demonstrations: bool = False) -> dict[int, float]:
    """Return k -> chance that one of k answers gives a test output (or passes all demonstrations of a task)."""
    counts: list[tuple[int, int]] = []
    for row in rows:
        if demonstrations:
            counts.append((row.asked, row.passing))
        elif row.hits is not None:
            counts += [(row.asked, right) for right in row.hits]
    counts = [(asked, right) for asked, right in counts if asked]
    most = min((asked for asked, _ in counts), default=0)
    ks = [2**power for power in range(most.bit_length()) if 2**power <= most]
    if most and ks[-1] != most:
        ks.append(most)
    return {k: round(statistics.fmean(pass_at(asked, right, k) for asked, right in counts), 4) for k in ks}


def pass_at(asked: int, right: int, k: int) -> float:
    """Return the chance that k of `asked` answers, drawn without replacement, hold one of the `right` ones.

    >>> pass_at(4, 1, 2)   # 1 - C(3, 2) / C(4, 2) = 1 - 3/6
    0.5
    """
    return 1.0 - math.comb(asked - right, k) / math.comb(asked, k)


def near(rows: Rows) -> dict[str, Any]:
    """Return how near the misses are; tasks' seeds are averaged."""
    best, copied = task_means(rows, "cells"), task_means(rows, "copied")
    attempts = task_means(rows, "test_cells")
    passed = {task for by_task in rows.values() for task, row in by_task.items() if row.passers}
    solved = {task for by_task in rows.values() for task, row in by_task.items() if row.right == row.outputs}
    return {
        "best_program": _mean(best.values()),
        "copied_input": _mean(copied.values()),
        "attempts": _mean(attempts.values()),
        "nearly_passing": sum(share >= NEARLY for task, share in best.items() if task not in passed),
        "nearly_solved": sum(share >= NEARLY for task, share in attempts.items() if task not in solved)
        if attempts
        else None,
    }


def task_means(rows: Rows, name: str) -> dict[str, float]:
    """Return task -> mean of a field over the seeds; tasks of which it is not known are left out."""
    found: dict[str, list[float]] = {}
    for by_task in rows.values():
        for task, row in by_task.items():
            if (value := getattr(row, name)) is not None:
                found.setdefault(task, []).append(float(value))
    return {task: statistics.fmean(values) for task, values in found.items()}


def listed(rows: Rows) -> dict[str, int]:
    """Return task -> seeds under which every test output was right, of the tasks where there is one."""
    found = Counter(
        task for by_task in rows.values() for task, row in by_task.items() if row.right == row.outputs and row.outputs
    )
    return dict(sorted(found.items()))


def by_difficulty(rows: Rows, parts: Buckets) -> dict[str, dict[str, Any]]:
    """Return division -> part -> tasks, p@2, oracle, tasks with a passer."""
    found: dict[str, dict[str, Any]] = {}
    for division, members in parts.items():
        found[division] = {}
        for part, tasks in members.items():
            inside = set(tasks)
            own = {seed: {t: row for t, row in by_task.items() if t in inside} for seed, by_task in rows.items()}
            found[division][part] = {
                "tasks": len(tasks),
                "p2": scored(own, "right"),
                "oracle": scored(own, "oracle"),
                "tasks_with_passer": _mean(
                    statistics.fmean(bool(row.passers) for row in by_task.values()) for by_task in _own(own)
                ),
            }
    return found


def editing(rows: Edits) -> dict[str, Any]:
    """Return the figures of the edits, all seeds together; the share's standard error is over tasks."""
    whole = list(edits.together(rows.values()).values())
    ran, asked = sum(row.ran for row in whole), sum(row.asked for row in whole)
    better = sum(row.better for row in whole)
    _, error = paired.ratio([(row.better, row.ran) for row in whole if row.ran]) if ran else (0.0, math.nan)
    return {
        "tasks": len(whole),
        "parents": sum(row.parents for row in whole) // max(1, len(rows)),
        "asked": asked,
        "ran": ran,
        "better": better,
        "share_better": _share(better, ran),
        "standard_error": _rounded(error),
        "better_per_asked": _share(better, asked),
        "gains": sum(row.gains for row in whole),
        "success": _share(sum(row.gains for row in whole), asked),
        "by_seed": {str(seed): _seed_share(by_task.values()) for seed, by_task in rows.items()},
        "share_repeats": _share(sum(row.repeats for row in whole), ran),
        "unusable": _share(sum(row.unusable for row in whole), asked),
        "passers": sum(row.passers for row in whole),
        "tasks_with_passer": sum(bool(row.passers) for row in whole),
        "parents_improved": sum(row.improved for row in whole),
    }


def compare(first: Measured, second: Measured) -> dict[str, Any]:
    """Return first - second, paired over tasks, for every measure that both have."""
    found: dict[str, Any] = {}
    for name, measure in (("p2", "right"), ("oracle", "oracle")):
        one, other = (task_means(side.rows, measure) for side in (first, second))
        if one and other:
            found[name] = worded(paired.by_name(one, other, _outputs(first.rows)))
    for name in ("cells", "test_cells"):
        sides = [task_means(side.rows, name) for side in (first, second)]
        if all(sides):
            found[name] = worded(paired.by_name(*sides))
    solved = [_often_solved(side.rows) for side in (first, second)]
    if all(solved):
        alone, other_alone, chance = paired.mcnemar(*solved)
        found["solved"] = {"first_alone": alone, "second_alone": other_alone, "mcnemar": round(chance, 4)}
    if any(first.edits.values()) and any(second.edits.values()):
        counts = [edits.together(side.edits.values()) for side in (first, second)]
        for name, measure in EDITS.items():
            by_seed = {
                str(seed): _rounded(edits.compare(first.edits[seed], second.edits[seed], measure).difference)
                for seed in first.edits
            }
            found[name] = worded(edits.compare(counts[0], counts[1], measure)) | {"by_seed": by_seed}
    return found


def worded(found: Paired) -> dict[str, Any]:
    """Return a comparison for people and machines; the verdict's words are `Paired.verdict`'s."""
    return {
        "tasks": found.tasks,
        "difference": _rounded(found.difference),
        "standard_error": _rounded(found.standard_error),
        "interval": [_rounded(end) for end in found.interval],
        "wins": found.wins,
        "losses": found.losses,
        "sign_test": round(found.sign_test, 4),
        "verdict": found.verdict,
    }


def spread(values: Sequence[int]) -> dict[str, float]:
    """Return mean, p90 (the smallest value that nine in ten do not exceed) and the share above 0.

    >>> spread([0, 0, 0, 0, 0, 0, 0, 0, 0, 10])
    {'mean': 1.0, 'p90': 0, 'some': 0.1}
    """
    if not values:
        return {"mean": 0.0, "p90": 0.0, "some": 0.0}
    ranked = sorted(values)
    return {
        "mean": round(statistics.fmean(values), 1),
        "p90": ranked[math.ceil(0.9 * len(ranked)) - 1],
        "some": _share(sum(value > 0 for value in values), len(values)),
    }


def _outputs(rows: Rows) -> dict[str, float]:
    return {task: float(row.outputs) for by_task in rows.values() for task, row in by_task.items()}


def _often_solved(rows: Rows) -> dict[str, bool]:
    """Task -> every test output right under more than half of the seeds."""
    known = task_means(rows, "right")
    counts = listed(rows)
    return {task: 2 * counts.get(task, 0) > len(rows) for task in known}


def _seed_share(rows: Iterable[Edited]) -> float:
    own = list(rows)
    return _share(sum(row.better for row in own), sum(row.ran for row in own))


def _own(rows: Rows) -> list[dict[str, Row]]:
    return [by_task for by_task in rows.values() if by_task]


def _added(counts: Iterable[Mapping[str, int] | None]) -> Counter[str]:
    found: Counter[str] = Counter()
    for own in counts:
        found.update(own or {})
    return found


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(statistics.fmean(found), 4) if found else None


def _share(part: float, whole: float) -> float:
    return round(part / whole, 4) if whole else 0.0


def _rounded(value: float) -> float | None:
    """JSON has no NaN."""
    return round(value, 4) if math.isfinite(value) else None
