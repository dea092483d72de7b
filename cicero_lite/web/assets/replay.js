// Lays one phase after another over the map. Everything that players wrote is put in as text, never as markup.
// What it returns, the other scripts of the page use: they add views beside talks and orders.
const replay = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const title = (name) => name === "GLOBAL" ? "Everybody" : name.charAt(0) + name.slice(1).toLowerCase();
  const known = new Set(data.powers);
  const outlines = new Map([...document.querySelectorAll("#map [data-province]")].map((e) => [e.dataset.province, e.getAttribute("d")]));
  const dots = new Map([...document.querySelectorAll("#map [data-center]")].map((e) => [e.dataset.center, e]));
  const tints = document.querySelector("#map .tints");
  const state = { phase: 0, who: "", whom: "", scope: "phase", tab: "talks", timer: 0, power: "" };
  const views = {};

  function html(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  function badge(power) {
    const number = data.powers.indexOf(power);
    return html("span", { class: "badge " + (number < 0 ? "" : power), title: title(power) }, number < 0 ? "all" : data.short[number]);
  }

  // --- the board
  const shapes = shapesOf(data.shapes);

  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)");
  function glide(element, [fromX, fromY], [x, y]) {
    if (isStill.matches || (fromX === x && fromY === y)) return;
    const at = (a, b) => ({ transform: `translate(${a}px, ${b}px)` });
    element.animate([at(fromX, fromY), at(x, y)], { duration: 650, easing: "ease-in-out" });
  }
  // Where units stood in the phase before, by power, kind and where they stand now.
  function origins(before) {
    const found = new Map(before.units.map((u) => [u.slice(0, 3).join(" "), [u[3], u[4]]]));
    const places = new Map(before.units.map((u) => [`${u[0]} ${u[1]} ${u[2]}`, [u[3], u[4]]]));
    for (const [power, text, , failed] of before.orders) {
      const move = /^([AF]) (\S+) [-R] (\S+)/.exec(text);
      const from = move && !failed && places.get(`${power} ${move[1]} ${move[2]}`);
      if (from) found.set(`${power} ${move[1]} ${move[3]}`, from);
    }
    return found;
  }
  const token = (power, kind, place, x, y, extra) =>
    unitSign(kind, shapes[kind], data.short[power], data.powers[power], place, extra, { transform: `translate(${x} ${y})` });
  const mark = (m) => orderMark(m, data.powers[m[1]], token, "");
  function drawBoard(phase, before) {
    tints.replaceChildren();
    data.places.forEach((place, i) => {
      const owner = phase.owners[i], influence = phase.influence[i];
      const number = owner !== "." ? owner : influence;
      if (number !== ".") tints.append(svg("path", { class: `tint ${owner === "." ? "hint " : ""}${data.powers[number]}`, d: outlines.get(place) }));
      const dot = dots.get(place);
      if (dot) dot.setAttribute("class", owner === "." ? "dot" : "dot owned " + data.powers[owner]);
    });
    const from = before ? origins(before) : new Map();
    $("tokens").replaceChildren(...phase.units.map(([power, kind, place, x, y, gone]) => {
      const made = token(power, kind, place, x, y, gone ? "dislodged" : "");
      made.addEventListener("click", () => ask(data.powers[power]));
      const origin = from.get(`${power} ${kind} ${place}`);
      if (origin) glide(made, origin, [x, y]);
      return made;
    }));
    const onUnits = (m) => ["build", "disband", "beaten"].includes(m[0]);
    $("below").replaceChildren(...phase.marks.filter((m) => !onUnits(m)).map(mark));
    $("above").replaceChildren(...phase.marks.filter(onUnits).map(mark));
    const counts = data.powers.map((p, i) => `${title(p)} ${phase.counts[i]}`).join(", ");
    $("map").setAttribute("aria-label", `Board in ${phase.title}. Centres: ${counts}. The orders are in the table.`);
  }

  function drawStanding(phase) {
    $("standing").replaceChildren(...data.powers.map((power, i) => {
      const units = phase.units.filter((u) => u[0] === i).length;
      const button = html("button", { type: "button", title: `${title(power)}: ${phase.counts[i]} centres, ${units} units${data.agents[power] ? ", " + data.agents[power] : ""}. Click for its talks.` },
        badge(power), html("span", { class: "name-long" }, title(power)), html("b", {}, String(phase.counts[i])));
      if (!phase.counts[i] && !units) button.classList.add("out");
      button.addEventListener("click", () => { state.who = state.who === power ? "" : power; state.whom = ""; $("who").value = state.who; $("whom").value = ""; choose("talks"); drawTalks(); });
      return html("li", {}, button);
    }));
  }

  // --- centres over time
  const CHART = { left: 24, right: 690, top: 10, bottom: 188 };
  const highest = Math.max(5, ...data.phases.flatMap((p) => p.counts));
  const chartX = (i) => CHART.left + (data.phases.length < 2 ? 0 : i * (CHART.right - CHART.left) / (data.phases.length - 1));
  const chartY = (n) => CHART.bottom - n * (CHART.bottom - CHART.top) / highest;
  function drawChart() {
    const parts = [];
    for (let n = 0; n <= highest; n += highest > 12 ? 6 : 3) {
      parts.push(svg("line", { class: "grid", x1: CHART.left, x2: CHART.right, y1: chartY(n), y2: chartY(n) }), svg("text", { x: CHART.left - 6, y: chartY(n) + 4, "text-anchor": "end" }, String(n)));
    }
    let year = "", shown = -99;
    data.phases.forEach((phase, i) => {
      const its = phase.name.slice(1, 5);
      if (/^\d{4}$/.test(its) && its !== year) {
        year = its;
        if (chartX(i) - shown > 34) { shown = chartX(i); parts.push(svg("text", { x: shown, y: 204, "text-anchor": "middle" }, year)); }
      }
    });
    const ends = [];
    data.powers.forEach((power, k) => {
      const line = data.phases.map((p, i) => `${chartX(i).toFixed(1)},${(chartY(p.counts[k]) + (k - 3) * 0.7).toFixed(1)}`).join(" ");
      parts.push(svg("g", { class: power }, svg("polyline", { points: line }, svg("title", {}, title(power)))));
      ends.push({ power, short: data.short[k], y: chartY(data.phases[data.phases.length - 1].counts[k]) + 4 });
    });
    ends.sort((a, b) => a.y - b.y);
    const spread = (list) => { for (let i = 1; i < list.length; i++) list[i].y = Math.max(list[i].y, list[i - 1].y + 11); };
    spread(ends);
    const over = ends[ends.length - 1].y - (CHART.bottom + 6);
    if (over > 0) { ends[ends.length - 1].y -= over; for (let i = ends.length - 2; i >= 0; i--) ends[i].y = Math.min(ends[i].y, ends[i + 1].y - 11); }
    for (const end of ends) parts.push(svg("g", { class: end.power }, svg("text", { class: "end", x: CHART.right + 6, y: end.y }, end.short)));
    parts.push(svg("line", { class: "now", id: "now", y1: CHART.top, y2: CHART.bottom }));
    $("chart").replaceChildren(...parts);
  }
  $("chart").addEventListener("click", (event) => {
    const box = $("chart").getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 720;
    go(Math.round((x - CHART.left) / (CHART.right - CHART.left) * (data.phases.length - 1)));
  });

  // --- talks
  function orderSpans(orders) {
    const span = html("span", {});
    orders.forEach((order, i) => span.append(i ? ", " : "", html("span", { class: "order" }, order)));
    if (!orders.length) span.append("nothing in particular");
    return span;
  }
  function actList(acts) {
    const span = html("span", {});
    acts.forEach(([kind, words], i) => span.append(i ? "; " : "", html("b", {}, kind), words ? " " + words : ""));
    if (!acts.length) span.append("nothing");
    return span;
  }
  function rejections(drafts) {
    return drafts.map((draft) => html("div", { class: "rejected" }, html("q", {}, draft.text),
      ...draft.by.map(([filter, reason]) => html("div", {}, html("b", {}, filter), reason ? ": " + reason : ""))));
  }
  function why(message) {
    const rows = [];
    const row = (term, ...content) => rows.push(html("dt", {}, term), html("dd", {}, ...content));
    for (const [word, power, phase, orders] of message.intent || []) row(`${title(power)} ${word === "plays" ? "plays" : word === "wants" ? "is wanted to play" : "later, " + phase}`, orderSpans(orders));
    if (message.reason) row("Reason", message.reason);
    if (message.worth !== undefined && message.worth !== null) {
      row("Worth", points(message.worth), " beside silence", ...message.others.map(([acts, worth]) => html("div", {}, "passed over, " + points(worth) + ": ", actList(acts))));
    }
    if (message.acts) row("Says", actList(message.acts));
    for (const reading of message.read || []) row(title(reading.power) + " reads", actList(reading.acts), ...(reading.unread.length ? [html("div", {}, "not understood: " + reading.unread.map((c) => `“${c}”`).join(", "))] : []));
    if (message.source) row("Worded by", message.source);
    const rejected = message.rejected || [];
    if (!rows.length && !rejected.length) return null;
    const summary = html("summary", {}, message.acts && message.acts.length ? message.acts.map((a) => a[0]).join(", ") : message.intent ? "Why" : "How it was read");
    if (rejected.length) summary.append(" · ", html("span", { class: "count" }, `${rejected.length} of ${message.drafts} drafts rejected`));
    const deeper = replay.inspectMessage && message.acts ? replay.inspectMessage(message) : null;
    return html("details", { class: "why" }, summary, html("dl", {}, ...rows), ...rejections(rejected), deeper);
  }
  const points = (score) => score === null || score === undefined ? "" : Math.abs(score) < 5e-5 ? "0" : (score < 0 ? "−" : "+") + Math.abs(100 * score).toFixed(2);
  const pairOf = (m) => m.to === "GLOBAL" || m.to === "ALL" ? "GLOBAL" : [m.from, m.to].sort().join(" ");
  function wanted(m) {
    if (state.scope === "phase" && m.phase !== state.phase) return false;
    const open = pairOf(m) === "GLOBAL";
    if (state.who && m.from !== state.who && m.to !== state.who && !(open && !state.whom)) return false;
    if (state.whom && !(m.from === state.whom || m.to === state.whom)) return false;
    return !(state.whom && open && state.whom !== "GLOBAL");
  }
  function bubble(m, left, before) {
    const again = before && before.from === m.from && before.box === bubble;
    const link = html("a", { class: "link", href: linkTo(m.number), title: "Link to this message", "aria-label": "Link to this message" }, "#");
    return html("div", { id: "message-" + m.number, tabindex: "-1", class: "message " + (known.has(m.from) ? m.from : "") + (m.from === left ? "" : " mine") },
      again ? null : html("div", { class: "by" }, badge(m.from), title(m.from)), html("div", { class: "bubble" }, m.text, link), why(m));
  }
  const FATES = { kept: "kept its promise", broken: "broke its promise", withdrawn: "took back its promise" };
  function noteBox(n) {
    const box = html("div", { class: "note " + n.kind });
    if (n.kind === "silent") box.append(badge(n.from), " ", html("b", {}, "kept silent"), n.to ? " towards " + title(n.to) : "", n.text ? ": " + n.text : "");
    else box.append(badge(n.from), " ", html("b", {}, FATES[n.kind] || "promise " + n.kind), ` to ${title(n.to)}: `, html("span", { class: "order" }, n.text));
    if (n.rejected.length) box.append(html("details", { class: "why" }, html("summary", {}, `${n.rejected.length} ${n.rejected.length === 1 ? "draft" : "drafts"} rejected`), ...rejections(n.rejected)));
    return box;
  }
  function drawTalks() {
    const items = [...data.messages.map((m, number) => ({ ...m, number, box: bubble })), ...data.notes.map((n) => ({ ...n, box: noteBox }))].filter(wanted);
    const parts = [];
    for (const number of [...new Set(items.map((m) => m.phase))].sort((a, b) => a - b)) {
      const here = items.filter((m) => m.phase === number);
      if (state.scope === "game") parts.push(html("h2", { class: "when" }, data.phases[number].title));
      const groups = new Map();
      for (const m of here) groups.set(pairOf(m), [...(groups.get(pairOf(m)) || []), m]);
      for (const [pair, messages] of groups) {
        const names = pair === "GLOBAL" ? ["GLOBAL"] : pair.split(" ");
        const left = state.who ? names.find((n) => n !== state.who) : messages[0].from;
        parts.push(html("div", { class: "talk-head" }, ...names.map(badge), names.map(title).join(" – ")));
        parts.push(...messages.map((m, i) => m.box(m, pair === "GLOBAL" ? m.from : left, messages[i - 1])));
      }
    }
    if (!parts.length) parts.push(html("p", { class: "empty" }, state.scope === "phase" ? "No such talks in this phase." : "No such talks in this game."));
    $("thread").replaceChildren(...parts);
    $("thread").scrollTop = 0;
    $("n-talks").textContent = String(data.messages.filter((m) => m.phase === state.phase).length || "");
  }

  // --- orders
  function drawOrders(phase) {
    const body = html("tbody");
    data.powers.forEach((power, k) => {
      const rows = phase.orders.filter((o) => o[0] === k);
      if (!rows.length) return;
      const head = html("th", { colspan: "2", scope: "rowgroup", class: power }, badge(power), title(power));
      if (canAsk(power)) {
        const button = html("button", { type: "button", class: "ask", "aria-label": `Why did ${title(power)} order this?` }, "Why?");
        button.addEventListener("click", () => ask(power));
        head.append(button);
      }
      body.append(html("tr", {}, head));
      for (const [, text, results, failed] of rows) {
        body.append(html("tr", { class: failed ? "failed" : "" }, html("td", {}, html("span", { class: "order" }, text)),
          html("td", { class: "result" + (phase.known || results ? "" : " unknown") }, results || (phase.known ? "✓" : "–"))));
      }
    });
    $("orders").replaceChildren(body.children.length
      ? html("div", { class: "board" }, html("table", {}, html("caption", {}, "Orders of " + phase.title), html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Order"), html("th", { scope: "col" }, "Result"))), body))
      : html("p", { class: "empty" }, "No orders in this phase."));
    $("n-orders").textContent = String(phase.orders.length || "");
  }

  // --- moving about
  function choose(tab) {
    state.tab = tab;
    for (const name of Object.keys(views)) {
      $("tab-" + name).setAttribute("aria-selected", String(name === tab));
      $("tab-" + name).tabIndex = name === tab ? 0 : -1;
      $(name).hidden = name !== tab;
    }
    keepAddress();
  }
  // Asks why a power did what it did in the phase at hand; `ask` says nothing where nobody knows.
  const canAsk = (power) => Boolean(views.why) && replay.knows(power);
  function ask(power) {
    if (!canAsk(power)) return;
    state.power = power;
    views.why(data.phases[state.phase]);
    choose("why");
    $("why").focus({ preventScroll: true });
    if ($("why").getBoundingClientRect().top > window.innerHeight * .8) $("why").scrollIntoView();
  }
  let shown = -1;
  function go(number) {
    state.phase = Math.max(0, Math.min(data.phases.length - 1, number));
    const phase = data.phases[state.phase];
    const before = number === shown + 1 ? data.phases[shown] : null;
    shown = state.phase;
    $("phase").textContent = phase.title;
    $("scrub").value = state.phase;
    $("scrub").setAttribute("aria-valuetext", phase.title);
    $("first").disabled = $("back").disabled = state.phase === 0;
    $("last").disabled = $("next").disabled = state.phase === data.phases.length - 1;
    drawBoard(phase, before);
    drawStanding(phase);
    for (const draw of Object.values(views)) draw(phase);
    const x = chartX(state.phase);
    $("now").setAttribute("x1", x);
    $("now").setAttribute("x2", x);
    keepAddress();
  }
  // Addresses: #F1903M, #F1903M/orders, #F1903M/why/FRANCE, and #F1903M/talks/12 of a message.
  const linkTo = (message) => `#${data.phases[data.messages[message].phase].name}/talks/${message}`;
  function here() {
    const view = state.tab === "talks" ? [] : state.tab === "why" && state.power ? ["why", state.power] : [state.tab];
    return "#" + [data.phases[state.phase].name, ...view].join("/");
  }
  function keepAddress(address = here()) {
    try { history.replaceState(null, "", address); } catch { /* some viewers forbid it */ }
  }
  function show(message) {
    const { from, to, phase } = data.messages[message];
    Object.assign(state, { who: known.has(from) ? from : "", whom: known.has(to) ? to : "", scope: "phase" });
    for (const name of ["who", "whom", "scope"]) $(name).value = state[name];
    go(phase);
    choose("talks");
    const shown = $("message-" + message);
    shown.classList.add("sought");
    shown.scrollIntoView({ block: "center" });
    shown.focus({ preventScroll: true });
    keepAddress(linkTo(message));
  }
  function follow(address) {
    const [name, tab, what] = address.slice(1).split("/");
    const number = data.phases.findIndex((p) => p.name === name);
    if (number < 0) return;
    if (tab === "talks" && /^\d+$/.test(what) && data.messages[what]) return show(Number(what));
    if (tab === "why" && known.has(what)) state.power = what;
    go(number);
    if (Object.hasOwn(views, tab)) choose(tab);
  }
  window.addEventListener("hashchange", () => follow(location.hash));
  function play(on) {
    clearInterval(state.timer);
    state.timer = on ? setInterval(() => { go(state.phase + 1); if (state.phase === data.phases.length - 1) play(false); }, 1400) : 0;
    $("play").textContent = on ? "❚❚ Pause" : "▶ Play";
    $("play").setAttribute("aria-label", on ? "Pause" : "Play");
    $("play").setAttribute("aria-pressed", String(on));
  }
  const toggle = () => { if (!state.timer && state.phase === data.phases.length - 1) go(0); play(!state.timer); };
  $("first").addEventListener("click", () => go(0));
  $("back").addEventListener("click", () => go(state.phase - 1));
  $("next").addEventListener("click", () => go(state.phase + 1));
  $("last").addEventListener("click", () => go(data.phases.length - 1));
  $("play").addEventListener("click", toggle);
  $("scrub").addEventListener("input", () => go(Number($("scrub").value)));
  function addView(name, draw) {
    views[name] = draw;
    $("tab-" + name).hidden = false;
    $("tab-" + name).addEventListener("click", () => choose(name));
    $("tab-" + name).addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.stopPropagation();
      const names = Object.keys(views);
      choose(names[(names.indexOf(name) + step + names.length) % names.length]);
      $("tab-" + state.tab).focus();
    });
  }
  addView("talks", drawTalks);
  addView("orders", drawOrders);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || document.querySelector("dialog[open]")) return;
    const keys = { ArrowLeft: () => go(state.phase - 1), ArrowRight: () => go(state.phase + 1), Home: () => go(0), End: () => go(data.phases.length - 1) };
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
    else if (event.key === " " && !/^(BUTTON|SUMMARY)$/.test(event.target.tagName)) { event.preventDefault(); toggle(); }
  });
  const options = (first) => [html("option", { value: "" }, first), ...data.powers.map((p) => html("option", { value: p }, title(p)))];
  $("who").append(...options("all powers"));
  $("whom").append(...options("anybody"), html("option", { value: "GLOBAL" }, "everybody (public)"));
  for (const name of ["who", "whom", "scope"]) $(name).addEventListener("change", () => { state[name] = $(name).value; drawTalks(); });

  $("game").textContent = `${data.id} · ${data.phases.length} phases · ${data.messages.length} messages`;
  $("scrub").max = data.phases.length - 1;
  function start() {
    drawChart();
    const asked = location.hash;
    choose(data.messages.length ? "talks" : "orders");
    go(0);
    follow(asked);
  }
  return { data, state, $, html, title, badge, points, orderSpans, actList, addView, choose, ask, go, start, linkTo, knows: () => false };
})();
