"""Pace under a clock that moves only when somebody sleeps."""

import asyncio

from training.teacher.pace import Pace


class Clock:
    def __init__(self):
        self.at = 0.0

    def now(self):
        return self.at

    async def sleep(self, seconds):
        self.at += seconds
        await asyncio.sleep(0)


def starts(pace, clock, tokens, true=None):
    """When each of the requests began; they end at once."""
    begun = []

    async def one(estimate):
        async with pace.turn(estimate) as started:
            begun.append(clock.at)
            if true is not None:
                started.tokens = true

    async def main():
        await asyncio.gather(*map(one, tokens))

    asyncio.run(main())
    return begun


def test_without_limits_nobody_waits():
    clock = Clock()
    assert starts(Pace(4, now=clock.now, sleep=clock.sleep), clock, [10] * 50) == [0.0] * 50


def test_no_minute_has_more_requests_than_allowed():
    clock = Clock()
    assert starts(Pace(99, 3, None, clock.now, clock.sleep), clock, [0] * 7) == [0, 0, 0, 60, 60, 60, 120]


def test_no_minute_has_more_tokens_than_allowed():
    clock = Clock()
    # 60 + 40 = 100 fit; 50 waits for the first minute to pass, and 60 for the 50
    assert starts(Pace(99, None, 100, clock.now, clock.sleep), clock, [60, 40, 50, 60]) == [0, 0, 60, 120]


def test_tokens_are_corrected_when_a_request_has_ended():
    clock = Clock()
    # thought to take 100, took 10 each: ten of them fit into the minute, the next would make 10 * 10 + 100 - ...
    begun = starts(Pace(1, None, 200, clock.now, clock.sleep), clock, [100] * 12, true=10)
    assert begun == [0.0] * 11 + [60.0]  # 10 * 10 + 100 = 200 fits, 11 * 10 + 100 does not


def test_a_request_above_the_limit_goes_alone():
    clock = Clock()
    assert starts(Pace(9, None, 100, clock.now, clock.sleep), clock, [500, 500]) == [0, 60]


def test_a_hold_delays_everybody_and_is_not_shortened():
    clock = Clock()
    pace = Pace(9, now=clock.now, sleep=clock.sleep)
    pace.hold(30.0)
    pace.hold(5.0)
    assert starts(pace, clock, [1, 1]) == [30, 30]


def test_holds_without_a_word_double_once_for_all_that_were_under_way_and_begin_again_after_an_answer():
    clock = Clock()
    pace = Pace(9, now=clock.now, sleep=clock.sleep)
    assert [pace.hold(None), pace.hold(None), pace.hold(None)] == [1.0, 1.0, 1.0]
    clock.at = 1.0
    assert pace.hold(None) == 2.0
    clock.at = 3.0
    assert pace.hold(None) == 4.0
    pace.went_well()
    clock.at = 8.0
    assert pace.hold(None) == 1.0
    for _ in range(20):
        clock.at += 100
        longest = pace.hold(None)
    assert longest == 60.0


def test_never_more_than_so_many_are_under_way():
    pace, seen = Pace(3), []

    async def one():
        async with pace.turn(1):
            seen.append(pace.under_way)
            await asyncio.sleep(0.001)

    async def main():
        await asyncio.gather(*(one() for _ in range(12)))

    asyncio.run(main())
    assert (max(seen), pace.most, pace.under_way) == (3, 3, 0)


def test_one_that_is_cancelled_while_it_waits_holds_nobody_up():
    async def main():
        pace = Pace(2, 1)
        async with pace.turn(1):
            pass
        waiting = asyncio.create_task(pace.turn(1).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert pace.under_way == 0
        assert not pace._gate.locked() and pace._slots._value == 2

    asyncio.run(main())
