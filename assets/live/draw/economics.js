/** What API use costs: the month against its budget, where it is heading, and what a dollar made takes of it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const REREAD_MS = 600_000;
  const AGAIN_MS = 15_000;
  const ANSWER_MS = 30_000;
  const REASONS = { cost_not_known: "the API cost is not known", result_not_known: "the result is not known", not_above_zero: "the result is zero or a loss" };

  /** @type {{told: any, key: string, at: number, busy: boolean, wrong: string}} */
  const month = { told: null, key: "", at: -Infinity, busy: false, wrong: "" };

  /** Read the days before today, when the day is another one or some time has passed. @param {View} view */
  async function read(view) {
    const key = `${view.snapshot?.day} ${view.asOf ?? ""}`;
    const age = Date.now() - month.at;
    if (month.busy || (key === month.key && age < (month.wrong ? AGAIN_MS : view.asOf ? Infinity : REREAD_MS))) return;
    Object.assign(month, { busy: true, key, at: Date.now() });
    try {
      const asked = view.asOf ? `?${new URLSearchParams({ as_of: view.asOf })}` : "";
      const answer = await fetch(`${northstar.root}api/pnl/economics${asked}`, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
      Object.assign(month, { told: await answer.json(), wrong: "" });
    } catch (error) {
      month.wrong = error instanceof Error ? error.message : String(error);
    } finally {
      month.busy = false;
    }
    northstar.redraw();
  }

  /** @param {bigint | null} amount @returns {string} */
  const shown = (amount) => (amount === null ? "—" : northstar.money.dollars(northstar.money.cents(amount)));

  /** A part of the budget. @param {bigint | null} amount @param {bigint | null} budget */
  const percent = (amount, budget) => (amount === null || budget === null ? "—" : northstar.money.percent(amount, budget));

  /** Dollars per dollar: cents below one. @param {bigint | null} ratio nano-dollars */
  function perDollar(ratio) {
    const { money } = northstar;
    if (ratio === null) return "—";
    return ratio < 1_000_000_000n ? money.price(money.decimal(ratio), 2) : money.dollars(money.cents(ratio));
  }

  /** Of how many days a ratio is. @param {any} one */
  const span = (one) => (one.days === 1 ? "of one day" : `of ${one.days} days`);

  /** Why a ratio is a dash; and of how many days it is, where it is the month's. @param {any} one @param {boolean} month */
  const told = (one, month) => [one.reason && REASONS[/** @type {keyof typeof REASONS} */ (one.reason)], month && one.days ? span(one) : null].filter(Boolean).join(", ");

  /** @param {any} found @param {any} told_ @returns {[string, string]} its tone and what it says */
  function sentence(found, told_) {
    const { dayName } = northstar.zone;
    switch (found.course) {
      case "used_up": return ["loss", `The budget was used up on ${dayName(found.usedUpOn)}.`];
      case "this_month": return ["warn", `At this rate the budget is used up on ${dayName(found.usedUpOn)}.`];
      case "not_this_month": return ["gain", "At this rate the budget lasts the month."];
      case "no_rate": return ["flat", "No day of the last seven is over and known, so there is no rate yet."];
      default: return ["flat", told_.before_today.rate_ms ? "No budget is set: PNL_BUDGET_API_MONTHLY takes one." : "No budget is set, and there is no rate yet."];
    }
  }

  /** How much of the budget is used, and will be. @param {any} found */
  function meter(found) {
    const { el } = northstar.dom;
    if (found.used === null) return null;
    const most = [found.used, found.projectedUse ?? 0n, 1_000_000_000n].reduce((a, b) => (b > a ? b : a));
    const place = (/** @type {bigint} */ part) => Number((part * 10_000n) / most) / 100;
    return el("div.budget", { "data-key": "meter", role: "img", "aria-label": `${percent(found.month, found.budget)} of the budget is used${found.projectedUse === null ? "" : `, ${percent(found.projected, found.budget)} at the month's end`}` },
      found.projectedUse === null ? null : el("span.budget-coming", { style: { width: `${place(found.projectedUse)}%` } }),
      el("span.budget-used", { style: { width: `${place(found.used)}%` } }),
      el("span.budget-limit", { style: { left: `${place(1_000_000_000n)}%` } }));
  }

  /** @param {string} name @param {any} one @param {string} line @param {[string, string]} when of when today and the month are, for explanations */
  function ratios(name, one, line, when) {
    const { el } = northstar.dom;
    return el("tr", { "data-key": line }, el("th", { scope: "row" }, name),
      ...[one.today, one.month].map((/** @type {any} */ of, i) => el("td.num", { title: told(of, true), "data-ratio": `${line}.${i ? "month" : "today"}` },
        of.ratio === null ? perDollar(of.ratio) : northstar.worked.button(divided(name, of, line, when[i])), el("span.sub", null, told(of, i === 1)))));
  }

  /** How much API cost there is to a dollar of a result. @param {string} name @param {any} of @param {string} line @param {string} at */
  function divided(name, of, line, at) {
    const made = line === "revenue" ? [{ name, sign: "÷", value: shown(of.result), figure: "revenue_total", at }]
      : [{ name, sign: "÷", value: shown(of.result) }, { name: "made of: trading, realised and unrealised", value: "", figure: "trading_total", at }, { name: "and of: trading fees", value: "", figure: "trading_fees", at }];
    return { title: `API cost per dollar of ${name.toLowerCase()}`, text: `The API cost divided by the result, ${span(of)} of which both are known.`, total: perDollar(of.ratio), terms: [{ name: "API cost", value: shown(of.cost), figure: "api_cost", at }, ...made] };
  }

  /** The figures that are worked out of the month's cost. @param {any} found @param {{month: string, week: string}} when of when they are, for explanations */
  function derived(found, { month: of, week }) {
    const cost = { name: "API cost of the month so far", value: shown(found.month), figure: "api_cost", at: of };
    const budget = { name: "Budget, PNL_BUDGET_API_MONTHLY", sign: "÷", value: shown(found.budget) };
    const days = (/** @type {number} */ many) => `${many.toLocaleString("en-US", { maximumFractionDigits: 2 })} days`;
    return {
      used: { title: "Of the budget", text: "The month's cost so far, divided by its budget.", total: percent(found.month, found.budget), terms: [cost, budget] },
      projected: { title: "At the month's end", text: "The cost so far, and the rate of the last seven days that are over for the time that is left.", total: shown(found.projected), terms: [cost, { name: `${shown(found.perDay)} a day, for ${days(found.leftDays)}`, sign: "+", value: shown(found.projected === null ? null : found.projected - (found.month ?? 0n)), figure: "api_cost", at: week }] },
      projectedUse: { title: "Of the budget, at the month's end", text: "The cost at the month's end, divided by the budget.", total: percent(found.projected, found.budget), terms: [{ name: "At the month's end", value: shown(found.projected) }, budget] },
      perDay: { title: "A day, over the last seven", text: "The cost of the last seven company days that are over and known, divided by their length.", total: shown(found.perDay), terms: [{ name: "API cost of those days", value: shown(found.rate), figure: "api_cost", at: week }, { name: "Their length", sign: "÷", value: days(found.ratedDays) }] },
    };
  }

  northstar.panels.push({
    id: "economics",
    /** @param {HTMLElement} root @param {View} view */
    draw(root, view) {
      const body = root.querySelector(".economics-body");
      const { snapshot, zone } = view;
      if (!body || !snapshot) return;
      void read(view);
      const { el, grow } = northstar.dom;
      if (month.told?.day !== snapshot.day)
        return grow(body, [month.wrong ? el("p.empty", { "data-key": "wrong", role: "alert" }, `The month could not be read: ${month.wrong}.`) : el("p.empty", { "data-key": "reading" }, "Reading the month…")]);
      const found = northstar.economics.economics(month.told, snapshot, zone);
      const { from, to } = month.told.month;
      const asOf = view.asOf ? `&as_of=${encodeURIComponent(view.asOf)}` : "";
      const why = (/** @type {string} */ at, /** @type {string} */ text) => el("button.why", { type: "button", "data-explain": "api_cost", "data-explain-at": at, "aria-haspopup": "dialog" }, text);
      const { worked: { button } } = northstar;
      const week = `from=${northstar.zone.dayAfter(snapshot.day, -7)}&to=${snapshot.day}${asOf}`;
      /** @type {[string, string]} */
      const ofBoth = [`at=${snapshot.seq}`, `from=${from}&to=${to}${asOf}`];
      const parts = derived(found, { month: `from=${from}&to=${to}${asOf}`, week });
      const [tone, text] = sentence(found, month.told);
      grow(/** @type {Element} */ (root.querySelector(".panel-note")), [found.notKnown ? `${found.notKnown} ${found.notKnown === 1 ? "day is" : "days are"} not known` : ""]);
      grow(body, [
        el("div.burn", { "data-key": "burn" },
          el("span.burn-amount", { "data-burn": "month" }, found.month === null ? "—" : why(`from=${from}&to=${to}${asOf}`, shown(found.month))),
          el("span.burn-of", null, found.budget === null ? "so far" : `of ${shown(found.budget)}`, ...(found.used === null ? [] : [" · ", button(parts.used)]))),
        meter(found),
        el(`p.burn-said.${tone}`, { "data-key": "said" }, text),
        el("dl.facts.burn-facts", { "data-key": "facts" },
          el("dt", null, "At the month's end"), el("dd", { "data-burn": "projected" }, found.projected === null ? "—" : button(parts.projected), ...(found.projectedUse === null ? [] : [" · ", button(parts.projectedUse), " of the budget"])),
          el("dt", null, "A day, over the last seven"), el("dd", { "data-burn": "per_day" }, found.perDay === null ? "—" : button(parts.perDay)),
          el("dt", null, "Today so far"), el("dd", { "data-burn": "today" }, found.today === null ? "—" : why(`at=${snapshot.seq}`, shown(found.today)))),
        el("table.table.ratios", { "data-key": "ratios" },
          el("thead", null, el("tr", null, el("th", { scope: "col" }, "API cost per dollar of"), el("th.num", { scope: "col" }, "Today"), el("th.num", { scope: "col" }, "Month"))),
          el("tbody", null, ratios("Trading, after fees", found.perTrading, "trading", ofBoth), ratios("Revenue", found.perRevenue, "revenue", ofBoth))),
      ].filter((part) => part !== null));
    },
  });

  northstar.economicsPanel = { percent, perDollar, sentence };
}
