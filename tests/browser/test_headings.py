"""Headings as they are drawn: their words stand apart."""

from base64 import b64encode

import pytest
from playwright.sync_api import Locator

from tests.browser.conftest import Desk

GAPS = """async (picture) => {
  const image = new Image();
  image.src = `data:image/png;base64,${picture}`;
  await image.decode();
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  const light = (x, y) => [0, 1, 2].reduce((sum, part) => sum + data[4 * (y * width + x) + part], 0);
  const rows = Array.from({ length: height }, (_, y) => y);
  const blank = (x) => rows.every((y) => Math.abs(light(x, y) - light(0, y)) < 60);
  const columns = Array.from({ length: width }, (_, x) => (blank(x) ? " " : "x")).join("").trim();
  return columns.split(/x+/).map((gap) => gap.length);
}"""
"""How wide the gaps between letters are in a picture of them, in pixels."""


def gaps(heading: Locator) -> list[int]:
    """Return the gaps between the letters of a heading, as they are drawn, the widest first."""
    heading.scroll_into_view_if_needed()
    box = heading.bounding_box()
    assert box
    around = {"x": box["x"] - 3, "y": box["y"] + 2, "width": box["width"] + 6, "height": box["height"] - 4}
    picture = heading.page.screenshot(clip=around)  # type: ignore[arg-type]  # typed as a dictionary of its own
    found: list[int] = heading.page.evaluate(GAPS, b64encode(picture).decode())
    return sorted(found, reverse=True)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_words_of_every_heading_of_the_live_page_stand_apart(desk: Desk, theme: str, width: int) -> None:
    page = desk.open(theme=theme, width=width)
    headings = [heading for heading in page.locator(".live-grid h2").all() if heading.is_visible()]

    for heading in headings:
        words = heading.inner_text().split()
        between = gaps(heading)[: len(words) - 1]
        assert all(gap >= 3 for gap in between), (words, between)

    assert any("P&L and" in heading.inner_text() for heading in headings)
