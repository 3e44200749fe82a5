"""Logging in, and what becomes of refusals, through the real `kaggle` client against the stand-in."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from api_stand_in import COMPETITION, KEY, TOKEN, USER, Kaggle

from arc_submit.errors import OutputError
from arc_submit.kaggle import official, trouble
from arc_submit.kaggle.client import Client, KaggleError, Kernel, Output
from arc_submit.kaggle.official import ENDPOINT, PAUSES

MINE = Kernel("me", "arc-submit")


def test_a_legacy_key_logs_in(client: Client) -> None:
    assert (client.user, client.credentials) == (USER, "legacy api key")


def test_a_token_logs_in_and_the_import_does_not_use_it(kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    client = Client()
    assert (client.user, client.credentials) == (USER, "access token")
    assert os.environ["KAGGLE_API_TOKEN"] == TOKEN
    assert client.quota() is not None  # the token itself is sent


def test_a_key_file_logs_in(kaggle: Kaggle, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    (home / ".kaggle").mkdir()
    (home / ".kaggle" / "kaggle.json").write_text(f'{{"username": "{USER}", "key": "{KEY}"}}')
    assert Client().user == USER


def test_no_credentials_is_one_line_that_says_where_they_may_stand(
    kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    with pytest.raises(KaggleError, match=r"no Kaggle credentials found.*KAGGLE_API_TOKEN.*access_token.*chmod 600"):
        Client()
    assert capsys.readouterr().out == ""


def test_a_token_that_is_not_valid_is_named_by_its_place_and_not_shown(
    kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.setenv("KAGGLE_API_TOKEN", "KGAT_wrong")
    with pytest.raises(KaggleError, match="the token in KAGGLE_API_TOKEN is not valid") as refused:
        Client()
    assert "KGAT_wrong" not in str(refused.value)


def test_a_broken_key_file_is_named(kaggle: Kaggle, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAGGLE_USERNAME")
    monkeypatch.delenv("KAGGLE_KEY")
    (home / ".kaggle").mkdir()
    (home / ".kaggle" / "kaggle.json").write_text('{"username": ')
    with pytest.raises(KaggleError, match=r"kaggle\.json: expected JSON with username and key"):
        Client()


def test_a_wrong_key_is_refused_in_clear_words(kaggle: Kaggle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAGGLE_KEY", "wrong")
    with pytest.raises(KaggleError, match=r"does not accept your credentials.*settings/api") as refused:
        Client().limits(COMPETITION)
    assert refused.value.status == 401


def test_an_api_that_is_not_there_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:9")
    monkeypatch.setenv("KAGGLE_USERNAME", USER)
    monkeypatch.setenv("KAGGLE_KEY", KEY)
    slept: list[float] = []
    with pytest.raises(KaggleError, match=r"no answer from Kaggle \(ConnectionError\): check the network"):
        Client(sleep=slept.append).limits(COMPETITION)
    assert slept == list(PAUSES)


def test_429_waits_as_long_as_kaggle_asks(kaggle: Kaggle, client: Client, pauses: list[float]) -> None:
    kaggle.fail("GetSubmissionLimits", 429, "Too many requests", times=2, Retry_After="7")
    assert client.limits(COMPETITION).left == 1
    assert pauses == [7.0, 7.0]


def test_retry_after_may_be_a_number_or_a_date() -> None:
    assert official._retry_after("7") == 7.0
    assert official._retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert official._retry_after("soon") is None
    assert official._retry_after(None) is None


def test_429_for_hours_is_told_and_not_waited_for(kaggle: Kaggle, client: Client, pauses: list[float]) -> None:
    kaggle.fail("GetSubmissionLimits", 429, "Too many requests", times=9, Retry_After="7200")
    with pytest.raises(KaggleError, match="too many requests"):
        client.limits(COMPETITION)
    assert pauses == []


def test_a_trouble_of_kaggles_is_tried_again_with_growing_pauses(
    kaggle: Kaggle, client: Client, pauses: list[float], said: list[str]
) -> None:
    kaggle.fail("GetSubmissionLimits", 500, "oops", times=2)
    kaggle.hang_up("GetAcceleratorQuotaStatistics")
    assert client.limits(COMPETITION).left == 1
    assert pauses == list(PAUSES[:2])
    assert client.quota() is not None
    assert said[0] == "Kaggle: HTTP 500; next try in 1 s"


def test_trouble_that_stays_is_given_up(kaggle: Kaggle, client: Client, pauses: list[float]) -> None:
    kaggle.fail("GetSubmissionLimits", 503, "down", times=99)
    with pytest.raises(KaggleError, match=r"trouble of its own.*HTTP 503: down"):
        client.limits(COMPETITION)
    assert pauses == list(PAUSES)


@pytest.mark.parametrize("failure", ["500", "hang up"])
def test_a_submission_is_never_sent_twice(kaggle: Kaggle, client: Client, failure: str) -> None:
    if failure == "500":
        kaggle.fail("CreateCodeSubmission", 500, "oops", times=9)
    else:
        kaggle.hang_up("CreateCodeSubmission", times=9)
    with pytest.raises(KaggleError, match=r"trouble of its own|may have arrived all the same"):
        client.submit(Kernel("me", "arc-submit", 1), COMPETITION, "submission.json", "try")
    assert len(kaggle.named("CreateCodeSubmission")) == 1


def test_the_login_page_of_a_network_is_told_from_kaggle(
    kaggle: Kaggle, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kaggle, "get_submission_limits", lambda body: b"<html>Welcome to the hotel</html>")
    with pytest.raises(KaggleError, match="the answer is not Kaggle's"):
        client.limits(COMPETITION)


def test_a_version_is_really_asked_for(kaggle: Kaggle, client: Client) -> None:
    kaggle.add_run("me/arc-submit", "ERROR")
    kaggle.add_run("me/arc-submit", "COMPLETE")
    assert client.session(Kernel("me", "arc-submit", 1)).state == "ERROR"
    assert client.session(MINE).state == "COMPLETE"
    with pytest.raises(KaggleError, match="no run of me/arc-submit/9"):
        client.session(Kernel("me", "arc-submit", 9))


def test_a_notebook_of_somebody_else_is_said(client: Client) -> None:
    with pytest.raises(KaggleError, match=r"access to run of them/secret-kernel is denied: it belongs to somebody"):
        client.session(Kernel("them", "secret-kernel"))


def test_a_download_that_is_cut_leaves_nothing_half(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    kaggle.add_run("me/arc-submit", a_txt="hello")
    (found,) = client.outputs(MINE)[0]
    kaggle.hang_up("files", times=9)
    with pytest.raises(KaggleError, match=r"fetching a\.txt: no answer"):
        client.download(found, tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()
    kaggle.hang_up("files", times=1)
    assert client.download(found, tmp_path / "a.txt") == 5
    assert (tmp_path / "a.txt").read_bytes() == b"hello"


def test_a_link_that_has_expired_is_said(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    kaggle.fail("files", 404)
    with pytest.raises(KaggleError, match=r"there is no output file a\.txt.*HTTP 404: Not Found") as refused:
        client.download(Output("a.txt", f"{kaggle.url}/files/x?signature=abc"), tmp_path / "a.txt")
    assert "signature" not in str(refused.value)


def test_importing_the_kit_imports_no_client() -> None:
    modules = "push, follow, submit, checkup, client, official"
    code = (
        f"import sys; from arc_submit.kaggle import {modules}; import arc_submit.cli.kaggle; "
        "print(*{'kaggle', 'kagglesdk', 'requests', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("arc-submit", Kernel("me", "arc-submit")),
        ("you/arc-submit", Kernel("you", "arc-submit")),
        ("you/arc-submit/12", Kernel("you", "arc-submit", 12)),
        ("https://www.kaggle.com/code/you/arc-submit", Kernel("you", "arc-submit")),
    ],
)
def test_notebooks_are_named_as_people_name_them(text: str, wanted: Kernel) -> None:
    assert Kernel.parse(text, "me") == wanted


@pytest.mark.parametrize("text", ["", "a/b/c/d", "you/arc-submit/new", "you/", "you/abc"])
def test_other_names_are_refused(text: str) -> None:
    with pytest.raises(KaggleError):
        Kernel.parse(text, "me")


REFUSALS = {
    "session count": (400, "Maximum batch GPU session count of 2 reached", "as many sessions as it may"),
    "quota": (400, "You have exceeded your weekly GPU quota", "quota is used up"),
    "rules": (403, "You must accept this competition's rules before", "competitions/arc-x/rules"),
    "phone": (403, "Phone verification required", "not verified"),
    "deadline": (400, "The deadline for this competition has passed", "no more submissions"),
    "foreign number": (200, "Notebook not found", "take id_no out"),
    "sources": (400, "x are not valid dataset sources", "must read owner/slug"),
    "title": (400, 'The requested title "a" is already in use by a dataset', "choose another"),
    "day": (400, "Submission limit reached", "00:00 UTC"),
    "404": (404, "", "there is no thing"),
    "409": (409, "Conflict", "wait a minute"),
    "413": (413, "", "too large"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_that_people_report_have_clear_words(case: str) -> None:
    status, said, words = REFUSALS[case]
    error = trouble.refusal("doing it", "thing", said, status, "arc-x")
    assert words in str(error)
    assert said in str(error)
    assert str(error).startswith("doing it: ")


def test_what_is_not_in_the_table_is_said_as_kaggle_said_it() -> None:
    assert str(trouble.refusal("doing it", "thing", "Teapot", 418)) == "doing it: HTTP 418: Teapot"


def test_a_zip_that_is_none_is_one_clear_error(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    (tmp_path / "arc-agi_test_challenges.json.zip").write_bytes(b"half of it")  # as Kaggle sends larger files
    with pytest.raises(KaggleError, match=r"json\.zip: not a zip that holds arc-agi_test_challenges\.json"):
        client.competition_file(COMPETITION, "arc-agi_test_challenges.json", tmp_path)


def test_a_file_that_cannot_be_written_is_one_clear_error(kaggle: Kaggle, client: Client, tmp_path: Path) -> None:
    kaggle.add_run("me/arc-submit", a_txt="a")
    (tmp_path / "a.txt.part").mkdir()
    (output,), _ = client.outputs(MINE)
    with pytest.raises(OutputError, match=r"fetching a\.txt: .*a\.txt\.part: Is a directory"):
        client.download(output, tmp_path / "a.txt")
