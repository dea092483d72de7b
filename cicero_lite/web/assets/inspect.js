// The inspector: asks the server what an agent weighed at a moment, and what it would do if things were otherwise.
(() => {
  const { data, state, $, html, title, badge, points, orderSpans, actList } = replay;
  const NAMES = { plan: "Plan", messages: "Messages", others: "Others' orders", beliefs: "Beliefs", pairs: "Two by two", search: "Search" };
  const percent = (p) => p > 0 && p < .005 ? "<1 %" : Math.round(100 * p) + " %";
  const score = (s) => (100 * s).toFixed(1);
  const list = (...items) => html("ul", { class: "plain" }, ...items);
  const now = { power: "", phase: null, part: "plan", first: null, second: null, original: null, changed: null, asked: 0 };

  const base = location.pathname.replace(/\/$/, "");
  async function ask(path, body) {
    const asks = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "same-origin", cache: "no-store" };
    const answer = await fetch(base + path, asks);
    const said = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
    if (!answer.ok) throw new Error(said.error);
    return said;
  }

  // --- the parts of an inspection
  function table(heads, rows, name) {
    const head = html("tr", {}, ...heads.map((h) => html("th", { scope: "col", class: /^(Orders|What|Who|How|Order)/.test(h) ? "" : "number" }, h)));
    return html("table", {}, html("caption", {}, name), html("thead", {}, head), html("tbody", {}, ...rows));
  }
  const cell = (value) => html("td", { class: "number" }, value);
  function candidates(rows, chosen, name, toMe) {
    const heads = ["Before", "After", "Score", ...(toMe ? ["For " + title(toMe)] : []), "Orders"];
    return table(heads, rows.map((c) => {
      const isChosen = chosen && chosen.join() === c.orders.join();
      return html("tr", { class: isChosen ? "chosen" : "" }, cell(percent(c.anchor)), cell(percent(c.probability)), cell(score(c.score)), ...(toMe ? [cell(score(c.to_me))] : []),
        html("td", {}, orderSpans(c.orders), isChosen ? html("span", { class: "mark-chosen" }, "chosen") : ""));
    }), name);
  }
  const parts = {
    plan(found, other) {
      const news = other ? found.orders.filter((o) => !other.orders.includes(o)) : [];
      const orders = found.orders.map((o) => html("li", {}, html("span", { class: "order" + (news.includes(o) ? " differs" : "") }, o), news.includes(o) ? " instead" : ""));
      const scores = Object.entries(found.scores).map(([p, s]) => html("span", { class: "score" }, badge(p), " " + score(s), other && other.scores[p] !== undefined ? html("small", {}, " " + points(s - other.scores[p])) : ""));
      const differs = !other && found.logged && found.logged.join() !== found.orders.join();
      const meant = differs ? [html("p", { class: "hint" }, "In the game it meant ", orderSpans(found.logged), ".")] : found.logged && !other ? [html("p", { class: "hint" }, "As in the game.")] : [];
      return [html("h3", {}, "It would order"), found.orders.length ? list(...orders) : html("p", { class: "hint" }, "Nothing to order."), ...meant,
        html("h3", {}, "Expected scores, of 100"), html("p", { class: "scores" }, ...scores),
        html("h3", {}, "What it considers"), candidates(found.candidates, found.orders, "Candidate orders"),
        html("p", { class: "hint" }, "Before: chance by the anchor and what it said and heard. After: chance in its answer to the others. Score: what it may expect, of 100, with what its controls add.")];
    },
    messages(found) {
      if (!found.choices.length && !found.said.length) return [html("p", { class: "empty" }, "Nothing to say to anybody at this moment.")];
      const out = [];
      for (const c of found.choices) {
        const rows = c.alternatives.map((m, i) => [m.worth, i, html("td", {}, actList(m.acts), html("small", { class: "hint" }, " " + m.reason))]);
        rows.push([0, -1, html("td", {}, html("i", {}, "silence"), c.is_due ? html("small", { class: "hint" }, " rude: an answer is due") : "")]);
        rows.sort((a, b) => b[0] - a[0]);
        const picked = c.said === null ? -1 : 0;
        out.push(html("h3", {}, "To ", badge(c.recipient), ` ${title(c.recipient)}`), table(["Worth", "What it could say"], rows.map(([worth, i, what]) => html("tr", { class: i === picked ? "chosen" : "" }, cell(points(worth)), what)), "Alternatives"),
          c.said === null ? html("p", { class: "hint" }, `Nothing is sent: too little is to be gained, or no wording passed. A person would write now with ${percent(c.chance)}.`) : html("div", { class: "bubble " + found.power }, c.said));
      }
      const others = found.said.filter((s) => !found.choices.some((c) => c.recipient === s.recipient));
      for (const s of others) out.push(html("h3", {}, "To ", badge(s.recipient || "GLOBAL")), html("div", { class: "bubble " + found.power }, s.text), html("p", { class: "hint" }, actList(s.acts)));
      const rejected = found.drafts.filter((d) => d.findings.some((f) => f.verdict === "reject"));
      if (rejected.length) out.push(html("details", {}, html("summary", {}, `${rejected.length} of ${found.drafts.length} wordings rejected`), ...rejected.map((d) => html("div", { class: "rejected" }, html("q", {}, d.text),
        ...d.findings.filter((f) => f.verdict === "reject").map((f) => html("div", {}, html("b", {}, f.filter), f.reason ? ": " + f.reason : ""))))));
      return out;
    },
    others(found) {
      return Object.entries(found.others).filter(([, rows]) => rows.some((r) => r.orders.length)).map(([power, rows]) =>
        html("details", power === Object.keys(found.others)[0] ? { open: "" } : {}, html("summary", {}, badge(power), ` ${percent(rows[0].probability)} `, orderSpans(rows[0].orders)), candidates(rows, null, "What " + title(power) + " may order", found.power)));
    },
    beliefs(found) {
      return Object.entries(found.beliefs).map(([power, b]) => {
        const types = Object.entries(b.types).map(([name, w]) => html("li", {}, html("meter", { min: 0, max: 1, value: w, "aria-label": name }), ` ${percent(w)} plays like ${name.replace(" ", ", λ ")}`));
        const hostile = Object.entries(b.hostility).map(([p, h]) => html("li", {}, h > 0 ? "hostile to " : "friendly to ", badge(p), ` ${h.toFixed(2)}`));
        const words = b.words.map((w) => html("tr", {}, html("td", {}, w.by ? badge(w.by) : "–"), html("td", {}, w.kind), html("td", {}, html("span", { class: "order" }, w.order)), cell(w.trust.toFixed(2)), cell(w.credence.toFixed(2))));
        const promises = b.promises.map((p) => html("li", { class: "promise " + p.status }, `${p.phase} `, html("span", { class: "order" }, (p.polarity === "not" ? "not " : "") + (p.order || p.provinces.join(", "))), " ", html("b", {}, p.status), html("q", { class: "quoted" }, p.quote)));
        const seen = b.surprises.map((s) => html("tr", {}, html("td", {}, s.phase), cell(percent(Math.exp(-s.surprise))), cell(s.nats.toFixed(2))));
        return html("details", {}, html("summary", {}, badge(power), ` ${title(power)} keeps its word with ${percent(b.reliability)}` + (b.words.length ? `, ${b.words.length} ${b.words.length === 1 ? "sign" : "signs"} for this phase` : "")),
          words.length ? table(["Who said it", "How", "Order", "Trust", "Credence"], words, "What was said of its orders") : html("p", { class: "hint" }, "Nothing was said of its orders in this phase."),
          html("h3", {}, "What it is like"), list(...types, ...hostile),
          ...(seen.length ? [html("h3", {}, "What it played"), table(["What phase", "Foreseen with", "Nats learned"], seen, "What it played")] : []),
          ...(promises.length ? [html("h3", {}, "What it promised"), list(...promises)] : []));
      });
    },
    pairs(found, other, redraw) {
      if (!found.pairs.length) return [html("p", { class: "empty" }, "No tables of pairs in this phase: scores come from sampled play.")];
      const powers = [...new Set(found.pairs.flatMap((t) => [t.first, t.second]))];
      const at = (a, b) => found.pairs.find((t) => (t.first === a && t.second === b) || (t.first === b && t.second === a));
      if (!powers.includes(now.first)) now.first = found.power;
      if (!at(now.first, now.second)) now.second = powers.find((p) => at(now.first, p));
      const pick = (key) => {
        const select = html("select", { "aria-label": key === "first" ? "Rows" : "Columns" }, ...powers.map((p) => html("option", { value: p }, title(p))));
        select.value = now[key];
        select.addEventListener("change", () => { now[key] = select.value; redraw(); });
        return select;
      };
      const t = at(now.first, now.second);
      const flip = t.first !== now.first;
      const rows = flip ? t.columns : t.rows, columns = flip ? t.rows : t.columns;
      const value = (r, c) => flip ? [t.scores[c][r][1], t.scores[c][r][0]] : t.scores[r][c];
      const base = flip ? [t.expected[1], t.expected[0]] : t.expected;
      const tint = (d) => Math.abs(d) < .001 ? "" : (d > 0 ? "up" : "down") + (Math.abs(d) > .01 ? "2" : "1");
      const head = html("tr", {}, html("td", {}), ...columns.map((_, i) => html("th", { scope: "col", class: "number" }, String.fromCharCode(97 + i))));
      const body = rows.map((orders, r) => html("tr", {}, html("th", { scope: "row" }, String(r + 1)), ...columns.map((_, c) => {
        const [mine, theirs] = value(r, c).map((s, k) => s - base[k]);
        return html("td", { class: "number pair" }, html("span", { class: tint(mine) }, points(mine)), html("span", { class: tint(theirs) }, points(theirs)));
      })));
      return [html("p", {}, pick("first"), " and ", pick("second")), html("p", { class: "hint" }, `Score of ${title(now.first)} (above) and of ${title(now.second)} (below), beside what they expect (${score(base[0])} and ${score(base[1])}), in points of 100, all others as expected.`),
        html("div", { class: "wide" }, html("table", { class: "pairs" }, html("caption", {}, "Two by two"), html("thead", {}, head), html("tbody", {}, ...body))),
        html("div", { class: "keys" }, html("ol", {}, ...rows.map((o) => html("li", {}, orderSpans(o)))), html("ol", { type: "a" }, ...columns.map((o) => html("li", {}, orderSpans(o)))))];
    },
    search(found, other, redraw) {
      const { steps, actions } = found.convergence;
      const powers = Object.keys(actions).filter((p) => actions[p].length > 1);
      if (!steps.length || !powers.length) return [html("p", { class: "empty" }, "Nobody has a choice in this phase.")];
      const power = powers.includes(now.traced) ? now.traced : powers.includes(found.power) ? found.power : powers[0];
      const select = html("select", { "aria-label": "Whose actions" }, ...powers.map((p) => html("option", { value: p }, title(p))));
      select.value = power;
      select.addEventListener("change", () => { now.traced = select.value; redraw(); });
      const x = (i) => 50 + 380 * (steps.length < 2 ? 0 : i / (steps.length - 1)), y = (p) => 150 - 138 * p;
      const chart = svg("svg", { viewBox: "0 0 440 176", class: "trace " + power, role: "img", "aria-label": "Chance of the likeliest actions by iteration; the table has the gaps" });
      for (const p of [0, .5, 1]) chart.append(svg("line", { class: "grid", x1: 50, x2: 430, y1: y(p), y2: y(p) }), svg("text", { x: 44, y: y(p) + 4, "text-anchor": "end" }, percent(p)));
      steps.forEach((s, i) => chart.append(svg("text", { x: x(i), y: 168, "text-anchor": "middle" }, String(s.iteration))));
      actions[power].forEach((_, k) => chart.append(svg("polyline", { class: "way way" + k, points: steps.map((s, i) => `${x(i).toFixed(1)},${y(s.chances[power][k]).toFixed(1)}`).join(" ") })));
      const gaps = steps.map((s) => html("tr", {}, cell(String(s.iteration)), cell((100 * s.gaps[power]).toFixed(2)), cell((100 * Math.max(...Object.values(s.gaps))).toFixed(2))));
      return [html("p", {}, "Chances of the likeliest orders of ", select), chart, html("ol", { class: "ways" }, ...actions[power].map((o, k) => html("li", {}, html("span", { class: "dash way" + k }), " ", orderSpans(o)))),
        html("h3", {}, found.convergence.is_exploitability ? "What a best answer would still gain" : "Regret"), table(["Iterations", title(power), "Largest of all"], gaps, "Gaps by iteration"),
        html("p", { class: "hint" }, "In points of 100. It does not end at zero: everybody is taken to stay near its anchor, as people do.")];
    },
  };

  // --- the dialog
  const dialog = html("dialog", { id: "inspector", "aria-labelledby": "inspector-name" });
  const name = html("h2", { id: "inspector-name", class: "board" });
  const close = html("button", { type: "button", class: "close" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const moments = html("select", { id: "moment" });
  const tabs = html("div", { class: "tabs", role: "group", "aria-label": "What is shown" }, ...Object.entries(NAMES).map(([part, words]) => {
    const button = html("button", { type: "button", "data-part": part, "aria-pressed": String(part === now.part) }, words);
    button.addEventListener("click", () => { now.part = part; show(); });
    return button;
  }));
  const trouble = html("p", { class: "trouble", role: "alert" });
  const status = html("p", { class: "thinking", role: "status" });
  const form = html("form", { id: "what-if", class: "board" });
  const columns = html("div", { class: "columns board" });
  const asking = html("details", { class: "asking" }, html("summary", {}, "What if …"), form);
  dialog.append(html("header", {}, name, html("label", {}, "Moment ", moments), close), asking, trouble, status, tabs, columns);
  document.body.append(dialog);

  function column(words, found, other) {
    if (!found) return null;
    return html("section", { class: "column board", "aria-label": words }, html("h2", {}, words), ...parts[now.part](found, other, show));
  }
  function show() {
    for (const button of tabs.children) button.setAttribute("aria-pressed", String(button.dataset.part === now.part));
    const wrote = now.wrote && now.wrote.moment === moments.value ? html("p", { class: "wrote" }, "Then it wrote to ", badge(now.wrote.to), ` ${title(now.wrote.to)}: `, html("q", {}, now.wrote.text)) : "";
    const shown = [column(now.changed ? "As it was" : "What it weighed", now.original, null), column("What if: " + now.told, now.changed, now.original)].filter(Boolean);
    columns.replaceChildren(wrote, ...shown);
    columns.classList.toggle("both", shown.length > 1);
    const doubts = new Set([...(now.original ? now.original.doubts : []), ...(now.changed ? now.changed.doubts : [])]);
    columns.append(html("footer", { class: "hint" }, ...[...doubts].map((d) => html("p", {}, d))));
  }
  function told({ orders, messages, new_messages: added, controls, think }) {
    const said = [...messages.map((m) => (m.text === null ? "without " : "other words in ") + "message " + m.sequence), ...added.map((m) => `${title(m.sender)} writes “${m.text}”`)];
    return [...orders, ...said, ...controls, ...(think ? ["thinking " + think] : [])].join(", ") || "asked again";
  }
  async function inspect(changes) {
    const turn = ++now.asked;
    trouble.textContent = "";
    const thought = (path, given) => whileWaiting(ask(path, given), base + "/waiting", (words) => { if (turn === now.asked) status.textContent = words; });
    status.textContent = changes ? "It thinks it over …" : "It thinks …";
    if (changes) status.scrollIntoView({ block: "nearest" });
    const body = { phase: now.phase.name, power: now.power, heard: moments.value === "" ? null : Number(moments.value), changes };
    try {
      if (changes && !now.original) now.original = await thought("/inspect", { ...body, changes: undefined });
      const found = await thought("/inspect", body);
      if (turn !== now.asked) return;
      if (changes) Object.assign(now, { changed: found, told: told(changes) });
      else { now.original = found; now.changed = null; }
      status.textContent = "";
      show();
      if (changes && columns.getBoundingClientRect().top > window.innerHeight * .8) tabs.scrollIntoView({ block: "center" });
    } catch (error) {
      if (turn !== now.asked) return;
      status.textContent = "";
      trouble.textContent = error.message;
    }
  }

  // --- what if
  const field = (words, ...inputs) => html("label", {}, html("span", {}, words), ...inputs);
  const choice = (values, id) => html("select", { id }, ...values.map(([value, words]) => html("option", { value }, words)));
  function fill(moment) {
    const units = moment.units.map(([place, orders]) => {
      const select = choice([["", "as it likes"], ...orders.map((o) => [o, o])], "order-" + place);
      select.dataset.order = place;
      return field(orders[0].split(" ").slice(0, 2).join(" "), select);
    });
    const heard = moments.value === "" ? moment.messages.length : Number(moments.value);
    const messages = moment.messages.slice(0, heard).map((m) => {
      const said = html("input", { type: "checkbox", checked: "", "aria-label": "was said" }), words = html("textarea", { rows: 2, "aria-label": `${title(m.from)} to ${title(m.to)}` });
      words.value = m.text;
      const row = html("div", { class: "message-change", "data-sequence": m.sequence }, html("span", {}, said, badge(m.from), "→", badge(m.to)), words);
      row.change = () => !said.checked ? { sequence: m.sequence, text: null } : words.value !== m.text ? { sequence: m.sequence, text: words.value } : null;
      return row;
    });
    const powers = data.powers.map((p) => [p, title(p)]);
    const sender = choice(powers, "new-sender"), recipient = choice([...powers, ["GLOBAL", "Everybody"]], "new-recipient"), words = html("textarea", { id: "new-text", rows: 2, placeholder: "What is said" });
    recipient.value = now.power;
    sender.value = data.powers.find((p) => p !== now.power);
    const honesty = choice([["", "as it was"], ...["binding", "truthful", "opportunist", "cheap talk"].map((h) => [h, h])], "honesty");
    const number = (id, step, low, high) => html("input", { id, type: "number", step, min: low, max: high, placeholder: "as it was" });
    const lambda = number("lambda", "any", 0.001, 1e6), aggression = number("aggression", 0.005, -1, 1), more = html("input", { id: "more-controls", placeholder: "weights.ENGLAND=-0.2 risk=3" });
    const think = choice([["", "as it was"], ["policy", "not at all"], ...["16it", "64it", "256it", "1024it", "2s", "10s"].map((t) => [t, t.replace("it", " iterations").replace(/s$/, t.endsWith("it") ? "s" : " seconds")])], "think");
    const go = html("button", { class: "go" }, "Ask"), back = html("button", { type: "reset" }, "As it was");
    form.replaceChildren(
      html("fieldset", {}, html("legend", {}, "Its orders"), ...units),
      html("fieldset", {}, html("legend", {}, "What was said"), ...messages, html("div", { class: "message-change" }, html("span", {}, sender, "→", recipient), words)),
      html("fieldset", {}, html("legend", {}, "Controls"), field("Honesty", honesty), field("λ, times", lambda), field("Aggression", aggression), field("More", more), field("Thinking", think)),
      html("div", { class: "ask-row" }, go, back));
    form.changes = () => {
      const controls = more.value.trim().split(/\s+/).filter(Boolean);
      if (honesty.value) controls.push("honesty=" + honesty.value);
      if (lambda.value) controls.push("lambda_=" + lambda.value);
      if (aggression.value) controls.push("aggression=" + aggression.value);
      return {
        orders: [...form.querySelectorAll("[data-order]")].map((s) => s.value).filter(Boolean),
        messages: messages.map((row) => row.change()).filter(Boolean),
        new_messages: words.value.trim() ? [{ sender: sender.value, recipient: recipient.value, text: words.value.trim() }] : [],
        controls,
        think: think.value || null,
      };
    };
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); inspect(form.changes()); });
  form.addEventListener("reset", () => { now.changed = null; show(); });
  moments.addEventListener("change", () => { fill(now.moment); now.original = null; inspect(null); });

  // At the moment before a message of its own, if its number is given.
  async function open(power, phase, number) {
    Object.assign(now, { power, phase, original: null, changed: null, first: power, second: null });
    name.replaceChildren(badge(power), ` Inside ${title(power)}, ${phase.title}`);
    columns.replaceChildren();
    trouble.textContent = "";
    status.textContent = "";
    dialog.showModal();
    try {
      now.moment = await ask("/moment", { phase: phase.name, power });
      const at = now.moment.messages.map((m, i) => html("option", { value: i + 1 }, `after ${title(m.from)} to ${title(m.to)}: ${m.text.slice(0, 60)}`));
      moments.replaceChildren(html("option", { value: "0" }, "before any talk"), ...at.slice(0, -1), html("option", { value: "" }, now.moment.messages.length ? "when orders were due, all heard" : "when orders were due"));
      const place = now.moment.messages.findIndex((m) => m.sequence === number);
      now.wrote = place < 0 ? null : { moment: String(place), ...now.moment.messages[place] };
      moments.value = place < 0 ? "" : String(place);
      now.part = place < 0 ? "plan" : "messages";
      fill(now.moment);
    } catch (error) {
      trouble.textContent = error.message;
      return;
    }
    inspect(null);
  }
  replay.isServed = true;
  // At a table, while the game goes on, there are seats and phases that stay closed.
  replay.mayInspect = (power) => !data.inside || power in data.inside;
  const isOpen = (power, phase) => !data.inside || (data.inside[power] || []).includes(phase.name);
  replay.inspectMessage = (message) => {
    const button = html("button", { type: "button", class: "look-inside" }, "Look inside at this moment");
    button.addEventListener("click", () => open(message.from, data.phases[message.phase], message.sequence ?? message.number));
    return button;
  };
  replay.inspect = (power, phase) => {
    const units = phase.units.some((u) => u[0] === data.powers.indexOf(power));
    if (!isOpen(power, phase)) return html("p", { class: "hint" }, "What it thinks in this phase is closed while the game goes on.");
    const button = html("button", { type: "button", class: "look-inside" }, "Look inside, and ask what if …");
    button.disabled = phase.name === "COMPLETED" || !(units || phase.counts[data.powers.indexOf(power)]);
    button.addEventListener("click", () => open(power, phase));
    return button;
  };
  // The address may name a moment: ?of=GERMANY&phase=S1901M, and &message= with the number of one.
  replay.inspectAsked = () => {
    const asked = new URLSearchParams(location.search), power = asked.get("of"), number = data.phases.findIndex((p) => p.name === asked.get("phase"));
    if (number < 0 || !data.powers.includes(power)) return;
    replay.go(number);
    replay.ask(power);
    open(power, data.phases[number], asked.has("message") ? Number(asked.get("message")) : undefined);
  };
})();
