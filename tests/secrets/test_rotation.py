"""A key that is changed where it is kept, while the product runs: the new one is in use, and nothing was restarted."""

from pathlib import Path

from pnl.desk.lookout import LOOK_SECONDS
from tests.product.house import House

HALF_A_MINUTE, TICK = 30, 10
"""A new key is in use within so many seconds, and the tick that tries it comes up to so many later."""


async def test_a_key_that_was_refused_is_taken_up_anew_from_where_it_is_kept(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a-key-that-is-over")
    (tmp_path / "data").mkdir()
    more = {"PNL_REVENUE_TOKEN": "", "PNL_REVENUE_TOKEN_FILE": str(key), "PNL_SOURCE_TIMEOUT_SECONDS": "8"}
    house = House(tmp_path / "data", more=more)
    try:
        snapshot = await house.tick()
        assert "401" in snapshot["sources"]["revenue"]["error"]
        term = house.desk._leadership.term  # type: ignore[union-attr]
        rotation = term._rotation  # type: ignore[union-attr]
        assert rotation.look() is False

        key.write_text(house.sandbox.upstreams.revenue_token)
        looks = int((HALF_A_MINUTE - TICK) / LOOK_SECONDS)
        assert True in [rotation.look() for _ in range(looks)]

        snapshot = await house.tick()
        assert snapshot["sources"]["revenue"]["status"] == "live"
    finally:
        await house.close()
