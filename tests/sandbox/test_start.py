"""Starting the sandbox: the past is played before anybody asks."""

from datetime import timedelta

from pnl.sandbox import Sandbox
from tests.sandbox.worlds import EPOCH, Frozen


def test_the_past_is_played_before_the_first_request() -> None:
    clock = Frozen(EPOCH + timedelta(days=30))
    sandbox = Sandbox(seed=7, clock=clock, epoch=EPOCH)

    with sandbox:
        assert sandbox.engine.played == clock.now()
        assert sandbox.engine.account.payouts
