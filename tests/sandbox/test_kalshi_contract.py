"""Every Kalshi answer is what the published contract says."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.sandbox.worlds import Desk

CONTRACTS = Path(__file__).parents[1] / "contracts" / "kalshi"
PAGES = [
    ("get-exchange-status", "/exchange/status", {}),
    ("get-user-data-timestamp", "/exchange/user_data_timestamp", {}),
    ("get-account-api-limits", "/account/limits", {}),
    ("get-balance", "/portfolio/balance", {}),
    ("get-positions", "/portfolio/positions", {"limit": 1000}),
    ("get-positions", "/portfolio/positions", {"limit": 1000, "settlement_status": "all"}),
    ("get-fills", "/portfolio/fills", {"limit": 1000}),
    ("get-settlements", "/portfolio/settlements", {"limit": 1000}),
    ("get-orders", "/portfolio/orders", {"limit": 1000}),
    ("get-deposits", "/portfolio/deposits", {}),
    ("get-withdrawals", "/portfolio/withdrawals", {}),
    ("get-markets", "/markets", {"limit": 1000}),
    ("get-events", "/events", {"with_nested_markets": "true"}),
    ("get-series", "/series/KXFED", {}),
    ("get-series-fee-changes", "/series/fee_changes", {}),
    ("get-historical-cutoff-timestamps", "/historical/cutoff", {}),
    ("get-historical-fills", "/historical/fills", {"limit": 1000}),
    ("get-historical-positions", "/historical/positions", {"limit": 1000}),
    ("get-historical-markets", "/historical/markets", {"limit": 1000}),
    ("get-orders", "/historical/orders", {"limit": 1000}),
]


@pytest.mark.parametrize(("contract", "path", "query"), PAGES, ids=[f"{p}?{q}" for _, p, q in PAGES])
def test_an_answer_meets_its_contract(month: Desk, contract: str, path: str, query: dict[str, Any]) -> None:
    schema = json.loads((CONTRACTS / f"{contract}.json").read_text())

    body = month.kalshi(path, **query)

    errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
    assert errors == []
    rows = next((value for value in body.values() if isinstance(value, list)), [None])
    assert rows or contract in {"get-series-fee-changes", "get-account-api-limits"}
