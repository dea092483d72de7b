// Promises: who gave which word to whom, and what became of it up to the phase shown.
(() => {
  const { data, state, $, html, title, badge, linkTo } = replay;
  const promises = data.notes.filter((n) => n.kind !== "silent");
  if (!promises.length) return;
  const WORDS = { kept: "kept", broken: "broken", void: "could not be tested", withdrawn: "taken back" };

  function tally(settled) {
    const body = html("tbody");
    for (const power of data.powers) {
      const its = settled.filter((n) => n.from === power);
      if (!its.length) continue;
      const count = (kind) => its.filter((n) => n.kind === kind).length;
      const tested = count("kept") + count("broken");
      body.append(html("tr", { class: power }, html("th", { scope: "row" }, badge(power), title(power)),
        html("td", { class: "number" }, String(count("kept"))), html("td", { class: "number broken" }, String(count("broken") || "")),
        html("td", { class: "number" }, tested ? Math.round(100 * count("kept") / tested) + " %" : "–")));
    }
    const head = html("tr", {}, html("th", { scope: "col" }, "Word of"), ...["kept", "broken", "share kept"].map((w) => html("th", { scope: "col", class: "number" }, w)));
    return html("table", { class: "tally" }, html("caption", {}, "Promises kept and broken so far"), html("thead", {}, head), body);
  }
  function row(n) {
    const message = n.said === null || n.said === undefined ? null : data.messages[n.said];
    const item = html("li", { class: "promise " + n.kind }, html("div", {}, badge(n.from), " → ", badge(n.to), " ", html("span", { class: "order" }, n.text || "a word"), " ", html("b", {}, WORDS[n.kind] || n.kind)));
    if (message) {
      item.append(html("a", { class: "quote", href: linkTo(n.said) }, html("q", {}, message.text), ` ${data.phases[message.phase].name}`));
    }
    return item;
  }
  function draw() {
    const settled = promises.filter((n) => n.phase <= state.phase);
    const parts = [];
    if (data.reader) parts.push(html("p", { class: "hint" }, "As our reader understands the talk: what people meant, it may miss."));
    if (settled.length) parts.push(tally(settled));
    for (const number of [...new Set(settled.map((n) => n.phase))].sort((a, b) => b - a)) {
      parts.push(html("h3", {}, "Due in " + data.phases[number].title), html("ul", { class: "plain" }, ...settled.filter((n) => n.phase === number).map(row)));
    }
    if (!settled.length) parts.push(html("p", { class: "empty" }, "No promise was due up to here."));
    $("ledger").replaceChildren(html("div", { class: "board" }, ...parts));
    $("n-ledger").textContent = String(settled.filter((n) => n.phase === state.phase).length || "");
  }
  replay.addView("ledger", draw);
})();
