"""How often the chart of the day is drawn: once for each change, whichever it is."""

from tests.browser.conftest import Desk

COUNT = """() => {
  window.drawn = [];
  for (const name of ["react", "redraw"]) {
    const own = Plotly[name];
    Plotly[name] = (chart, ...rest) => {
      if (chart.classList.contains("curve-chart")) window.drawn.push(name);
      return own(chart, ...rest);
    };
  }
}"""


def test_another_range_is_drawn_once_and_a_tick_is_drawn_into_the_chart_that_is_there(desk: Desk) -> None:
    page = desk.open()
    page.evaluate(COUNT)

    at_once = page.evaluate(
        "() => { document.querySelector('[data-range=\"1h\"]').click(); return [...window.drawn]; }"
    )
    paths = page.evaluate_handle("document.querySelector('.curve-chart .scatterlayer')")
    desk.tick(page)
    page.wait_for_function("() => window.drawn.length > 1")

    assert at_once == ["react"]
    assert set(page.evaluate("window.drawn.slice(1)")) == {"redraw"}
    assert paths.evaluate("(layer) => layer.isConnected")
