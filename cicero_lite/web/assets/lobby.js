(() => {
  const state = { values: null, seats: {}, personas: {} };
  const power = () => document.querySelector("#powers input:checked").value;
  const named = { cicero: "our agent", person: "a person, by link" };

  function fill() {
    const { powers, agents, personas } = state.values;
    const nobody = html("label", { class: "nobody" }, html("input", { type: "radio", name: "power", value: "" }), html("span", { class: "badge", "aria-hidden": "true" }, "–"), "Look on");
    $("powers").replaceChildren(...powers.map((p) => html("label", { class: p }, html("input", { type: "radio", name: "power", value: p, checked: p === "FRANCE" }), badge(p, SHORT[p]), titled(p))), nobody);
    choices($("everybody"), [...agents.map((a) => [a, named[a] || a])], "cicero");
    for (const p of powers) state.seats[p] = "cicero";
    $("seats").replaceChildren(...powers.map((p) => {
      const who = html("select", { "aria-label": `Who plays ${titled(p)}` }), like = html("select", { "aria-label": `Persona of ${titled(p)}` });
      choices(who, [...agents.map((a) => [a, named[a] || a]), ["person", named.person]], "cicero");
      choices(like, [["", "as usual"], ...personas.map((name) => [name, name])], "");
      who.addEventListener("change", () => { state.seats[p] = who.value; told(); });
      like.addEventListener("change", () => { state.personas[p] = like.value; });
      return html("tr", { "data-power": p }, html("th", { scope: "row" }, badge(p, SHORT[p]), " ", titled(p)), html("td", {}, who), html("td", {}, like));
    }));
    told();
  }
  function told() {
    for (const row of document.querySelectorAll("#seats tr")) row.hidden = row.dataset.power === power();
    const others = state.values.powers.filter((p) => p !== power());
    const people = others.filter((p) => state.seats[p] === "person").length;
    const kinds = [...new Set(others.map((p) => state.seats[p]).filter((a) => a !== "person"))].map((a) => named[a] || a);
    const count = others.length - people, agents = count ? `${["no", "one", "two", "three", "four", "five", "six", "seven"][count]} agent${count === 1 ? "" : "s"} (${kinds.join(", ")})` : "";
    const among = [people ? `${people} ${people === 1 ? "person" : "people"} by link` : "", agents].filter(Boolean).join(" and ");
    $("summary").textContent = `${power() ? `${titled(power())} among ${among}` : people ? `You do not play: ${among}` : `You look on at ${among}`}; ${$("press").value === "yes" ? "everybody talks" : "nobody talks"}.`;
    $("start").textContent = power() || people ? (power() ? "Sit down" : "Open the game") : "Look on";
    $("stand-in").disabled = !$("deadline").value;
  }
  async function settings() {
    const seats = power() ? { ...state.seats, [power()]: "person" } : state.seats;
    const personas = Object.fromEntries(Object.entries(state.personas).filter(([p, name]) => name && seats[p] !== "person"));
    const file = $("saved").files[0];
    let saved = null;
    if (file) try { saved = JSON.parse(await file.text()); } catch { throw new Error(`${file.name} is not JSON: expected a saved game`); }
    return { saved, settings: {
      seats, personas, title: $("title").value, names: $("name").value && power() ? { [power()]: $("name").value } : {}, press: $("press").value === "yes", think: $("think").value,
      words: $("words").value, deadline_s: $("deadline").value ? Number($("deadline").value) : null, until: Number($("until").value),
      seed: $("seed").value ? Number($("seed").value) : crypto.getRandomValues(new Uint32Array(1))[0], reasons: $("reasons").value === "yes",
      draw_votes: $("draw-votes").value, stand_in: $("deadline").value && $("stand-in").value ? $("stand-in").value : null, tells: $("tells").value === "yes" } };
  }
  $("open").addEventListener("submit", async (event) => {
    event.preventDefault();
    $("start").disabled = true;
    $("trouble").textContent = "";
    try {
      const game = await ask("/games", await settings());
      if (game.watch) { location.href = game.watch; return; }
      if (game.seats.length === 1 && power()) { location.href = game.seats[0].link; return; }
      await list();
      $("news").textContent = "The game is open. Its links are in the list of games.";
      document.querySelector("#games a").focus();
    } catch (error) { $("trouble").textContent = error.message; }
    $("start").disabled = false;
  });
  $("open").addEventListener("change", (event) => {
    if (event.target.id === "everybody") {
      for (const [p, who] of Object.entries(state.seats)) if (who !== "person") state.seats[p] = event.target.value;
      for (const row of document.querySelectorAll("#seats tr")) row.querySelector("select").value = state.seats[row.dataset.power];
    }
    told();
  });

  const how = { draw: "a draw", solo: "a solo", until: "played to its last year" };
  function entry(game) {
    const places = game.watch ? [{ power: "", name: "look on", link: game.watch }] : game.seats;
    const seats = places.map((seat) => {
      const copy = button("copy link", async () => {
        try { await navigator.clipboard.writeText(new URL(seat.link, location.href).href); copy.textContent = "copied"; } catch { copy.textContent = "copy it from the address"; }
      }, { class: "copy", "aria-label": `Copy the link for ${seat.power ? titled(seat.power) : "looking on"}` });
      return html("span", { class: "seat" }, html("a", { href: seat.link }, seat.power ? badge(seat.power, SHORT[seat.power]) : null, seat.name || titled(seat.power), seat.agent ? html("span", { class: "about" }, `(${named[seat.agent] || seat.agent} plays)`) : null), copy);
    });
    const about = `${game.ended ? `over: ${how[game.ended] || game.ended}` : game.phase} · with ${game.agents.join(", ") || "people only"}${game.press ? "" : " · no talk"} · ${new Date(game.opened * 1000).toLocaleDateString()}`;
    return html("li", {}, html("b", {}, game.title || `Game ${game.id}`), html("span", { class: "about" }, about), html("span", { class: "links" }, ...seats));
  }
  async function list() {
    state.values = await ask("/games");
    $("games").replaceChildren(...state.values.games.map(entry));
    if (!state.values.games.length) $("games").append(html("p", { class: "empty" }, "None yet. They are kept here, and you can come back to them."));
  }
  (async () => {
    try {
      await enter("/session");
      await list();
      fill();
      document.querySelector("main").hidden = false;
    } catch (error) {
      $("login").hidden = false;
      if (error.status !== 401) $("login").append(html("p", { class: "trouble" }, error.message));
    }
  })();
})();
