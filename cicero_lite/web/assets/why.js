// Why a power of ours ordered what it ordered: what it weighed, expected, had heard and believed, by the log.
(() => {
  const { data, state, $, html, title, badge, orderSpans, ask, linkTo } = replay;
  const percent = (p) => p === null || p === undefined ? "" : p > 0 && p < .005 ? "<1 %" : Math.round(100 * p) + " %";
  const score = (s) => s === null || s === undefined ? "" : (100 * s).toFixed(1);
  const same = (a, b) => [...a].sort().join() === [...b].sort().join();
  const thinking = new Set(data.plans.map((p) => p.power));
  const planOf = (power) => data.plans.find((p) => p.phase === state.phase && p.power === power);
  replay.knows = (power) => thinking.has(power) || Boolean(replay.inspect && replay.mayInspect(power));
  replay.percent = percent;
  replay.score = score;

  function actions(rows, chosen, played, columns) {
    const head = html("tr", {}, ...columns.map((c) => html("th", { scope: "col", class: c === "Orders" ? "" : "number" }, c)));
    const body = rows.map(([orders, p, anchor, value]) => {
      const marks = [];
      if (chosen && same(orders, chosen)) marks.push(html("span", { class: "mark-chosen" }, "chosen"));
      if (played && same(orders, played)) marks.push(html("span", { class: "mark-played" }, "played"));
      const cells = { "Before": percent(anchor), "After": percent(p), "Score": score(value) };
      return html("tr", { class: marks.length ? "chosen" : "" }, ...columns.slice(0, -1).map((c) => html("td", { class: "number" }, cells[c])), html("td", {}, orderSpans(orders), " ", ...marks));
    });
    return html("table", { class: "actions" }, html("thead", {}, head), html("tbody", {}, ...body));
  }
  replay.actionTable = actions;

  function played(power) {
    const k = data.powers.indexOf(power);
    return data.phases[state.phase].orders.filter((o) => o[0] === k).map((o) => o[1]);
  }
  function section(name, ...content) {
    return html("section", {}, html("h3", {}, name), ...content);
  }
  function changes(plan) {
    const wrote = (number) => html("span", {}, badge(data.messages[number].from), " wrote ", html("a", { class: "quote", href: linkTo(number) }, html("q", {}, data.messages[number].text)));
    const rows = plan.changed.map(([heard, orders], i) => {
      const after = heard.length ? html("span", {}, "after ", ...heard.flatMap((number, k) => [k ? ", " : "", wrote(number)]), ": ") : i ? "then: " : "before any talk: ";
      return html("li", {}, after, orderSpans(orders));
    });
    return html("ol", { class: "plain changes" }, ...rows);
  }
  function explained(power, plan) {
    const its = played(power);
    const parts = [section("What it considered", html("p", { class: "hint" }, "Chance before the search (anchor and talk) and after it; score is what it may expect, in points of 100."),
      actions(plan.top, plan.chosen, its, plan.top.some((t) => t[2] !== null) ? ["Before", "After", "Score", "Orders"] : ["After", "Score", "Orders"]))];
    if (plan.changed.length > 1) parts.push(section("How its plan changed", changes(plan)));
    const others = Object.entries(plan.others).filter(([, rows]) => rows.some((r) => r[0].length));
    if (others.length) {
      parts.push(section("What it expected of the others", ...others.map(([other, rows]) => html("details", { class: "expected " + other }, html("summary", {}, badge(other), " ",
        html("span", { class: "number" }, percent(rows[0][1])), " ", orderSpans(rows[0][0]), same(rows[0][0], played(other)) ? html("span", { class: "mark-played" }, "played") : ""),
        actions(rows, null, played(other), ["After", "Score", "Orders"])))));
    }
    if (plan.heard.length) {
      parts.push(section("What it had heard", html("ul", { class: "plain" }, ...plan.heard.map(([other, order, credence]) =>
        html("li", {}, badge(other), " ", html("span", { class: "order" }, order), " ", credence < 0 ? `rather not (${credence})` : `believed ${credence}`)))));
    }
    const known = data.beliefs.filter(([phase, whose]) => whose === power && phase < state.phase);
    if (known.length) parts.push(section("What it thinks the others are like", html("ul", { class: "plain" }, ...known[known.length - 1][2].map((line) => html("li", {}, line)))));
    return parts;
  }
  function draw(phase) {
    if (!state.power || !replay.knows(state.power)) state.power = data.powers.find((p) => planOf(p)) || data.powers.find(replay.knows);
    const power = state.power, plan = planOf(power);
    const choice = html("div", { class: "choice", role: "group", "aria-label": "Whose orders" }, ...data.powers.filter(replay.knows).map((p) => {
      const button = html("button", { type: "button", "aria-pressed": String(p === power), title: title(p) }, badge(p));
      button.addEventListener("click", () => ask(p));
      return button;
    }));
    const its = played(power);
    const parts = [choice, html("h2", {}, badge(power), " ", title(power), ", ", phase.title),
      html("p", { class: "its" }, its.length ? orderSpans(its) : "No orders of its own in this phase.")];
    if (plan) parts.push(html("p", {}, `It expected a score of ${score(plan.score)} of 100.`));
    if (replay.inspect) parts.push(replay.inspect(power, phase));
    parts.push(...(plan ? explained(power, plan) : [html("p", { class: "empty" }, replay.inspect ? "Nothing in the log of the game about this." : "It did not search in this phase.")]));
    $("why").replaceChildren(html("div", { class: "board" }, ...parts));
    $("why").scrollTop = 0;
  }
  if (data.powers.some(replay.knows)) replay.addView("why", draw);
})();
