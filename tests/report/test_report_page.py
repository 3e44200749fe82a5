"""The page as a whole, read with the standard library's HTML parser: what a browser would find in it."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest
from report_runs import HOSTILE, Make, candidate, done, story

import arc_submit.report
from arc_submit import submission
from arc_submit.errors import OutputError, ResumeError, UserError
from arc_submit.report import write
from arc_submit.trace import NAME

HANDLERS = re.compile(r"on\w+")


class Reading(HTMLParser):
    """Tags with their attributes, and the text inside every element of a few kinds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"pre": [], "script": [], "style": [], "b": [], "button": []}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self._open.append(tag)
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.inside[tag][-1] += data

    def tasks(self) -> dict[str, dict[str, str | None]]:
        """Task id -> attributes of its element."""
        found = [attributes for tag, attributes in self.tags if tag == "details" and "data-id" in attributes]
        return {str(attributes["data-id"]): attributes for attributes in found}


def page(out: Path) -> tuple[str, Reading]:
    """(the page about a run, the same as read)"""
    target = out / "report.html"
    assert write(out, target) == target.stat().st_size
    html = target.read_text("utf-8")
    return html, Reading(html)


def test_every_task_is_present_and_the_canary_is_not(finished: Path) -> None:
    html, read = page(finished)
    assert list(read.tasks()) == ["own00000", "own00001", "own00002", "own00003", "own00004"]
    assert "the canary&#39;s own program" not in html
    assert "cafecafecafecafe" not in html


def test_tasks_carry_the_tags_that_the_filters_ask_for(finished: Path) -> None:
    tags = {task_id: str(attributes["data-tags"]).split() for task_id, attributes in page(finished)[1].tasks().items()}
    assert tags["own00000"] == ["passer", "solved"]
    assert tags["own00001"] == ["passer", "missed", "wrong"]  # a partial program was right, the passer was not
    assert tags["own00002"] == ["no-passer", "wrong"]
    assert tags["own00003"] == ["no-passer", "fallback", "solved"]  # 1 x 1: the input is the output
    assert tags["own00004"] == ["no-passer", "fallback", "unfinished", "wrong"]


def test_the_headline_is_the_score(finished: Path) -> None:
    numbers = page(finished)[1].inside["b"]
    # 2 of 5 outputs; the oracle adds own00001; 2 tasks whole, 2 with a passer, 2 fallbacks
    assert numbers[:5] == ["40.00 %", "60.00 %", "2", "2", "2"]


def test_hostile_programs_are_text_and_nothing_else(finished: Path) -> None:
    html, read = page(finished)
    kinds = [tag for tag, _ in read.tags]
    assert kinds.count("script") == 1
    assert "img" not in kinds
    assert not [name for _, attributes in read.tags for name in attributes if HANDLERS.fullmatch(name)]
    shown = next(text for text in read.inside["pre"] if "alert(1)" in text)
    assert shown.lstrip("\n").startswith(HOSTILE.split("\n")[0])
    assert "</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>" in shown
    assert "{{ 7 * 7 }}" in shown
    assert r"\x00\x1b[31m\u202e" in shown
    assert "\x00" not in html and "\x1b" not in html and "\u202e" not in html


def test_huge_programs_are_cut_and_say_so(finished: Path) -> None:
    html, read = page(finished)
    assert max(map(len, read.inside["pre"])) < 7000
    assert "more characters are in the trace" in html


def test_hostile_names_are_escaped_everywhere(stage: Make) -> None:
    made = stage()
    (task,) = made.tasks
    name = '"><script>x</script>'
    made.found(task, candidate(task, "a" * 16, "x", right=2, tests=[None], proposer=name, parents=(name,), view=name))
    made.note({**done(task.id, name), "seconds": {name: 1.0}})
    read = page(made.end())[1]
    assert [tag for tag, _ in read.tags].count("script") == 1


def test_nothing_is_fetched_from_anywhere(finished: Path) -> None:
    html, read = page(finished)
    assert "http:" not in html and "https:" not in html and "@import" not in html and "url(" not in html
    for _, attributes in read.tags:
        assert "src" not in attributes
        assert str(attributes.get("href", "#")).startswith("#")
    policy = next(str(attributes["content"]) for _, attributes in read.tags if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'")


def test_the_policy_names_the_script_that_is_there(finished: Path) -> None:
    html, read = page(finished)
    digest = base64.b64encode(hashlib.sha256(read.inside["script"][0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html.replace("&#39;", "'")


def test_links_lead_to_programs_on_the_page(finished: Path) -> None:
    read = page(finished)[1]
    ids = {str(attributes["id"]) for _, attributes in read.tags if "id" in attributes}
    links = {str(attributes["href"])[1:] for tag, attributes in read.tags if tag == "a"}
    assert links == {"t1-" + "a" * 16}  # the other parent is not in the trace: its id stands there without a link
    assert links <= ids


def test_a_killed_run_has_a_page(stage: Make) -> None:
    made = story(stage([(4, 4)] * 6))
    made.note({"event": "worker", "state": "died", "code": -9, "in_hand": ["own00004"]})
    made.note({"event": "worker", "state": "died", "code": -9, "in_hand": ["own00004"]})
    made.found(made.tasks.tasks[5], candidate(made.tasks.tasks[5], "9" * 16, "x", right=1, tests=[None]))
    made.trace.close()
    with open(made.out / NAME, "ab") as file:
        file.write(b'{"event":"answer","task":"own00000","ans')  # cut short by the kill
    submission.write(made.out / submission.NAME, made.tasks, made.answers)
    html, read = page(made.out)
    assert len(read.tasks()) == 6
    assert "Stopped: set aside" in html
    assert "Stopped: unfinished" in html


def test_a_run_that_has_only_begun_has_a_page(stage: Make) -> None:
    made = stage([(3, 3), (4, 4)])
    made.trace.close()
    (made.out / NAME).unlink()
    html, read = page(made.out)
    assert "No attempts to show" in html
    assert len(read.tasks()) == 2
    assert "Stopped: not started" in html


def test_without_solutions_nothing_is_called_right_or_wrong(stage: Make) -> None:
    made = stage([(3, 4)] * 4, solutions=False)
    html, read = page(story(made).end())
    assert "p@2" not in html and "oracle" not in html
    assert 'class="verdict' not in html and "solution</b>" not in html
    labels = [text.split(" ")[0] for text in read.inside["button"]]
    assert "solved" not in labels
    assert [attributes["class"] for attributes in read.tasks().values()] == [
        "task answered",
        "task answered",
        "task guess",
        "task none",
    ]


def test_several_test_inputs_are_shown_one_by_one(stage: Make) -> None:
    made = stage([(3, 4)], tests=2)
    (task,) = made.tasks
    made.answered(task, task.test[0][::-1], voices=2)
    html, read = page(made.end())
    assert read.tasks()["own00000"]["class"] == "task part"
    assert "<b>input 1</b>" in html and "<b>input 2</b>" in html


def test_grids_stand_there_as_digits(finished: Path) -> None:
    read = page(finished)[1]
    grids = [text for text in read.inside["pre"] if re.fullmatch(r"[0-9\n]+", text)]
    assert len(max(grids, key=len)) == 30 * 31 - 1
    # own00000: 2 pairs, 1 input, 2 attempts, 1 solution; so for all five
    assert len(grids) == 5 * 8


def test_the_page_of_400_tasks_stays_small(stage: Make) -> None:
    """Programs made of quotes: each takes five bytes once escaped."""
    made = stage([(20, 20)] * 400)
    for task in made.tasks:
        turned = task.test[0][::-1]
        made.found(
            task,
            *(candidate(task, f"{n:016d}", f"x = {n}" + "'" * 3000, right=1, tests=[turned]) for n in range(6)),
        )
        made.answered(task, turned, program="0" * 16)
        made.note(done(task.id, "time"))
    target = made.end() / "report.html"
    assert write(made.out, target) < 15_000_000
    assert target.read_text("utf-8").count('<details class="task ') == 400


def test_the_same_run_gives_the_same_page(finished: Path) -> None:
    first, _ = page(finished)
    second, _ = page(finished)
    assert first == second


def test_templates_trust_no_text() -> None:
    templates = list(Path(arc_submit.report.__file__).parent.glob("*.html"))
    assert len(templates) == 3
    for template in templates:
        text = template.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup", text)


def test_a_folder_without_a_run_is_a_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(ResumeError, match="no run here"):
        write(tmp_path, tmp_path / "report.html")


def test_a_target_that_cannot_be_written_leaves_nothing_behind(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write the report"):
        write(finished, tmp_path / "missing" / "report.html")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError):
        write(finished, tmp_path / "taken")
    assert not list(tmp_path.glob(".*new"))


def test_data_that_changed_since_the_run_is_refused(stage: Make) -> None:
    made = stage([(3, 3), (4, 4)])
    out = made.end()
    changed = orjson.loads(made.data.read_bytes())
    changed["own00000"]["test"][0]["input"] = [[0]]
    made.data.write_bytes(orjson.dumps(changed))
    with pytest.raises(ResumeError, match="have changed since the run"):
        write(out, out / "report.html")


def test_data_that_is_gone_is_a_users_mistake(finished: Path) -> None:
    for file in finished.parent.glob("own_*.json"):
        file.unlink()
    with pytest.raises(UserError, match="no such file"):
        write(finished, finished / "report.html")


def test_settings_of_another_program_are_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(ResumeError, match="expected an object with"):
        write(tmp_path, tmp_path / "report.html")


def test_a_broken_submission_is_said_and_the_rest_is_shown(finished: Path) -> None:
    (finished / submission.NAME).write_text('{"own00000": [')
    html, read = page(finished)
    assert "No attempts to show." in html
    assert len(read.tasks()) == 5
