/** A chart as a picture: what it shows, with its name and of when it is, so that it can stand alone. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  const SCALE = 2;
  const EDGE = 16;
  const HEAD = 44;

  const colour = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /** @param {string} address @returns {Promise<HTMLImageElement>} */
  const loaded = (address) => new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("the chart could not be made into a picture"));
    image.src = address;
  });

  /** Draw the bars and the texts of a list as they stand on the page. @param {CanvasRenderingContext2D} pen @param {HTMLElement} list */
  function rows(pen, list) {
    const home = list.getBoundingClientRect();
    const at = (/** @type {Element} */ one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return { x: left - home.left, y: top - home.top, w: width, h: height };
    };
    for (const bar of list.querySelectorAll(".waterfall-bar")) {
      const { x, y, w, h } = at(bar);
      pen.fillStyle = getComputedStyle(bar).backgroundColor;
      pen.beginPath();
      pen.roundRect(x, y, w, h, 3);
      pen.fill();
    }
    for (const line of list.querySelectorAll(".waterfall-zero, .waterfall-link, .waterfall-cut")) {
      const { x, y, w, h } = at(line);
      pen.fillStyle = line.classList.contains("waterfall-cut") ? colour("s1") : colour("line3");
      pen.fillRect(x, y, Math.max(1, w), h);
    }
    pen.textBaseline = "middle";
    for (const text of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll(".waterfall-name, .waterfall-amount, .waterfall-note"))) {
      const { x, y, w, h } = at(text);
      const style = getComputedStyle(text);
      pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      pen.fillStyle = style.color;
      pen.textAlign = style.textAlign === "right" ? "right" : "left";
      pen.fillText(text.textContent ?? "", style.textAlign === "right" ? x + w : x, y + h / 2);
    }
  }

  /**
   * @param {HTMLElement} chart what Plotly draws in, or a list of bars @param {string} title @param {string} when
   * @returns {Promise<Blob>} a PNG
   */
  async function picture(chart, title, when) {
    const drawn = chart.classList.contains("js-plotly-plot");
    const { width, height } = chart.getBoundingClientRect();
    const inside = drawn ? await loaded(await globalThis.Plotly.toImage(chart, { format: "svg", width, height })) : null;
    const canvas = document.createElement("canvas");
    canvas.width = (width + 2 * EDGE) * SCALE;
    canvas.height = (height + HEAD + EDGE) * SCALE;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    pen.scale(SCALE, SCALE);
    pen.fillStyle = colour("s1");
    pen.fillRect(0, 0, width + 2 * EDGE, height + HEAD + EDGE);
    pen.textBaseline = "middle";
    pen.fillStyle = colour("ink");
    pen.font = "600 13px Inter, sans-serif";
    pen.fillText(title, EDGE, HEAD / 2);
    pen.fillStyle = colour("ink3");
    pen.font = "400 11px Inter, sans-serif";
    pen.textAlign = "right";
    pen.fillText(when, width + EDGE, HEAD / 2);
    pen.translate(EDGE, HEAD);
    if (inside) pen.drawImage(inside, 0, 0, width, height);
    else rows(pen, chart);
    return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be made"))), "image/png"));
  }

  /** Save a file. @param {Blob} blob @param {string} name */
  function save(blob, name) {
    const address = URL.createObjectURL(blob);
    northstar.dom.el("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }

  northstar.picture = { picture, save };
}
