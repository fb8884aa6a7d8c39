"""The first tick on a month of a lively company's history."""

from tests.product.house import House


async def test_the_first_tick_has_all_three_sources(lively: House) -> None:
    snapshot = await lively.tick()

    assert {name: state["status"] for name, state in snapshot["sources"].items()} == dict.fromkeys(
        ("kalshi", "anthropic", "revenue"), "live"
    )
    assert snapshot["complete"] is True
