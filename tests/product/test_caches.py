"""The caches in the whole product: whichever layer answers, the answer is the same, letter by letter."""

from pathlib import Path

from tests.product.conftest import PATIENT
from tests.product.house import House
from tests.services import RedisServer

QUESTIONS = (
    "/api/pnl/history",
    "/api/pnl/history?step=raw&fields=net,equity",
    "/api/pnl/history?step=1m&from=2026-11-20&fields=revenue,api_cost,cumulative_net",
    "/api/pnl/history?step=1h&from=2026-11-18&to=2026-11-20T17:00:00Z",
    "/api/pnl/history?step=1w&from=2026-01-01",
    "/api/pnl/history?step=1m&as_of=2026-11-20T17:00:30Z",
    "/api/pnl/current",
)


def answers(house: House) -> list[tuple[bytes, str]]:
    """Return what a process says to all questions, and the names of its answers."""
    client = house.desk.server.test_client()
    found = [client.get(question) for question in QUESTIONS]
    assert {each.status_code for each in found} == {200}
    return [(each.data, each.headers["ETag"]) for each in found]


async def test_killing_redis_changes_no_answer(tmp_path: Path, own_redis: RedisServer) -> None:
    house = House(tmp_path, more=PATIENT | {"PNL_REDIS_URL": own_redis.url})
    try:
        await house.tick(9)
        from_the_database = answers(house)
        from_memory = answers(house)
        await house.restart()
        from_redis = answers(house)

        own_redis.kill()
        after = answers(house)
        await house.restart()
        without = answers(house)
    finally:
        await house.close()

    assert from_memory == from_redis == after == without == from_the_database


async def test_a_second_process_is_given_what_the_first_has_made(tmp_path: Path, own_redis: RedisServer) -> None:
    house = House(tmp_path, more=PATIENT | {"PNL_REDIS_URL": own_redis.url})
    try:
        await house.tick(3)
        answers(house)
        with own_redis.client() as client:
            names = {name for name in client.keys("*") if b":kept:" in name}
            hits = client.info("stats")["keyspace_hits"]
            await house.restart()
            answers(house)
            again = {name for name in client.keys("*") if b":kept:" in name}
            hits = client.info("stats")["keyspace_hits"] - hits
    finally:
        await house.close()

    assert names
    assert again == names
    assert hits >= len(names)


async def test_every_tick_is_in_the_next_answer(house: House) -> None:
    seen = []
    for _ in range(5):
        snapshot = await house.tick()
        rows = house.get("/api/pnl/history?step=raw")["rows"]
        seen.append(rows[-1]["at"] == snapshot["as_of"])

    assert seen == [True] * 5
