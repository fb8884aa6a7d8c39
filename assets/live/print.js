/** Paper: charts are drawn anew in light colours and as wide as a sheet, and as they were once it is printed. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});
  let before = "";

  const tell = () => document.dispatchEvent(new CustomEvent("pnl:theme"));

  function begin() {
    const { dataset } = document.documentElement;
    if ("printing" in dataset) return;
    before = dataset.theme ?? "dark";
    dataset.theme = "light";
    dataset.printing = "";
    tell();
  }

  function end() {
    const { dataset } = document.documentElement;
    if (!("printing" in dataset)) return;
    delete dataset.printing;
    dataset.theme = before;
    tell();
  }

  if (typeof addEventListener === "function" && typeof document !== "undefined") {
    addEventListener("beforeprint", begin);
    addEventListener("afterprint", end);
  }
  northstar.print = { begin, end };
}
