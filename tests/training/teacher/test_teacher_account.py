"""Sums, budgets that are not overrun, and the file."""

import asyncio
import json

import pytest

from arc_submit.errors import ConfigError, DataError, OutputError
from training.teacher.account import Account, BudgetUsedUp
from training.teacher.usage import Prices, Usage


def test_prices_are_per_million_and_cached_tokens_have_their_own():
    usage = Usage(prompt=3_000_000, cached=1_000_000, completion=500_000)
    # 2 * 1 + 1 * 0.1 + 0.5 * 4 = 4.1
    assert Prices(1.0, 4.0, 0.1).of(usage) == pytest.approx(4.1)
    assert Prices(1.0, 4.0).of(usage) == pytest.approx(5.0)


def test_the_servers_word_on_costs_comes_before_the_prices():
    account = Account(prices=Prices(1.0, 1.0))
    for usage in (Usage(1_000_000, dollars=7.0), Usage(1_000_000)):
        account.settle(asyncio.run(account.reserve("t", 1, 1)), usage)
    assert account.dollars == pytest.approx(8.0)


def test_costs_that_nobody_knows_are_not_zero_but_counted():
    account = Account()
    account.settle(asyncio.run(account.reserve("t", 1, 1)), Usage(10, completion=5))
    report = account.report()["teachers"]["t"]
    assert (report["unpriced"], report["requests"], account.tokens) == (1, 1, 15)


def test_what_is_under_way_does_not_overrun_a_budget():
    account, most = Account(tokens=1000), []

    async def one():
        reserved = await account.reserve("t", 20, 80)
        most.append(account.tokens + account._held_tokens)
        await asyncio.sleep(0.001)
        account.settle(reserved, Usage(20, completion=30))

    async def main():
        return await asyncio.gather(*(one() for _ in range(40)), return_exceptions=True)

    found = asyncio.run(main())
    bought = sum(result is None for result in found)
    # each takes 50 and reserves 100: bought while 50 * k + 100 <= 1000, so k = 0..18: 19 of them
    assert (bought, account.tokens) == (19, 950)
    assert max(most) <= 1000
    assert all(isinstance(result, BudgetUsedUp) for result in found if result is not None)


def test_a_budget_in_dollars_stops_too_and_says_what_was_spent():
    account = Account(dollars=1.0, prices=Prices(0.0, 1.0))

    async def main():
        account.settle(await account.reserve("t", 1, 600_000), Usage(1, completion=600_000))
        await account.reserve("t", 1, 600_000)

    with pytest.raises(BudgetUsedUp, match=r"\$0\.6000 of \$1 "):
        asyncio.run(main())


def test_without_a_price_the_first_goes_alone_and_its_cost_is_the_measure():
    async def main():
        account = Account(dollars=1.0)
        first = await account.reserve("t", 0, 100)
        second = asyncio.create_task(account.reserve("t", 0, 100))
        await asyncio.sleep(0)
        assert not second.done()
        account.settle(first, Usage(0, completion=100, dollars=0.4))
        assert (await second).dollars == pytest.approx(0.4)
        third = asyncio.create_task(account.reserve("t", 0, 100))  # 0.4 + 0.4 + 0.4 > 1: it waits for the second
        await asyncio.sleep(0)
        assert not third.done()
        account.release(await second)
        await third

    asyncio.run(main())


def test_money_without_prices_is_the_persons_mistake():
    with pytest.raises(ConfigError, match="--prices"):
        Account(dollars=1.0).check("local/m", False)
    Account(dollars=1.0).check("openrouter/m", True)
    Account(dollars=1.0, prices=Prices(1, 1)).check("local/m", False)
    Account(tokens=1).check("local/m", False)


@pytest.mark.parametrize("budget", [{"tokens": 0}, {"dollars": 0.0}, {"dollars": float("nan")}])
def test_a_budget_of_nothing_is_refused(budget):
    with pytest.raises(ConfigError):
        Account(**budget)


def test_a_waiting_request_that_is_cancelled_lets_the_next_one_through():
    async def main():
        account = Account(tokens=100)
        first = await account.reserve("t", 0, 100)
        waiting = [asyncio.create_task(account.reserve("t", 0, 100)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        account.release(first)
        assert (await waiting[1]).tokens == 100

    asyncio.run(main())


def test_earlier_sittings_count_and_so_does_what_broke_off(tmp_path):
    path = tmp_path / "costs.json"
    account = Account(path)
    account.settle(asyncio.run(account.reserve("t", 1, 1)), Usage(10, completion=10))
    account.cut(asyncio.run(account.reserve("t", 1, 1)), Usage(5, completion=2, estimated=True))
    account.write()
    again = Account(path, tokens=30, earlier=[("t", Usage(10, completion=10))])
    assert again.tokens == 27  # 20 stored + 7 cut
    with pytest.raises(BudgetUsedUp):
        asyncio.run(again.reserve("t", 2, 2))
    assert json.loads(path.read_text())["teachers"]["t"]["cut"]["completion_tokens"] == 2


def test_what_broke_off_is_counted_and_the_next_try_reserved_anew():
    async def main():
        account = Account(tokens=100)
        reserved = await account.reserve("t", 10, 40)
        account.cut(reserved, Usage(10, completion=30))
        account.release(reserved)  # a second time: nothing
        assert (account.tokens, account._held_tokens, account._under_way) == (40, 0, 0)
        await account.again(reserved)  # 40 + 50 <= 100
        await account.again(reserved)  # it is held: nothing
        assert (account._held_tokens, account._under_way) == (50, 1)
        account.cut(reserved, Usage(10, completion=30))
        with pytest.raises(BudgetUsedUp):  # 80 + 50 > 100
            await account.again(reserved)

    asyncio.run(main())


def test_answers_without_the_price_that_was_promised_end_a_budget_in_dollars():
    async def main():
        account = Account(dollars=1e-9)
        first = await account.reserve("openrouter/m", 0, 100)
        second = asyncio.create_task(account.reserve("openrouter/m", 0, 100))
        await asyncio.sleep(0)
        with pytest.raises(ConfigError, match="--prices"):
            account.settle(first, Usage(0, completion=100))
        with pytest.raises(ConfigError, match="--prices"):
            await second
        assert account.tokens == 100  # it was bought

    asyncio.run(main())
    again = Account(dollars=1.0, earlier=[("openrouter/m", Usage(0, completion=100))])
    with pytest.raises(ConfigError, match="openrouter/m does not say"):
        again.check("openrouter/m", True)
    priced = Account(dollars=1.0, prices=Prices(1, 1), earlier=[("openrouter/m", Usage(0, completion=100))])
    priced.check("openrouter/m", True)


def test_one_answer_without_a_price_among_others_goes_by_the_dearest():
    account = Account(dollars=1.0)
    for dollars in (0.2, None):
        account.settle(asyncio.run(account.reserve("openrouter/m", 0, 100)), Usage(0, completion=100, dollars=dollars))
    assert account.dollars == pytest.approx(0.4)


def test_a_file_that_is_no_account_is_named(tmp_path):
    path = tmp_path / "costs.json"
    path.write_text("[1]")
    with pytest.raises(DataError, match=r"costs\.json"):
        Account(path)


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    account = Account(tmp_path / "costs.json")
    account.write()
    (tmp_path / "costs.json.part").mkdir()
    with pytest.raises(OutputError):
        account.write()
    assert json.loads((tmp_path / "costs.json").read_text())["tokens"] == 0
