"""What a phone shows of a table: all of it, without a scroll to the side."""

from playwright.sync_api import Page

OUTSIDE = """(table) => {
  const cells = [...document.querySelectorAll(`${table} :is(tbody, tfoot) tr > *`)];
  const cut = (cell) => [cell, ...cell.querySelectorAll("*")].some((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    return width && (left < 0 || right > innerWidth);
  });
  const scroll = document.querySelector(table).closest(".scroll");
  const sideways = scroll.scrollWidth > scroll.clientWidth ? [`the table is ${scroll.scrollWidth} wide`] : [];
  return cells.length ? [...sideways, ...cells.filter(cut).map((cell) => cell.innerText)] : ["there is no cell"];
}"""


def outside(page: Page, table: str) -> list[str]:
    """Return what of a table is not seen without a scroll to the side."""
    found: list[str] = page.evaluate(OUTSIDE, table)
    return found
