"""`arc-submit plan` and `arc-submit replay` as a person meets them."""

import json

import pytest
from plan_runs import answered, folder_of_run, found, over, profile

import arc_submit.cli.plan  # noqa: F401 - hangs the commands on the application
from arc_submit import cli
from arc_submit.plan import profile as profiles


@pytest.fixture
def call(monkeypatch, capsys):
    """Calls the entry point: (exit code, lines of standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["arc-submit", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out.splitlines(), printed.err

    return run


@pytest.fixture
def run(tmp_path):
    """A finished run: six tasks that end by themselves, and two that do not."""
    events = []
    for index, name in enumerate("abcdefgh"):
        if name in "gh":
            events += [found(name, 1.0, right=1), over(name, 12.0)]
        else:
            events += [answered(name, index + 1.0, right=True, passers=1), over(name, index + 2.0, "agreed")]
    return folder_of_run(tmp_path / "data", events, names="abcdefgh")


# plan ----------------------------------------------------------------------------------------------------------------


def test_a_plan_from_a_profile(call):
    code, lines, _ = call("plan", "--profile", "4xL4")
    assert code == 0
    said = json.loads(lines[-1])
    assert (said["preset"], said["tasks"], said["plan"]["workers"]) == ("kaggle-4xl4", 240, 4)
    assert said["profile"]["deaths_per_hour"] == {"value": 0.02, "known": "assumed"}
    assert 0 <= said["risk"]["any_left"] <= 1
    text = " ".join(" ".join(lines[:-1]).split())
    assert "assumed" in text and "tokens decoded" in text and "first visits" in text
    assert any("nobody measured" in warning for warning in said["warnings"])
    assert "nobody measured" in text


def test_a_preset_brings_its_profile(call):
    _, lines, _ = call("plan", "--preset", "kaggle-2xt4", "--hours", 9)
    said = json.loads(lines[-1])
    assert (said["hours"], said["profile"]["preset"]) == (9.0, "kaggle-2xt4")


def test_this_machine_is_measured_and_saved(call, tmp_path):
    mine = tmp_path / "mine.toml"
    options = ("--hours", 1, "--tasks", 20, "--set", "search.proposers=enumerate,mutate,crossover")
    code, lines, _ = call("plan", "--seconds", 2, "--save", mine, *options)
    measured = json.loads(lines[-1])
    assert code == 0 and "measured: engine 0%" in lines[0]
    assert measured["plan"]["programs"] > 0
    _, lines, _ = call("plan", "--profile", mine, *options)
    assert json.loads(lines[-1])["plan"] == measured["plan"]


def test_times_are_taken_from_a_trace(call, run):
    _, lines, _ = call("plan", "--profile", "cpu", "--trace", run, "--hours", 1)
    said = json.loads(lines[-1])
    assert said["risk"]["times"]["source"] == str(run)
    assert 2 < said["risk"]["times"]["median"] < 12
    assert any("the machine and the model that made the trace" in warning for warning in said["warnings"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hours", "0"), "--hours 0: expected more than 0"),
        (("--hours", "-2"), "--hours -2: expected more than 0"),
        (("--tasks", "0"), "--tasks 0: expected at least 1"),
        (("--profile", "4xl5-7b"), "did you mean '4xl4-7b'?"),
        (("--profile", "cpu", "--measure"), "--measure does not go with --profile"),
        (("--no-measure", "--save", "x.toml"), "nothing is measured that could be saved"),
        (("--seconds", "0", "--measure"), "--seconds 0: expected more than 0"),
        (("--preset", "nonsense"), "unknown preset 'nonsense'"),
        (("--profile", "cpu", "--trace", "/nowhere/at/all"), "no run here"),
    ],
)
def test_mistakes_are_one_line(call, options, said):
    code, _, error = call("plan", *options)
    assert code == 2
    assert said in error
    assert len(error.strip().splitlines()) == 1


def test_a_trace_of_too_few_ends(call, tmp_path):
    out = folder_of_run(tmp_path / "data", [over("a", 5.0, "agreed")])
    code, _, error = call("plan", "--profile", "cpu", "--trace", out)
    assert code == 2
    assert "fewer than 5 searches ended by themselves" in error


def test_a_profile_without_a_model(call, tmp_path):
    mine = tmp_path / "mine.toml"
    profiles.save(profile(decode_tokens_per_second=None), mine)
    code, _, error = call("plan", "--profile", mine)
    assert code == 2
    assert "search.proposers=symbolic" in error


# replay --------------------------------------------------------------------------------------------------------------


def test_a_replay_of_a_run(call, run):
    code, lines, _ = call("replay", run, "--budget-share", 0.5, "--draws", 20)
    assert code == 0
    said = json.loads(lines[-1])
    assert (said["tasks"], said["estimated"]) == (8, False)
    rows = {(row["what"], row["policy"]): row for row in said["rows"]}
    assert set(rows) == {
        (what, policy)
        for what in ("right", "passer")
        for policy in ("equal share", "equal with flow", "by worth", "oracle")
    }
    # 80 s less 3 in reserve, half of it: 4.8 s each. Solved after 1 to 6 s: four within it; 1 + .. + 6 = 21 s fit.
    assert rows["right", "equal share"]["solved"] == 4
    assert rows["right", "oracle"]["solved"] == 6
    assert rows["right", "oracle"]["ratio"] == 1.5


def test_tuning_options_reach_the_policy(call, run):
    def by_worth(*options):
        lines = call("replay", run, "--budget-share", 0.3, "--draws", 0, *options)[1]
        return next(row for row in json.loads(lines[-1])["rows"] if row["policy"] == "by worth")

    assert by_worth("--first-visit", 0.1, "--growth", 0.5) != by_worth()
    assert by_worth("--seconds-per-task", 100)["solved"] == 6


def test_without_solutions_only_passers_are_counted(call, tmp_path):
    out = folder_of_run(tmp_path / "data", [answered("a", 1.0, right=True, passers=1), over("a", 2.0)], solutions=False)
    _, lines, error = call("replay", out, "--draws", 0)
    assert {row["what"] for row in json.loads(lines[-1])["rows"]} == {"passer"}
    assert "only passers are counted" in error


def test_an_older_trace_is_named(call, tmp_path):
    event = answered("a", 1.0, right=True)
    del event["spent"]
    out = folder_of_run(tmp_path / "data", [event, over("a", 2.0)])
    code, _, error = call("replay", out)
    assert code == 2 and "--estimate-spent" in error
    code, lines, error = call("replay", out, "--estimate-spent", "--draws", 0)
    assert code == 0 and json.loads(lines[-1])["estimated"] and "estimated" in error


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--budget-share", "0"), "--budget-share 0: expected more than 0"),
        (("--growth", "-1"), "--growth -1: expected more than 0"),
        (("--first-visit", "0"), "--first-visit 0: expected more than 0"),
    ],
)
def test_bad_numbers_are_one_line(call, run, options, said):
    code, _, error = call("replay", run, *options)
    assert code == 2
    assert said in error


def test_a_run_that_is_not_there(call, tmp_path):
    code, _, error = call("replay", tmp_path / "nothing")
    assert code == 2 and "no run here" in error


@pytest.mark.parametrize("command", ["plan", "replay"])
def test_help_has_examples(call, command):
    code, lines, _ = call(command, "--help")
    assert code == 0
    assert f"Examples: arc-submit {command}" in " ".join(" ".join(lines).split())
