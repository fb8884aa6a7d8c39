"""Every tier of the live feed in a real browser, blocked and healed: no number is missed, none is shown twice."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.gate import EVENTS, POLLING, WEBSOCKET, Gate
from tests.browser.watching import LISTEN, Watched
from tests.product.process import TOP, Process


@dataclass
class Gated(Watched):
    """A page behind a gate."""

    gate: Gate


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Give a product that runs; a test that ends it starts it again."""
    product = Process(tmp_path_factory.mktemp("tiers") / "data")
    try:
        product.until(lambda snapshot: snapshot["complete"])
        yield product
    finally:
        product.end()


@pytest.fixture
def watched(browser: Browser, product: Process) -> Iterator[Gated]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(LISTEN)
    with Gate(product.port) as gate:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{gate.port}/")
        found = Gated(page, product, gate)
        found.until("websocket")
        found.more()
        yield found
        context.close()


def test_the_websocket_carries_the_figures_when_nothing_is_in_its_way(watched: Gated) -> None:
    newest = watched.more(5)

    watched.shows(newest)
    watched.whole()
    assert {tier for _, tier in watched.applied()} == {"websocket"}


def test_events_take_over_from_a_websocket_that_is_cut_off_and_give_back(watched: Gated) -> None:
    watched.gate.shut(WEBSOCKET)
    watched.until("sse")
    watched.more()
    watched.gate.open()
    watched.until("websocket")
    watched.shows(watched.more())

    watched.whole()
    assert {tier for _, tier in watched.applied()} == {"websocket", "sse"}


def test_polling_takes_over_when_only_plain_requests_pass(watched: Gated) -> None:
    watched.gate.shut(WEBSOCKET, EVENTS)
    watched.until("polling")
    watched.more(4)
    watched.gate.open()
    watched.until("websocket")
    watched.shows(watched.more())

    watched.whole()
    assert "polling" in {tier for _, tier in watched.applied()}


def test_who_listens_is_told_of_polling_of_no_answer_and_of_the_return_each_long_enough(watched: Gated) -> None:
    watched.page.evaluate(
        """() => {
          window.said = [];
          const region = document.getElementById("announcements");
          new MutationObserver(() => window.said.push([Date.now(), region.textContent]))
            .observe(region, { childList: true, characterData: true, subtree: true });
        }"""
    )

    def hears(text: str) -> None:
        watched.page.wait_for_function("text => window.said.some(([, said]) => said.startsWith(text))", arg=text)

    watched.gate.shut(WEBSOCKET, EVENTS)
    hears("Live updates paused.")
    watched.gate.shut(WEBSOCKET, EVENTS, POLLING)
    hears("Connection lost.")
    watched.gate.shut(WEBSOCKET, EVENTS)
    hears("Connected again.")
    watched.gate.open()
    hears("Live updates are back.")

    times = [at for at, _ in watched.page.evaluate("window.said")]
    assert all(later - sooner > 1_000 for sooner, later in pairwise(times)), watched.page.evaluate("window.said")


def test_all_the_way_down_and_back_no_figure_is_ever_blank(watched: Gated) -> None:
    watched.until("websocket")
    watched.page.evaluate(
        """() => {
          window.blanks = [];
          const look = () => {
            const figures = [...document.querySelectorAll("#kpis [data-figure]")];
            if (figures.length < 6 || figures.some((one) => !/[0-9]/.test(one.textContent)))
              window.blanks.push(figures.map((one) => one.textContent).join());
          };
          new MutationObserver(look).observe(document.body, { childList: true, characterData: true, subtree: true });
          look();
        }"""
    )

    ways: list[bytes] = []
    for way, below in ((WEBSOCKET, "sse"), (EVENTS, "polling"), (POLLING, "offline")):
        ways.append(way)
        watched.gate.shut(*ways)
        watched.until(below, 90)
    watched.gate.open()
    watched.until("websocket", 90)
    watched.shows(watched.more())

    assert watched.page.evaluate("window.blanks") == []
    watched.whole()


def test_without_any_way_through_the_last_figures_stay_with_a_warning_over_a_reload(watched: Gated) -> None:
    watched.gate.shut(WEBSOCKET, EVENTS, POLLING)
    watched.until("polling", 60)
    watched.page.wait_for_function("() => /No answer/.test(document.getElementById('connection').textContent)")
    called, told = watched.page.evaluate(
        "['aria-label', 'title'].map((name) => document.getElementById('connection-button').getAttribute(name))"
    )
    assert re.match(r"Connection: No answer retry(ing| in \d+ s) \d+ [sm]\. Show details$", called), called
    why = r"No answer, last heard from at [\d:]+: the server is not reached; next try (now|in \d+ s); figures"
    assert re.match(why, told), told
    watched.page.wait_for_function("() => /Not receiving updates/.test(document.getElementById('banner').textContent)")
    watched.until("offline", 60)
    last = watched.applied()[-1][0]
    watched.page.wait_for_selector("#banner .banner")
    assert "last good snapshot" in watched.page.inner_text("#banner")
    assert "Offline" in watched.page.inner_text("#connection")
    assert "unknown" in watched.page.inner_text("#chip-kalshi")
    watched.page.wait_for_function("() => /Connection lost/.test(document.getElementById('announcements').textContent)")

    watched.gate.shut(b"/api/")
    watched.page.reload()
    watched.until("offline", 60)
    drawn = watched.page.get_attribute("#content [data-drawn-seq]", "data-drawn-seq")
    assert drawn is not None
    assert int(drawn) > last
    assert watched.page.get_attribute("#kpis", "data-seq") is None
    assert "which came with the page" in watched.page.inner_text("#banner")

    watched.gate.open()
    watched.until("websocket", 60)
    watched.shows(watched.more())
    watched.page.wait_for_function("() => !document.querySelector('#banner .banner')")
    watched.whole()


def test_a_proxy_that_knows_no_websocket_gets_events(watched: Gated) -> None:
    watched.gate.strip_upgrade()
    watched.page.reload()
    watched.until("sse")
    watched.shows(watched.more())

    watched.whole()
    assert {tier for _, tier in watched.applied()} == {"sse"}


def test_a_network_that_swallows_everything_is_noticed_by_its_silence(watched: Gated) -> None:
    watched.gate.black_hole()
    watched.page.wait_for_function("() => northstar.live.log.at(-1).kind !== 'websocket'", timeout=30_000)
    watched.gate.open()
    watched.until("websocket", 60)
    watched.shows(watched.more())

    watched.whole()


@pytest.mark.parametrize("end", [Process.kill, Process.stop], ids=["killed", "stopped"])
def test_a_server_that_is_started_again_is_found_again(watched: Gated, end: Callable[[Process], object]) -> None:
    end(watched.product)
    watched.page.wait_for_function("() => northstar.live.log.at(-1).kind !== 'websocket'", timeout=30_000)
    watched.product.again()
    watched.until("websocket", 60)
    watched.shows(watched.more())

    watched.whole()


def test_a_slow_network_falls_to_polling_and_comes_back(watched: Gated) -> None:
    watched.gate.delay(400)
    watched.until("polling", 60)
    assert "ms" in (watched.page.evaluate("northstar.live.log.at(-1).reason") or "")
    watched.gate.open()
    watched.until("websocket", 60)
    watched.shows(watched.more())

    watched.whole()


def test_a_computer_that_slept_catches_up(watched: Gated) -> None:
    before = watched.applied()[-1][0]
    children = _renderers()
    for process in children:
        os.kill(process, signal.SIGSTOP)
    try:
        watched.product.until(lambda snapshot: snapshot["seq"] >= before + 8)
    finally:
        for process in children:
            os.kill(process, signal.SIGCONT)
    watched.page.wait_for_function("seq => window.applied.at(-1)[0] >= seq", arg=before + 8, timeout=20_000)
    watched.shows(watched.more())

    watched.whole()


def test_a_network_that_loses_three_packets_in_ten_loses_no_number(tmp_path: Path) -> None:
    """Run in a network namespace, where losing packets harms nobody else."""
    apart = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    run = subprocess.run(
        [*apart, sys.executable, "-m", "tests.browser.lossy", str(tmp_path)],
        cwd=TOP,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def _renderers() -> list[int]:
    """Return the processes of this browser's pages."""
    found = subprocess.run(["pgrep", "-f", "type=renderer"], capture_output=True, text=True, check=True)
    return [int(line) for line in found.stdout.split()]
