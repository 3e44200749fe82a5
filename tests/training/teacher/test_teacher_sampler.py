"""The teacher against a server on loopback that is down, refuses, is busy, breaks off, talks nonsense or is silent."""

import asyncio
import json
import logging
import re
import ssl

import pytest

pytest.importorskip("openai")

import teacher_stand_in as stand_in
from helpers import make_task
from teacher_stand_in import StandIn, answer, echo_key, half, hang_up, say, silent, stream

from arc_submit.errors import ConfigError, EngineError, OutputError
from arc_submit.records import Message, Prompt
from training.teacher.account import Account, BudgetUsedUp
from training.teacher.archive import Archive
from training.teacher.client import only_model
from training.teacher.providers import Provider, resolve
from training.teacher.records import Question
from training.teacher.sampler import ServerTeacher
from training.teacher.settings import Settings
from training.teacher.standing import LOST

CERTIFICATES = ssl.create_default_context()
SECRET = "sk-not-to-be-seen-1234567890"


def question(number=0, n=1, text="12 34"):
    return Question(Prompt("t", "fresh", (Message("user", f"{number} {text}"),)), make_task(), (), n, number)


class Clock:
    """Real time and what was slept; sleeping takes none."""

    def __init__(self):
        self.slept = []

    def now(self):
        return sum(self.slept)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        await asyncio.sleep(0)


class Room:
    """A folder, and a teacher in front of a server."""

    def __init__(self, server, folder, provider=None, account=None, **settings):
        self.clock = Clock()
        self.archive = Archive(folder / "archive")
        self.account = account or Account(folder / "costs.json", earlier=self.archive.usages())
        chosen = {"in_flight": 8, "timeout": 5.0, "retries": 3, "max_tokens": 100} | settings
        provider = provider or resolve(server if isinstance(server, str) else server.url)[0]
        self.teacher = ServerTeacher(
            Settings(provider, "m", **chosen), self.archive, self.account, self.clock.now, self.clock.sleep
        )

    def ask(self, *questions, errors=False):
        async def main():
            try:
                return await asyncio.gather(*map(self.teacher.ask, questions), return_exceptions=errors)
            finally:
                await self.teacher.close()

        try:
            found = asyncio.run(main())
        finally:
            self.archive.close()
        return found if len(questions) > 1 else found[0]


def for_seeds(special, seeds, otherwise):
    """A server that plays `special` to requests of these seeds, and `otherwise` to all others."""

    def play(body):
        yield from (special if body["seed"] in seeds else otherwise)(body)

    return play


@pytest.fixture(autouse=True)
def _key(monkeypatch):
    monkeypatch.setenv("ARC_TEACHER_KEY", SECRET)
    # The certificates are else read anew for each client, 20 ms each time; nothing here is encrypted.
    monkeypatch.setattr("httpcore2.default_ssl_context", lambda **_: CERTIFICATES, raising=False)


def texts(replies):
    return [reply.text for reply in replies]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (say(500), "server error"),
        (say(503), "server error"),
        (say(408), "server error"),
        (half, "cut"),
        (hang_up, "cut"),
        (say(200, b"{not json"), "not JSON"),
        (say(200, b""), "not JSON"),
        (say(200, {"choices": []}), "cut"),
        (say(200, {"error": {"message": "upstream", "code": 502}}), "server error"),
        (answer("x", finish=None), "cut"),
    ],
)
def test_what_may_pass_is_asked_again_under_the_same_id(trouble, kind, tmp_path):
    with StandIn([trouble, trouble, answer("well")]) as server:
        room = Room(server, tmp_path)
        assert texts(room.ask(question())) == ["well 0/0"]
        assert len(server.asked) == 3 and len(set(server.ids)) == 1
    assert room.teacher.tally == {"answered": 1, f"again: {kind}": 2}
    assert 0.25 <= room.clock.slept[0] <= 0.5 and 0.5 <= room.clock.slept[1] <= 1.0


def test_a_server_that_is_silent_is_not_waited_for_without_end(tmp_path):
    with StandIn([silent, answer()]) as server:
        room = Room(server, tmp_path, timeout=0.3)
        assert len(room.ask(question())) == 1
    assert room.teacher.tally["again: late"] == 1


def test_nobody_there_ends_the_run_in_a_few_tries(tmp_path):
    with StandIn([answer()]) as server:
        url = server.url
    with pytest.raises(EngineError, match=r"no answer from .* in 4 tries \(no connection"):
        Room(url, tmp_path).ask(question())
    with pytest.raises(EngineError, match="is the server running"):
        only_model(resolve(url)[0])


def test_a_server_that_goes_away_in_the_middle_ends_the_run_and_keeps_what_was_answered(tmp_path):
    with StandIn([answer("first"), say(500)]) as server:
        room = Room(server, tmp_path, in_flight=1)
        found = room.ask(*map(question, range(1, 9)), errors=True)
        assert len(server.asked) <= 1 + 4 * 7
    assert texts(found[0]) == ["first 1/0"] and sum(own == [] for own in found) == LOST - 1
    assert sum(isinstance(own, EngineError) for own in found) == 8 - LOST
    with StandIn([say(500)]) as server:
        assert texts(Room(server, tmp_path).ask(question(1))) == ["first 1/0"]
        assert server.asked == []


@pytest.mark.parametrize("trouble", [say(500), half])
def test_one_request_that_fails_at_once_does_not_end_the_run_while_others_think(trouble, tmp_path):
    with StandIn([for_seeds(trouble, {0}, answer("well", seconds=0.3))]) as server:
        room = Room(server, tmp_path)
        found = room.ask(*map(question, range(3)))
        assert len(server.asked) == 4 + 2  # the first, and three times again
    assert [texts(own) for own in found] == [[], ["well 1/0"], ["well 2/0"]]
    assert room.teacher.tally["given up"] == 1


def test_the_last_request_that_is_missing_may_fail_without_an_error_but_not_without_a_server(tmp_path):
    with StandIn([for_seeds(say(500), {0}, answer("well"))]) as server:
        Room(server, tmp_path).ask(question(1))
        assert list(map(len, Room(server, tmp_path).ask(question(0), question(1)))) == [0, 1]
        url = server.url
    with pytest.raises(EngineError, match="no connection"):
        Room(url, tmp_path).ask(question(0))


def test_a_server_that_fails_from_the_start_ends_the_run_for_all(tmp_path):
    with StandIn([say(500)]) as server:
        found = Room(server, tmp_path).ask(*map(question, range(40)), errors=True)
    assert all(isinstance(own, EngineError) for own in found)


def test_one_request_that_never_works_is_given_up_while_others_do(tmp_path):
    with StandIn([for_seeds(half, {2}, answer("well"))]) as server:
        room = Room(server, tmp_path, in_flight=1)
        found = room.ask(question(1), question(2), question(3))
    assert [texts(own) for own in found] == [["well 1/0"], [], ["well 3/0"]]
    assert room.teacher.tally["given up"] == 1


@pytest.mark.parametrize("streamed", [False, True])
def test_a_refused_key_names_its_variable_and_never_the_key(streamed, tmp_path):
    with StandIn([echo_key(401)]) as server:
        room = Room(server, tmp_path, stream=streamed)
        found = room.ask(*map(question, range(20)), errors=True)
        assert all(isinstance(error, EngineError) for error in found)
        assert "ARC_TEACHER_KEY" in str(found[0]) and SECRET not in str(found)
        assert "[key]" in str(found[0])  # the server did repeat it
        assert len(server.asked) <= 8  # those in flight, none after


def test_what_may_not_be_done_names_the_key_too(tmp_path):
    with StandIn([say(403)]) as server, pytest.raises(EngineError, match="ARC_TEACHER_KEY"):
        Room(server, tmp_path).ask(question())


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (say(404, {"error": {"message": "no such model"}}), "does not know the model m"),
        (say(402), "wants money"),
        (say(429, {"error": {"message": "You exceeded", "code": "insufficient_quota"}}), "wants money"),
        (say(400, {"error": {"message": "unknown field"}}), "does not take our requests"),
    ],
)
def test_what_no_waiting_helps_against_is_said_at_once(trouble, words, tmp_path):
    with StandIn([trouble]) as server:
        room = Room(server, tmp_path)
        with pytest.raises(EngineError, match=words):
            room.ask(question())
        assert len(server.asked) == 1 and room.clock.slept == []


def test_a_prompt_that_is_too_long_costs_that_question_alone(tmp_path):
    too_long = say(400, {"error": {"message": "This model's maximum context length is 10 tokens"}})
    with StandIn([too_long, answer()]) as server:
        room = Room(server, tmp_path, in_flight=1)
        found = room.ask(question(1), question(2))
    assert [len(own) for own in found] == [0, 1]
    assert room.teacher.tally["too long"] == 1


def test_what_a_server_declines_later_is_left_out(tmp_path):
    with StandIn([answer(), say(400), answer()]) as server:
        room = Room(server, tmp_path, in_flight=1)
        assert [len(own) for own in room.ask(question(1), question(2), question(3))] == [1, 0, 1]
    assert room.teacher.tally["declined"] == 1


def test_one_declined_request_does_not_end_the_run_while_others_are_under_way(tmp_path):
    with StandIn([for_seeds(say(400), {0}, answer(seconds=0.3))]) as server:
        room = Room(server, tmp_path)
        assert [len(own) for own in room.ask(*map(question, range(4)))] == [0, 1, 1, 1]
    assert room.teacher.tally["declined"] == 1


def test_a_declined_request_does_not_end_the_run_where_all_others_were_answered_before(tmp_path):
    with StandIn([for_seeds(say(400), {0}, answer())]) as server:
        Room(server, tmp_path).ask(question(1))
        assert [len(own) for own in Room(server, tmp_path).ask(question(0), question(1))] == [0, 1]


def test_a_server_that_declines_everything_ends_the_run_after_the_first_few(tmp_path):
    with StandIn([say(400)]) as server:
        found = Room(server, tmp_path, in_flight=8).ask(*map(question, range(100)), errors=True)
        assert len(server.asked) <= 3 * 8
    assert sum(isinstance(own, EngineError) for own in found) >= 100 - 3 * 8


def test_retry_after_is_kept_to_and_uses_up_no_tries(tmp_path):
    with StandIn([say(429, Retry_After="7")] * 6 + [answer()]) as server:
        room = Room(server, tmp_path, retries=0)
        assert len(room.ask(question())) == 1
    assert sum(room.clock.slept) == pytest.approx(6 * 7.0)
    assert room.teacher.tally["told to wait"] == 6


def test_retry_after_as_a_date(tmp_path):
    late = say(429, Date="Thu, 01 Jan 2026 00:00:00 GMT", Retry_After="Thu, 01 Jan 2026 00:00:20 GMT")
    with StandIn([late, answer()]) as server:
        room = Room(server, tmp_path)
        assert len(room.ask(question())) == 1
    assert room.clock.slept == [20.0]


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "0"}])
def test_without_a_word_the_pauses_double(headers, tmp_path):
    with StandIn([say(429, **headers)] * 4 + [answer()]) as server:
        room = Room(server, tmp_path)
        assert len(room.ask(question())) == 1
    assert room.clock.slept == [1.0, 2.0, 4.0, 8.0]


def test_one_refusal_holds_everybody(tmp_path):
    with StandIn([say(429, Retry_After="30"), answer()]) as server:
        room = Room(server, tmp_path, in_flight=1)
        room.ask(*map(question, range(5)))
        assert len(server.asked) == 6
    assert room.clock.slept == [30.0]


@pytest.mark.parametrize("headers", [{}, {"Retry_After": "86400"}])
def test_being_kept_waiting_has_an_end(headers, tmp_path):
    with StandIn([say(429, **headers)]) as server:
        room = Room(server, tmp_path, patience=100.0)
        with pytest.raises(EngineError, match="beyond our patience of 100 s"):
            room.ask(question())
    assert sum(room.clock.slept) <= 160


def test_an_empty_text_is_an_answer_that_was_paid_for(tmp_path):
    with StandIn([answer("")]) as server:
        room = Room(server, tmp_path)
        assert texts(room.ask(question())) == [""]
        assert texts(Room(server, tmp_path).ask(question())) == [""]
        assert len(server.asked) == 1
    assert room.teacher.tally["empty"] == 1


@pytest.mark.parametrize(
    "trouble",
    [
        stream(["half", " an ans"], end=False),
        stream([], end=False),
        stream(["x"], end=False, after=[b"data: {broken\n\n"]),
        stream(["x"], end=False, after=[b'data: {"error": {"message": "overloaded"}}\n\n']),
        stream(["x"], end=False, after=[b"data: 5\n\n"]),
        say(500),
        half,
    ],
)
def test_a_stream_that_is_cut_is_asked_for_again(trouble, tmp_path):
    with StandIn([trouble, stream(["we", "ll"])]) as server:
        room = Room(server, tmp_path, stream=True)
        found = room.ask(question())
        assert server.asked[0]["stream"] is True
    assert [(reply.text, reply.finish, reply.tokens) for reply in found] == [("well", "stop", 5)]
    assert sum(count for name, count in room.teacher.tally.items() if name.startswith("again")) == 1


def test_what_a_cut_stream_took_is_counted_apart(tmp_path):
    with StandIn([stream(["x" * 300], end=False), stream(["well"], usage=False)]) as server:
        room = Room(server, tmp_path, stream=True)
        room.ask(question())
    found = json.loads((tmp_path / "costs.json").read_text())["teachers"]["local/m"]
    assert found["cut"]["completion_tokens"] == 101  # 300 / 3 + 1
    assert (found["requests"], found["estimated"], found["completion_tokens"]) == (1, 1, 2)  # 4 / 3 + 1


def test_an_answer_that_broke_off_is_counted_as_the_server_counts_it(tmp_path):
    with StandIn([answer("x", finish=None, completion_tokens=90), answer("well")]) as server:
        room = Room(server, tmp_path)
        room.ask(question())
    assert room.account.report()["teachers"]["local/m"]["cut"]["completion_tokens"] == 90
    assert room.account.tokens == 100 + 15


def test_tries_that_break_off_do_not_overrun_the_budget(tmp_path):
    with StandIn([stream(["x" * 240], end=False)]) as server:
        room = Room(server, tmp_path, account=Account(tokens=250), stream=True, retries=5)
        with pytest.raises(BudgetUsedUp):
            room.ask(question())
        # each took (7 // 3 + 1) + (240 // 3 + 1) = 84 and reserves 100 + 8 + 7: 84 + 115 fits, 168 + 115 does not
        assert (len(server.asked), room.account.tokens) == (2, 168)
    assert "168 of 250 tokens" in room.teacher.used_up
    assert (room.account._under_way, room.account._held_tokens) == (0, 0)


@pytest.mark.parametrize("end", [True, False])
def test_halves_of_characters_in_a_stream_are_repaired(end, tmp_path):
    troubles = [stream(["\ud83d", "\ude00 a\ud800"], end=end), stream(["\ud83d", "\ude00 a\ud800"])]
    with StandIn(troubles) as server:
        assert texts(Room(server, tmp_path, stream=True).ask(question())) == ["\U0001f600 a\ufffd"]
        assert len(server.asked) == (1 if end else 2)


def test_half_a_character_in_a_body_is_repaired_and_not_paid_again(tmp_path):
    with StandIn([say(200, stand_in.completion(["a\ud800"]))]) as server:
        assert texts(Room(server, tmp_path).ask(question())) == ["a\ufffd"]
        assert len(server.asked) == 1


def test_a_server_that_gives_fewer_is_asked_for_the_rest_and_all_of_it_resumes(tmp_path):
    with StandIn([answer("a", most=2)]) as server:
        found = Room(server, tmp_path).ask(question(n=5))
        assert [body.get("n", 1) for body in server.asked] == [5, 3, 1]
        assert len({body["seed"] for body in server.asked}) == 3
        assert Room(server, tmp_path).ask(question(n=5)) == found
        assert len(server.asked) == 3
    assert len(set(texts(found))) == 5


def test_a_provider_of_one_answer_is_asked_so_many_times_at_once(tmp_path):
    with StandIn([answer("a", seconds=0.2)]) as server:
        provider = Provider("one", server.url, seed=True, key_needed=False)
        assert len(Room(server, tmp_path, provider).ask(question(n=6))) == 6
        assert server.most == 6 and not any("n" in body for body in server.asked)


def test_the_same_question_twice_at_once_is_bought_once(tmp_path):
    with StandIn([answer(seconds=0.1)]) as server:
        first, second = Room(server, tmp_path).ask(question(), question())
        assert first == second and len(server.asked) == 1


def test_no_more_than_so_many_are_in_flight(tmp_path):
    with StandIn([answer(seconds=0.05)]) as server:
        Room(server, tmp_path, in_flight=3).ask(*map(question, range(12)))
        assert server.most == 3


def test_the_budget_stops_before_it_is_overrun_and_a_larger_one_goes_on(tmp_path):
    with StandIn([answer(seconds=0.02, completion_tokens=90)]) as server:
        room = Room(server, tmp_path, account=Account(tmp_path / "costs.json", tokens=1000))
        found = room.ask(*map(question, range(20)), errors=True)
        bought = [own for own in found if isinstance(own, list)]
        # each takes 10 + 90 and reserves 100 + 8 + 7 bytes of prompt: the ninth fits (800 + 115), not the tenth
        assert len(bought) == len(server.asked) == 9
        assert all(isinstance(own, list | BudgetUsedUp) for own in found)
        again = Room(server, tmp_path)
        assert again.account.tokens == 900
        assert all(len(own) == 1 for own in again.ask(*map(question, range(20))))
        assert len(server.asked) == 20  # none of the nine was bought again


def test_answers_that_were_bought_before_the_budget_ended_are_given_out(tmp_path):
    with StandIn([answer(completion_tokens=90)]) as server:
        provider = Provider("one", server.url, key_needed=False)
        room = Room(server, tmp_path, provider, Account(tokens=300))
        assert len(room.ask(question(n=5))) == 2  # 100 + 100 + 115 > 300
    assert "200 of 300 tokens" in room.teacher.used_up


def test_the_end_of_the_budget_is_remembered_where_a_server_gives_fewer_than_it_was_asked_for(tmp_path):
    with StandIn([answer(most=1, completion_tokens=110)]) as server:
        room = Room(server, tmp_path, account=Account(tokens=330))
        assert room.teacher.used_up == ""
        # 300 + 15 fit and take 120, 200 + 15 more do not
        assert len(room.ask(question(n=3))) == 1
    assert "120 of 330 tokens" in room.teacher.used_up


def test_money_without_prices_is_refused_before_anything_is_asked(tmp_path):
    with StandIn([answer()]) as server, pytest.raises(ConfigError, match="--prices"):
        Room(server, tmp_path, account=Account(dollars=1.0))


def test_a_server_that_does_not_say_what_it_costs_although_it_should_is_asked_once(tmp_path):
    with StandIn([answer()]) as server:
        provider = Provider("priced", server.url, key_needed=False, costs=True)
        found = Room(server, tmp_path, provider, Account(dollars=1e-9)).ask(*map(question, range(6)), errors=True)
        assert all(isinstance(error, ConfigError) and "--prices" in str(error) for error in found)
        assert len(server.asked) == 1
        with Archive(tmp_path / "archive") as archive:
            assert len(archive) == 1
            earlier = list(archive.usages())
        with pytest.raises(ConfigError, match="--prices"):
            Room(server, tmp_path / "new", provider, Account(dollars=1e-9, earlier=earlier))
        assert len(server.asked) == 1


def test_nothing_is_asked_once_the_disk_is_full(tmp_path, monkeypatch):
    with StandIn([answer()]) as server:
        room = Room(server, tmp_path, in_flight=1)

        def full(data):
            raise OSError(28, "No space left on device")

        def at_once(*answer):
            kept = submit(*answer)
            kept.exception(60)  # the writer is no slower than the next request
            return kept

        submit = room.archive.submit
        monkeypatch.setattr(room.archive, "submit", at_once)
        monkeypatch.setattr(room.archive, "_append", full)
        found = room.ask(*map(question, range(9)), errors=True)
        assert all(isinstance(error, OutputError) for error in found)
        assert len(server.asked) == 1


def test_ctrl_c_gives_everything_back_and_keeps_what_was_answered(tmp_path):
    with StandIn([answer("quick"), answer("slow", seconds=20)]) as server:
        room = Room(server, tmp_path, account=Account(tokens=10**6))

        async def main():
            waiting = [asyncio.create_task(room.teacher.ask(question(number))) for number in range(6)]
            while "answered" not in room.teacher.tally or len(server.asked) < 6:
                await asyncio.sleep(0.01)
            for task in waiting:
                task.cancel()
            found = await asyncio.gather(*waiting, return_exceptions=True)
            assert sum(isinstance(own, asyncio.CancelledError) for own in found) == 5
            assert (room.account._under_way, room.account._held_tokens, room.teacher.pace.under_way) == (0, 0, 0)
            await room.teacher.close()

        asyncio.run(main())
        room.archive.close()
    with Archive(tmp_path / "archive") as archive:
        assert len(archive) == 1


def test_no_key_in_any_file_log_or_output(tmp_path, caplog, capfd):
    def repeats_the_key(body):
        yield stand_in.respond(200, json.dumps(stand_in.completion([f"your key is {body['_key']}"])).encode())

    with caplog.at_level(logging.DEBUG), StandIn([say(500), repeats_the_key]) as server:
        room = Room(server, tmp_path)
        assert texts(room.ask(question())) == ["your key is [key]"]
        assert set(server.keys) == {SECRET}  # it was used
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written and not any(SECRET.encode() in data for data in written)
    out = capfd.readouterr()
    assert SECRET not in caplog.text + out.out + out.err + repr(room.teacher.settings)
    assert not re.search("authorization", (tmp_path / "archive" / "journal.jsonl").read_text(), re.IGNORECASE)


def test_a_dummy_key_spoils_no_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("ARC_TEACHER_KEY", "x")
    with StandIn([answer("a fox mixes 0x1")]) as server:
        assert texts(Room(server, tmp_path).ask(question())) == ["a fox mixes 0x1 0/0"]
        assert server.keys == ["x"]


def test_what_is_openais_is_not_sent_to_any_other_server(tmp_path, monkeypatch):
    monkeypatch.delenv("ARC_TEACHER_KEY")
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, SECRET)
    with StandIn([answer()]) as server:
        Room(server, tmp_path).ask(question())
    assert SECRET not in str(server.headers) and server.keys == ["none"]


def test_the_only_model_of_a_server_is_found():
    with StandIn([answer()]) as server:
        assert only_model(resolve(server.url)[0]) == "m"
