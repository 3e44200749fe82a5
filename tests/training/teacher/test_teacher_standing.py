"""When one request fails, and when the server does."""

import pytest

from training.teacher.standing import LOST, Standing, UnderWay
from training.teacher.troubles import NO_CONNECTION, Failed

BAD, NOBODY, CUT = Failed("x", "server error", gone=True), Failed("x", NO_CONNECTION, gone=True), Failed("x", "cut")


def failing(standing):
    own = UnderWay()
    standing.begun(own)
    standing.failed(own)
    return own


@pytest.mark.parametrize("trouble", [BAD, NOBODY, CUT])
def test_a_server_that_never_answered_is_gone_once_nobody_is_left_that_has_not_failed(trouble):
    standing, other = Standing(known=False), UnderWay()
    standing.begun(other)
    own = failing(standing)
    assert not standing.is_gone(own, trouble)
    standing.failed(other)
    assert standing.is_gone(own, trouble)


def test_a_server_that_answered_is_gone_after_so_many_in_a_row():
    standing = Standing(known=True)
    for turn in range(2):
        for _ in range(LOST - 1):
            own = failing(standing)
            assert not standing.is_gone(own, BAD)
            standing.ended(own)
        if turn == 0:
            standing.answered()
    assert standing.is_gone(failing(standing), BAD)


def test_a_server_that_answered_and_takes_no_connections_is_gone_at_once():
    assert Standing(known=True).is_gone(UnderWay(failures=1), NOBODY)


def test_an_answer_since_the_first_failure_shows_that_the_server_is_there():
    standing = Standing(known=False)
    own = failing(standing)
    standing.answered()
    standing.failed(own)
    assert not standing.is_gone(own, NOBODY)


def test_answers_that_break_off_never_mean_that_a_server_which_answered_is_gone():
    standing = Standing(known=True)
    assert not any(standing.is_gone(failing(standing), CUT) for _ in range(9))


def test_a_server_takes_none_once_all_that_were_under_way_at_the_first_refusal_are_refused():
    standing, first, second, late = Standing(known=False), UnderWay(), UnderWay(), UnderWay()
    for own in (first, second):
        standing.begun(own)
    assert not standing.takes_none(first)
    standing.ended(first)
    standing.begun(late)
    assert not standing.takes_none(late)
    assert standing.takes_none(second)


def test_a_server_that_ever_answered_takes_some():
    assert not Standing(known=True).takes_none(UnderWay())
    standing = Standing(known=False)
    standing.answered()
    assert not standing.takes_none(UnderWay())
