"""What is shown of a trace: outputs made anew, what the record says otherwise, code line by line, hostile text."""

from dataclasses import replace

import orjson
import pytest
from review_folder import ALMOST, CROP, EXERCISES, FLIP, SAME, TRACES, UNTURNED, trace, write

from arc_submit.errors import DataError
from arc_submit.sandbox import SandboxConfig
from training import exercises
from training.edits import records
from training.review import cards, diff
from training.review.cards import Deck
from training.review.decisions import read


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    with Deck(write(tmp_path_factory.mktemp("review") / "traces")) as found:
        yield found


def test_a_good_edit_is_shown_beside_its_parent(deck):
    card = deck.card(0)
    first = card["train"][0]
    assert first["input"] == FLIP.train[0].input and first["wanted"] == FLIP.train[0].output
    assert first["parent"] == {"grid": FLIP.train[0].input, "cells": pytest.approx(5 / 9, abs=1e-4), "why": ""}
    assert first["child"] == {"grid": FLIP.train[0].output, "cells": 1.0, "why": ""}
    assert card["test"][0]["child"]["cells"] == 1.0
    assert (card["gain"], card["reward"], card["parent"]["reward"]) == (0.95, 1.2, 0.25)
    assert (card["teacher"], card["hint"], card["notes"]) == ("deepseek/deepseek-chat", "larc", [])
    assert ("-", "    return grid") in card["code"] and ("+", "    return np.flipud(grid)") in card["code"]


def test_a_fresh_answer_has_no_parent_and_unknown_tests_have_no_share(deck):
    card = deck.card(2)
    assert card["parent"] is None and all(pair["parent"] is None for pair in card["train"])
    assert [test["child"]["cells"] for test in card["test"]] == [None, None]
    assert [test["child"]["grid"] for test in card["test"]] == [((2, 2),), ((2,),)]
    assert {mark for mark, _ in card["code"]} == {" "}


def test_another_shape_and_a_fault_say_so(deck):
    assert deck.card(3)["train"][0]["child"]["cells"] == 0.0
    assert deck.card(3)["train"][0]["child"]["grid"] == ((1, 2, 0),)
    child = deck.card(4)["train"][0]["child"]
    assert child["grid"] is None and child["why"].startswith("error: line 2: ValueError: </pre>")


def test_hostile_text_stays_text_with_what_cannot_be_seen_spelled_out(deck):
    card = deck.card(4)
    for text in (card["thinking"], card["teacher"]):
        assert "<script>" in text and r"\x00\x1b[31m\u202e" in text
        assert "\x00" not in text and "\u202e" not in text


HALF = "half \ud800 \ude00"
SPELLED = r"half \ud800 \ude00"


def test_halves_of_characters_are_spelled_out_wherever_they_are(tmp_path):
    above = replace(UNTURNED, program=HALF, source=SAME + f"  # {HALF}")
    texts = dict.fromkeys(("kind", "program", "thinking", "teacher", "version", "hint"), HALF)
    traces = [
        replace(TRACES[0], **texts, source=f"{SAME}\n# {HALF}", parent=above),
        replace(TRACES[0], **texts, task=HALF),
        TRACES[1],
    ]
    write(tmp_path, traces)
    exercises.write(tmp_path / records.TASKS, [replace(EXERCISES[0], origin=HALF), EXERCISES[1]])
    with Deck(tmp_path) as deck:
        rows, cards_ = deck.rows(), [deck.card(place) for place in range(3)]
        decided = deck.decide(1, "accept", [])
        again = deck.rows()
    for shown in (rows, cards_, decided, again):
        assert b"half" in orjson.dumps(shown)
    first, gone, _ = cards_
    assert {first[name] for name in ("kind", "thinking", "teacher", "version", "hint", "origin")} == {SPELLED}
    assert first["parent"]["program"] == SPELLED and ("-", f"    return grid  # {SPELLED}") in first["code"]
    assert gone["task"] == SPELLED and SPELLED in gone["notes"][0]
    assert [row["verdict"] for row in again] == ["open", "accept", "open"]  # the file has it as it is


def test_a_task_that_is_gone_is_said_and_its_program_is_shown(deck):
    card = deck.card(5)
    assert card["train"] == [] and "no task gone0003" in card["notes"][0]
    assert ("", "") not in card["code"] and (" ", "    return grid") in card["code"]


def test_a_record_that_does_not_hold_any_more_is_said(tmp_path):
    wrong = replace(TRACES[1], solved=(True, True))
    with Deck(write(tmp_path, [wrong])) as deck:
        assert deck.card(0)["notes"] == ["run again it solves 0 of 2 demonstrations, the trace says 2"]


def test_a_source_that_is_no_program_is_said(tmp_path):
    with Deck(write(tmp_path, [trace("flip0001", "def (", 0.0, (False, False), UNTURNED)])) as deck:
        card = deck.card(0)
    assert card["notes"][0].startswith("not a program: does not parse")
    assert card["train"][0]["child"]["why"] == "not run"


def test_a_program_that_never_ends_is_a_fault(tmp_path):
    endless = trace("flip0001", "def transform(grid):\n    while True: pass", 0.1, (False, False), UNTURNED)
    with Deck(write(tmp_path, [endless]), config=SandboxConfig(cpu_seconds=0.1)) as deck:
        assert deck.card(0)["train"][0]["child"]["why"] == "cpu: CPU time limit"


def test_endless_text_is_cut_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(cards, "LONGEST", 10)
    with Deck(write(tmp_path, [replace(TRACES[0], thinking="x" * 25)])) as deck:
        assert deck.card(0)["thinking"] == "x" * 10 + "\n… 15 more characters are in the trace"


def test_decisions_are_on_disk_and_the_next_deck_goes_on_there(tmp_path):
    write(tmp_path)
    with Deck(tmp_path) as deck:
        row = deck.decide(1, "reject", ["luck", "luck", "fluff"])
        assert (row["verdict"], row["reasons"]) == ("reject", ["luck", "fluff"])
        assert [found.verdict for found in read(tmp_path).values()] == ["reject"]
        deck.decide(0, "accept", [])
        deck.decide(0, "open", [])
    with Deck(tmp_path) as again:
        assert [row["verdict"] for row in again.rows()][:3] == ["open", "reject", "open"]
        assert again.counts() == {"traces": 6, "accepted": 0, "rejected": 1, "open": 5}


@pytest.mark.parametrize(("verdict", "reasons"), [("maybe", []), ("accept", ["because"])])
def test_what_is_no_decision_is_not_written(tmp_path, verdict, reasons):
    with Deck(write(tmp_path)) as deck, pytest.raises(ValueError, match="verdict"):
        deck.decide(0, verdict, reasons)
    assert read(tmp_path) == {}


def test_one_trace_said_twice_is_one(tmp_path):
    with Deck(write(tmp_path, [TRACES[0], TRACES[1], TRACES[0]])) as deck:
        assert len(deck.rows()) == 2


def test_a_folder_without_traces_is_a_users_mistake(tmp_path):
    with pytest.raises(DataError, match="arc-train traces"):
        Deck(tmp_path)
    with pytest.raises(DataError, match="at least one trace"):
        Deck(write(tmp_path, []))
    write(tmp_path)
    (tmp_path / records.TASKS).unlink()
    with pytest.raises(DataError, match=r"tasks\.jsonl"):
        Deck(tmp_path)


def test_code_is_compared_line_by_line():
    assert diff.lines(SAME, CROP) == [
        (" ", "def transform(grid):"),
        ("-", "    # as it is"),
        ("-", "    return grid"),
        ("+", "    return grid[:1]"),
    ]
    assert [mark for mark, _ in diff.lines(ALMOST, ALMOST)] == [" "] * 4
    assert diff.lines("", "a") == [("+", "a")]


def test_endless_code_is_not_compared():
    before, after = "x\n" * 30_000, "x\n" * 30_001
    found = diff.lines(before, after)
    assert len(found) == 60_001 and found[0] == ("-", "x") and found[-1] == ("+", "x")
