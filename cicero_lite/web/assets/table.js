// One person's seat. The server tells that something has changed; what has, is asked for.
(() => {
  const seat = location.pathname.replace(/\/$/, "");
  const game = { facts: null, state: null, scenes: [], messages: [], legal: {}, legalPhase: "" };
  const look = { scene: -1, thread: "GLOBAL", tab: "talks", advisor: false, drafts: {}, moving: false, why: {} };
  const pick = { place: null, mode: "move", aided: null, choices: [] };
  const waiting = JSON.parse(sessionStorage.getItem(seat) || "[]");  // messages on their way, each with its key
  const you = () => game.facts.you;  // null: somebody who looks on at a game of agents
  const plays = () => Boolean(you()) && !game.state.standIn && !game.state.over && player(you()).alive;
  const isNow = () => look.scene === game.scenes.length - 1;
  const others = () => game.facts.powers.filter((p) => p !== you());
  const player = (power) => game.state.players.find((p) => p.power === power);
  const called = (power) => power === "GLOBAL" ? "Everybody" : player(power).name ? `${player(power).name} (${titled(power)})` : titled(power);

  // Whether an agent gave a power's orders in a phase, as far as we know who played whom.
  const placeOf = (name) => game.scenes.findIndex((s) => s.name === name);
  const agentPlayed = (power, number) => {
    const last = game.state.hands.findLast((h) => h.power === power && placeOf(h.phase) <= number);
    return last ? Boolean(last.agent) : player(power).opened;
  };

  // Where the server lets us see why an agent did what it did, and the page that tells it all: at the end of the talks, or
  // before a message.
  const mayLook = (power, phase) => {
    const number = placeOf(phase), { reasons, over, begun } = game.state;
    return reasons && number >= 0 && number < game.scenes.length - 1 && (over !== null || (number >= begun && agentPlayed(power, number)));
  };
  const inside = (words, power, phase, message) => html("a", { class: "look-inside", target: "_blank", rel: "noopener", href: `${seat}/inside?of=${power}&phase=${phase}${message === undefined ? "" : `&message=${message}`}` }, words);

  // What has not changed is not drawn anew: a click or the keyboard may be at it.
  const shownBefore = {};
  function isShown(what, ...values) {
    const text = JSON.stringify(values), same = shownBefore[what] === text;
    shownBefore[what] = text;
    return same;
  }

  // --- the board
  const outlines = new Map([...document.querySelectorAll("#map [data-province]")].map((e) => [e.dataset.province, e.getAttribute("d")]));
  const fullNames = new Map([...document.querySelectorAll("#map [data-province]")].map((e) => [e.dataset.province, e.querySelector("title").textContent]));
  const dots = new Map([...document.querySelectorAll("#map [data-center]")].map((e) => [e.dataset.center, e]));
  let shapes = {};
  function token(power, kind, place, x, y, extra) {
    const at = { "data-place": place, "data-at": place.slice(0, 3) };
    const group = unitSign(kind, shapes[kind], game.facts.short[power], game.facts.powers[power], place, extra, at);
    group.style.transform = `translate(${x}px, ${y}px)`;
    return group;
  }
  const mark = (m, fresh) => orderMark(m, game.facts.powers[m[1]], token, fresh ? "fresh" : "");
  const onUnits = (m) => ["build", "disband", "beaten"].includes(m[0]);
  function drawMarks(marks, fresh) {
    $("below").replaceChildren(...marks.filter((m) => !onUnits(m)).map((m) => mark(m, fresh)));
    $("above").replaceChildren(...marks.filter(onUnits).map((m) => mark(m, fresh)));
  }
  // Each part is drawn when something of it has changed: to paint the board takes longer than all else.
  function drawBoard(fresh) {
    const { boot, marks, orders, awaited, closing, over, standIn } = game.state, scene = game.scenes[look.scene];
    const sameScene = isShown("scene", look.scene, look.moving, game.scenes.length, boot) && !fresh;
    if (!sameScene) drawScene(scene);
    if (!isShown("marks", isNow() ? marks : null) || !sameScene) drawMarks(isNow() ? marks || [] : scene.marks, fresh);
    if (!isShown("offers", game.legalPhase, orders, awaited, closing, over, standIn) || !sameScene) drawOffers();
  }
  function drawScene(scene) {
    const tints = [];
    game.facts.places.forEach((place, i) => {
      const owner = scene.owners[i], number = owner !== "." ? owner : scene.influence[i];
      if (number !== ".") tints.push(svg("path", { class: `tint ${owner === "." ? "hint " : ""}${game.facts.powers[number]}`, d: outlines.get(place) }));
      const dot = dots.get(place);
      if (dot) dot.setAttribute("class", owner === "." ? "dot" : "dot owned " + game.facts.powers[owner]);
    });
    document.querySelector("#map .tints").replaceChildren(...tints);
    $("tokens").replaceChildren(...scene.units.map(([power, kind, place, x, y, gone]) => token(power, kind, place, x, y, gone ? "dislodged" : "")));
    $("map").classList.toggle("past", !isNow());
    const counts = game.facts.powers.map((p, i) => `${titled(p)} ${scene.counts[i]}`).join(", ");
    $("map").setAttribute("aria-label", `Board in ${scene.title}. Centres: ${counts}. The orders are in the list beside.`);
  }

  // --- orders by clicks
  const FORM = /^([AF]) (\S+) (?:([HDB])|([-R]) (\S+?)( VIA)?|([SC]) ([AF]) (\S+)(?: - (\S+))?)$/;
  const province = (place) => place.slice(0, 3);
  const parsed = new Map();
  function parse(text) {
    if (!parsed.has(text)) {
      const m = FORM.exec(text) || [];
      parsed.set(text, { text, kind: m[3] || m[4] || m[7] || "WAIVE", unit: m[1], at: m[2] || "", to: m[5] || m[10] || "", via: Boolean(m[6]), aided: m[9] || "" });
    }
    return parsed.get(text);
  }
  const options = (place) => (game.legal[place] || []).map(parse);
  const ordered = (place) => game.state.orders.map(parse).find((o) => o.at && province(o.at) === place);
  const mayOrder = () => isNow() && !look.moving && game.state && plays() && !game.state.closing;
  const MODES = { move: ["Move", "m"], support: ["Support", "s"], convoy: ["Convoy", "c"] };
  const ofMode = { move: (o) => o.kind === "-" || o.kind === "R", support: (o) => o.kind === "S", convoy: (o) => o.kind === "C" };

  // Province -> the orders that a click there means, given what is picked.
  function goals() {
    const found = new Map();
    const add = (place, order) => found.set(place, [...(found.get(place) || []), order]);
    if (!mayOrder() || pick.choices.length) return found;
    const { builds } = game.state;
    if (game.state.kind === "A") {
      if (builds) for (const place of Object.keys(game.legal)) for (const order of options(place)) add(place, order);
      return found;
    }
    if (!pick.place) return found;
    for (const order of options(pick.place).filter(ofMode[pick.mode])) {
      if (pick.mode === "move") add(province(order.to), order);
      else if (!pick.aided) add(province(order.aided), order);
      else if (province(order.aided) === pick.aided) add(province(order.to || order.aided), order);
    }
    return found;
  }
  function meant(place) {
    if (!mayOrder()) return;
    const found = goals().get(place);
    if (found && game.state.kind === "A") {
      const had = ordered(place);
      if (had) return void clear(place);
      return void choose(found, game.state.builds > 0 ? `Build in ${fullNames.get(place)}:` : "");
    }
    if (found && pick.mode !== "move" && !pick.aided && found.length > 1) { pick.aided = place; return void drawOffers(); }
    if (found) return void choose(found, "");
    if (pick.place && pick.mode === "move" && options(pick.place).some((o) => o.kind === "S" && province(o.aided) === place) && place !== pick.place && !game.legal[place]) {
      pick.mode = "support"; pick.aided = place;
      return void drawOffers();
    }
    if (game.legal[place] && game.state.kind !== "A" && place !== pick.place) return void take(place);
    drop();
  }
  function take(place) { Object.assign(pick, { place, mode: "move", aided: null, choices: [] }); drawOffers(); }
  function drop() { Object.assign(pick, { place: null, mode: "move", aided: null, choices: [] }); drawOffers(); }
  function choose(found, words) {
    if (found.length === 1) return order(found[0].text);
    Object.assign(pick, { choices: found, words });
    drawOffers();
    $("tools").querySelector("button")?.focus();
  }
  function described(o) {
    const kind = o.unit === "A" ? "army" : "fleet";
    if (o.kind === "B") return `${kind.charAt(0).toUpperCase() + kind.slice(1)}${o.at.includes("/") ? ` (${o.at.slice(4).toLowerCase()})` : ""}`;
    if (o.kind === "-") return `${o.to.includes("/") ? o.to : o.via ? "by convoy" : "by land"}${o.to.includes("/") && o.via ? " by convoy" : ""}`;
    return o.text;
  }
  function drawOffers() {
    const found = goals(), at = document.activeElement?.dataset ?? {}, was = at.goal ? `#goals [data-goal="${at.goal}"]` : at.at ? `#tokens .mine[data-at="${at.at}"]` : "";
    $("offers").replaceChildren(...[...found.keys()].map((place) => svg("path", { d: outlines.get(place) })));
    // Above the tokens and transparent: what is clicked, and what the keyboard reaches.
    $("goals").replaceChildren(...[...found].map(([place, list]) => {
      const goal = svg("path", { d: outlines.get(place), tabindex: 0, role: "button", "data-goal": place, "aria-label": `${fullNames.get(place)}: ${list.length === 1 ? list[0].text : "choose"}` });
      goal.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); meant(place); } });
      return goal;
    }));
    for (const unit of $("tokens").children) {
      const mine = mayOrder() && game.state.kind !== "A" && game.legal[unit.dataset.at] && (game.state.kind === "R" ? unit.classList.contains("dislodged") : true) && unit.classList.contains(you());
      unit.classList.toggle("mine", Boolean(mine));
      unit.classList.toggle("picked", Boolean(mine) && unit.dataset.at === pick.place);
      const halo = unit.querySelector(".halo"), unset = mine && !ordered(unit.dataset.at) && game.state.awaited;
      if (halo && !unset) halo.remove();
      if (!mine) { unit.removeAttribute("tabindex"); unit.removeAttribute("role"); continue; }
      if (unset && !halo) unit.append(svg("circle", { class: "halo", r: 15.5 }));
      unit.setAttribute("tabindex", 0);
      unit.setAttribute("role", "button");
      unit.setAttribute("aria-label", `${unit.querySelector("title").textContent}, ${ordered(unit.dataset.at)?.text || "no order yet"}`);
    }
    drawBar();
    if (was) document.querySelector(was)?.focus();
  }
  function tool(words, act, extra, hotkey) {
    const made = button(words, act, extra);
    if (hotkey) made.append(html("kbd", { "aria-hidden": "true" }, hotkey.toUpperCase()));
    return made;
  }
  function drawBar() {
    const { state } = game, tools = [];
    let hint = [];
    if (look.moving) hint = [html("b", {}, game.scenes[look.scene].title), ": what came of the orders"];
    else if (!isNow()) { hint = ["You look at ", html("b", {}, game.scenes[look.scene].title), "."]; tools.push(tool("Back to now", () => show(game.scenes.length - 1))); }
    else if (state.over) hint = ["The game is over. Every phase can be looked at above; the replay is in the menu."];
    else if (!you()) hint = ["You look on. Every phase that was played can be looked at above."];
    else if (state.standIn) hint = [`${named(state.standIn.agent)} plays your seat.`];
    else if (state.closing) hint = ["The orders are being carried out …"];
    else if (!Object.keys(game.legal).length) hint = ["You have nothing to order in this phase."];
    else if (pick.choices.length) {
      hint = [pick.words || "Which one?"];
      tools.push(...pick.choices.map((o) => tool(described(o), () => order(o.text))), tool("Cancel", drop));
    } else if (state.kind === "A") {
      const n = Math.abs(state.builds), given = state.orders.length;
      hint = state.builds > 0 ? [html("b", {}, `${n - given} of ${n} builds left`), ": click a centre of yours. Click again to take it back."] : [html("b", {}, `${n - given} of ${n} units to remove`), ": click on a unit."];
      if (state.builds > 0 && given < n) tools.push(tool("Waive one", () => order("WAIVE")));
    } else if (!pick.place) hint = [state.kind === "R" ? "Click your dislodged unit, then where it retreats." : "Click one of your units, then where it goes."];
    else {
      const unit = options(pick.place)[0], name = `${unit.unit} ${unit.at}`;
      const what = pick.mode === "move" ? "click where it goes, or a unit to support" : pick.aided ? `click where ${pick.aided} goes, or ${pick.aided} itself to hold` : `click the unit to ${pick.mode}`;
      hint = [html("b", {}, name), ": " + (state.kind === "R" ? "click where it retreats" : what)];
      if (state.kind === "M") {
        for (const [mode, [words, hotkey]] of Object.entries(MODES)) if (options(pick.place).some(ofMode[mode])) tools.push(tool(words, () => setMode(mode), { "aria-pressed": String(pick.mode === mode) }, hotkey));
        tools.push(tool("Hold", () => order(`${name} H`), {}, "h"));
      } else tools.push(tool("Disband", () => order(`${name} D`), {}, "d"));
      if (ordered(pick.place)) tools.push(tool("Take back", () => clear(pick.place)));
      tools.push(tool("✕", drop, { "aria-label": "Cancel" }));
    }
    $("hint").replaceChildren(...hint);
    $("tools").replaceChildren(...tools);
  }
  function setMode(mode) { Object.assign(pick, { mode, aided: null, choices: [] }); drawOffers(); }

  // A click falls on the goal above everything, on a token, or on a province.
  $("map").addEventListener("click", (event) => {
    const hit = event.target.closest("[data-goal], .token, [data-province]");
    if (!hit) return drop();
    const place = hit.dataset.goal || hit.dataset.at || hit.dataset.province;
    const phase = game.scenes[look.scene].name, whose = hit.matches(".token") && game.facts.powers.find((p) => hit.classList.contains(p));
    if (whose && !isNow() && !look.moving && mayLook(whose, phase)) return void whyOnBoard(phase, whose);
    // A unit of one's own that no goal covers is picked.
    meant(place);
  });
  $("tokens").addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.dataset.at) { event.preventDefault(); meant(event.target.dataset.at); document.querySelector(`#tokens [data-at="${event.target.dataset.at}"].mine`)?.focus(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || !game.state) return;
    if (event.key === "Escape") return void drop();
    if (!pick.place || !mayOrder()) return;
    const unit = options(pick.place)[0];
    const acts = game.state.kind === "M" ? { m: () => setMode("move"), s: () => setMode("support"), c: () => setMode("convoy"), h: () => order(`${unit.unit} ${unit.at} H`) } : { d: () => order(`${unit.unit} ${unit.at} D`) };
    if (acts[event.key.toLowerCase()]) { event.preventDefault(); acts[event.key.toLowerCase()](); }
  });

  // --- what is sent
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  // Until the server has answered; the same key each time, so that nothing is done twice.
  async function post(what, body) {
    for (let wait = 400; ; wait = Math.min(5000, wait * 2)) {
      try { return await ask(`${seat}/${what}`, body); } catch (error) {
        if (error instanceof Refused) throw error;
        linked(false);
        await pause(wait);
      }
    }
  }
  async function deed(what, values) {
    $("trouble").textContent = "";
    try {
      const phase = what === "take-back" ? {} : { phase: game.state.phase };
      const answer = await post(what, { key: key(), ...phase, ...values });
      await refresh();
      return answer;
    } catch (error) {
      $("trouble").textContent = error.message;
      await refresh();
      return null;
    }
  }
  async function order(text) { drop(); return deed("order", { order: text }); }
  async function clear(place) { drop(); return deed("clear", { province: place }); }
  $("ready").addEventListener("click", () => deed("ready", { ready: !game.state.ready }));
  $("vote").addEventListener("click", () => deed("vote", { draw: !game.state.draw.mine }));

  // --- a seat goes to an agent, and back
  const NAMED = { cicero: "Our agent" };
  const named = (agent) => NAMED[agent] || agent;
  $("hand-over").addEventListener("click", () => {
    $("menu").open = false;
    choices($("handing-agent"), game.facts.agents.map((agent) => [agent, named(agent)]));
    choices($("handing-persona"), [["", "as usual"], ...game.facts.personas.map((name) => [name, name])]);
    $("handing").showModal();
  });
  $("handing-no").addEventListener("click", () => $("handing").close());
  $("handing").addEventListener("close", () => $("menu").querySelector("summary").focus());
  $("handing-form").addEventListener("submit", () => { drop(); deed("hand-over", { agent: $("handing-agent").value, persona: $("handing-persona").value }); });
  $("take-back").addEventListener("click", () => deed("take-back", {}));

  // --- talks
  const threadOf = (m) => m.to === "GLOBAL" ? "GLOBAL" : m.from === you() ? m.to : m.from;
  // Who looks on reads everything in one thread, and beside it what each power says and hears.
  const isIn = (m, thread) => you() ? threadOf(m) === thread : thread === "GLOBAL" || m.from === thread || m.to === thread;
  const unread = (thread) => you() ? game.messages.filter((m) => threadOf(m) === thread && m.from !== you() && m.number > (game.state.seen[thread] ?? -1)).length : 0;
  function drawThreads() {
    let sum = 0;
    if (isShown("threads", look.thread, game.messages.at(-1)?.number, game.state.seen, game.state.boot, game.state.phase)) return;
    const at = document.activeElement?.dataset?.thread;
    $("threads").replaceChildren(...["GLOBAL", ...others()].map((thread) => {
      const last = game.messages.filter((m) => isIn(m, thread)).at(-1), count = unread(thread);
      sum += count;
      const dead = thread !== "GLOBAL" && !player(thread).alive;
      const made = html("button", { type: "button", class: `${thread}${dead ? " dead" : ""}`, "aria-current": String(thread === look.thread), "data-thread": thread, "aria-label": `${called(thread)}${count ? `, ${count} unread` : ""}` },
        badge(thread, SHORT[thread]), html("span", { class: "long" }, you() || thread !== "GLOBAL" ? titled(thread) : "All talks"), count ? html("span", { class: "new" }, String(count)) : html("span"),
        html("span", { class: "last" }, last ? `${last.from === you() ? "you: " : ""}${last.text}` : ""));
      made.addEventListener("click", () => openThread(thread));
      return html("li", {}, made);
    }));
    if (at) document.querySelector(`#threads [data-thread="${at}"]`)?.focus();
    $("n-talks").className = sum ? "new" : "";
    $("n-talks").textContent = sum ? String(sum) : "";
    document.title = `${sum ? `(${sum}) ` : ""}${game.state.phaseTitle} · ${you() ? titled(you()) : "looking on"}`;
  }
  let drawn = "";
  function drawThread() {
    const said = game.messages.filter((m) => isIn(m, look.thread)), changes = look.thread === "GLOBAL" ? [...game.state.hands] : [], late = waiting.filter((m) => m.to === look.thread && !said.some((s) => s.number === m.number));
    const shown = JSON.stringify([look.thread, said.at(-1)?.number, said.length, late.map((m) => m.key), changes, game.state.boot, game.state.phase, game.state.reasons]);
    if (shown !== drawn) {
      drawn = shown;
      const parts = [];
      let phase = "", from = "";
      const title = (name) => game.scenes.find((s) => s.name === name)?.title || name;
      const when = (name) => { if (name !== phase) { phase = name; from = ""; parts.push(html("h3", { class: "when" }, title(phase))); } };
      const tellChanges = (before) => {
        while (changes.length && before(placeOf(changes[0].phase))) { const hand = changes.shift(); when(hand.phase); from = ""; parts.push(html("p", { class: "hand" }, handed(hand))); }
      };
      for (const m of [...said, ...late.map((w) => ({ ...w, from: you(), waits: true }))]) {
        tellChanges((number) => number < placeOf(m.phase));
        when(m.phase);
        const again = you() && m.from === from;
        from = m.from;
        parts.push(html("div", { class: `message ${m.from}${m.from === you() ? " mine" : ""}${m.waits ? " waits" : ""}`, "data-number": m.number ?? "" },
          again || m.from === you() ? null : html("div", { class: "by" }, you() || m.to === "GLOBAL" ? called(m.from) : `${called(m.from)} to ${titled(m.to)}`), html("span", { class: "quiet" }, m.from === you() ? "You: " : ""), html("div", { class: "bubble" }, m.text),
          mayLook(m.from, m.phase) ? html("div", { class: "inside" }, inside("Look inside", m.from, m.phase, m.number)) : null));
      }
      tellChanges(() => true);
      if (!parts.length) parts.push(html("p", { class: "empty" }, !game.state.press ? "Nobody talks in this game." : !you() ? "Nothing said yet." : look.thread === "GLOBAL" ? "What you write here, all powers read." : `Nothing said with ${called(look.thread)} yet.`));
      $("thread").replaceChildren(...parts);
      $("thread").scrollTop = $("thread").scrollHeight;
    }
    const open = game.state.press && plays() && (look.thread === "GLOBAL" || player(look.thread).alive);
    $("compose").hidden = !open;
    $("words").placeholder = look.thread === "GLOBAL" ? "To everybody" : `To ${titled(look.thread)}`;
    markSeen();
  }
  const handed = (hand) => hand.agent ? `${named(hand.agent)} plays ${titled(hand.power)} from here on.` : `${titled(hand.power)} is played by a person again.`;
  function markSeen() {
    if (look.tab !== "talks" || document.hidden || !unread(look.thread)) return;
    const number = Math.max(...game.messages.filter((m) => threadOf(m) === look.thread).map((m) => m.number));
    game.state.seen[look.thread] = number;
    post("seen", { thread: look.thread, number }).catch(() => {});
    drawThreads();
  }
  function openThread(thread) {
    look.drafts[look.thread] = $("words").value;
    look.thread = thread;
    $("words").value = look.drafts[thread] || "";
    drawThreads();
    drawThread();
  }
  const keepWaiting = () => sessionStorage.setItem(seat, JSON.stringify(waiting));
  async function deliver(message) {
    try {
      const { number } = await post("say", message);
      message.number = number;
      await refresh();
    } catch (error) {
      $("trouble").textContent = error.message;
      if (message.to !== look.thread) look.drafts[message.to] ||= message.text;
      else if (!$("words").value) $("words").value = message.text;
    }
    waiting.splice(waiting.indexOf(message), 1);
    keepWaiting();
    drawThread();
  }
  function send() {
    const text = $("words").value.trim();
    if (!text) return;
    const message = { key: key(), phase: game.state.phase, to: look.thread, text };
    waiting.push(message);
    keepWaiting();
    $("words").value = look.drafts[look.thread] = "";
    $("trouble").textContent = "";
    drawThread();
    deliver(message);
  }
  $("compose").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  $("words").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); } });
  document.addEventListener("visibilitychange", () => { if (game.state && !document.hidden) { markSeen(); refresh(); } });

  // --- the list of orders
  const GROUPS = [["-", "Move"], ["R", "Retreat"], ["S", "Support"], ["C", "Convoy"], ["H", "Hold"], ["B", "Build"], ["D", "Disband"]];
  function unitRow(place) {
    const list = options(place), now = ordered(place), first = list[0];
    const label = game.state.kind === "A" && game.state.builds > 0 ? fullNames.get(place) : `${first.unit} ${first.at}`;
    const select = html("select", { "aria-label": `Order of ${label}`, "data-unit": place }, html("option", { value: "" }, { M: "no order: holds", R: "no order: disbands", A: "–" }[game.state.kind]),
      ...GROUPS.map(([kind, words]) => [words, list.filter((o) => o.kind === kind)]).filter(([, its]) => its.length).map(([words, its]) => html("optgroup", { label: words }, ...its.map((o) => html("option", { value: o.text, selected: now?.text === o.text }, o.text)))));
    select.disabled = game.state.closing;
    select.addEventListener("change", () => select.value ? order(select.value) : clear(place));
    return html("li", { class: "unit" + (now ? "" : " unset") }, button(label, () => { show(game.scenes.length - 1); if (game.state.kind !== "A") take(place); }, { class: "pick order", title: "Show on the board" }), select, null);
  }
  function ordersNow() {
    const { state } = game, places = Object.keys(game.legal);
    if (!plays() || !places.length) return [html("p", { class: "empty" }, state.over ? "The game is over." : !you() ? "You look on: the orders of a phase are seen when it is over." : state.standIn ? `${named(state.standIn.agent)} plays your seat. Its orders: ${state.orders.join(", ") || "none yet"}.` : "You have nothing to order in this phase.")];
    const field = html("input", { id: "order-text", "aria-label": "An order as text", placeholder: { M: "A PAR - BUR, or par s mar - bur", R: "A PAR R GAS", A: "A PAR B, or waive" }[state.kind], autocomplete: "off", spellcheck: "false", maxlength: 80 });
    const form = html("form", { class: "line", id: "by-text" }, field, html("button", {}, "Add"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      const done = await order(field.value);
      const again = $("order-text");
      if (!done && again) again.value = field.value;
      again?.focus();
    });
    const waived = state.orders.filter((o) => o === "WAIVE").map(() => html("li", { class: "unit" }, html("span", { class: "order" }, "WAIVE"), html("span", {}, "a build not used"), button("Take back", () => clear(null))));
    return [html("h2", {}, "Your orders"), html("ol", {}, ...places.map(unitRow), ...waived), form];
  }
  function ordersThen(number) {
    const scene = game.scenes[number], body = html("tbody");
    game.facts.powers.forEach((power, k) => {
      const rows = scene.orders.filter((o) => o[0] === k);
      if (!rows.length) return;
      const head = html("th", { colspan: "2", scope: "rowgroup", class: power }, badge(power, SHORT[power]), called(power));
      const spot = `${scene.name} ${power}`;
      if (mayLook(power, scene.name)) head.append(button(look.why[spot] ? "close" : "why?", () => why(scene.name, power), { class: "ask", "aria-expanded": String(Boolean(look.why[spot])), "aria-label": `Why did ${titled(power)} order this?` }));
      body.append(html("tr", {}, head));
      for (const [, text, results, failed] of rows) body.append(html("tr", { class: failed ? "failed" : "" }, html("td", {}, html("span", { class: "order" }, text)), html("td", { class: "result" }, results || "✓")));
      if (look.why[spot]) body.append(html("tr", { class: "why-panel", "data-phase": scene.name, "data-power": power }, html("td", { colspan: "2" }, ...reasons(look.why[spot], power, scene.name))));
    });
    return body.children.length ? [html("table", {}, html("caption", {}, scene.title), body)] : [html("p", { class: "empty" }, "No orders in this phase.")];
  }
  const percent = (value) => value === null || value === undefined ? "–" : value > 0 && value < .005 ? "<1 %" : `${Math.round(100 * value)} %`;
  const spans = (orders) => orders.length ? orders.flatMap((o, i) => [i ? ", " : "", html("span", { class: "order" }, o)]) : ["nothing"];
  function reasons(found, power, phase) {
    if (found.error) return [found.error];
    const deeper = html("p", {}, inside(found.actions.length ? "Look inside, and ask what if …" : "What our agent would weigh in its place", power, phase));
    if (!found.actions.length) return ["It did not search in this phase.", deeper];
    return [`It expected a score of ${percent(found.score)} and considered, likeliest first:`, html("ol", {}, ...found.actions.map((a) => html("li", { class: a.chosen ? "chosen" : "" }, `${percent(a.p)} likely, score ${percent(a.value)}: `, ...spans(a.orders), a.chosen ? " – its plan" : ""))), deeper];
  }
  async function why(phase, power) {
    const spot = `${phase} ${power}`;
    if (look.why[spot]) delete look.why[spot];
    else look.why[spot] = await ask(`${seat}/why?of=${power.toLowerCase()}&phase=${phase}`).catch((error) => ({ error: error.message, actions: [] }));
    drawOrders();
  }
  async function whyOnBoard(phase, power) {
    chooseTab("orders");
    if (!look.why[`${phase} ${power}`]) await why(phase, power);
    document.querySelector(`.why-panel[data-phase="${phase}"][data-power="${power}"]`)?.scrollIntoView({ block: "nearest" });
  }
  let listed = "";
  function drawOrders() {
    const s = game.state, waived = s.orders.filter((o) => o === "WAIVE").length;
    const shown = JSON.stringify([look.scene, s.boot, game.scenes.length, waived, s.closing, Boolean(s.over), s.standIn, game.legalPhase, look.why]);
    $("n-orders").textContent = s.awaited || s.orders.length ? `${s.orders.length}/${s.kind === "A" ? Math.abs(s.builds) : Object.keys(game.legal).length}` : "";
    if (shown === listed) return void chooseOrders();
    const typed = $("order-text")?.value, hadFocus = document.activeElement?.id === "order-text", on = document.activeElement?.dataset?.unit;
    listed = shown;
    const before = isNow() && game.scenes.length > 1 ? [html("h2", { class: "past" }, "What was ordered before"), ...ordersThen(game.scenes.length - 2)] : [];
    $("orders").replaceChildren(...(isNow() ? [...ordersNow(), ...before] : ordersThen(look.scene)));
    if ($("order-text") && typed) $("order-text").value = typed;
    if (hadFocus) $("order-text")?.focus();
    if (on) document.querySelector(`select[data-unit="${on}"]`)?.focus();
  }
  function chooseOrders() {
    for (const select of document.querySelectorAll("#orders select[data-unit]")) {
      select.value = ordered(select.dataset.unit)?.text ?? "";
      select.closest(".unit").classList.toggle("unset", !select.value);
    }
  }

  // --- advice
  let advised = "";
  async function drawAdvice() {
    if (!look.advisor || look.tab !== "advice") return;
    const asked = `${game.state.boot} ${game.state.phase} ${game.messages.length}`;
    if (asked === advised) return;
    advised = asked;
    $("advice").replaceChildren(html("p", { class: "empty", role: "status" }, "Our agent thinks about your position …"));
    let found;
    try { found = await whileWaiting(ask(`${seat}/advice`), `${seat}/advice/waiting`, (words) => { if (asked === advised) $("advice").querySelector("[role=status]")?.replaceChildren(words); }); } catch (error) { found = { error: error.message }; }
    if (asked !== advised) return;
    if (found.error) return void $("advice").replaceChildren(html("p", { class: "trouble" }, found.error));
    const note = html("p", { class: "suggestion" }, "A suggestion: what our agent would do in your seat, by the board and the talks that you see. It does not know what you mean to do.");
    const parts = [note, html("h2", {}, "Orders"), html("ol", {}, ...found.orders.map((o) => html("li", {}, html("span", { class: "order" }, o))))];
    if (found.orders.length && found.phase === game.state.phase) parts.push(button("Use these orders", async () => { for (const text of found.orders) await order(text); }, { class: "use" }));
    if (found.actions.length > 1) parts.push(html("h2", {}, "It also considered"), html("ol", {}, ...found.actions.filter((a) => a.orders.join() !== found.orders.join()).map((a) => html("li", {}, `${percent(a.p)}: `, ...spans(a.orders)))));
    if (found.letters.length) parts.push(html("h2", {}, "It would write"));
    for (const letter of found.letters) parts.push(html("div", { class: `letter ${you()}` }, badge(letter.to, SHORT[letter.to]), " ", titled(letter.to), html("div", { class: "bubble" }, letter.text), button("Put it into the talk", () => { chooseTab("talks"); openThread(letter.to); $("words").value = letter.text; $("words").focus(); })));
    const expected = Object.entries(found.others);
    if (expected.length) parts.push(html("h2", {}, "It expects"), html("ol", {}, ...expected.map(([power, a]) => html("li", {}, badge(power, SHORT[power]), ` ${percent(a.p)}: `, ...spans(a.orders)))));
    for (const line of found.players) parts.push(html("p", { class: "hint" }, line));
    $("advice").replaceChildren(...parts);
  }
  $("advisor").addEventListener("click", () => {
    look.advisor = !look.advisor;
    $("advisor").setAttribute("aria-pressed", String(look.advisor));
    $("tab-advice").hidden = !look.advisor;
    chooseTab(look.advisor ? "advice" : "talks");
  });

  // --- moving about
  const TABS = ["talks", "orders", "advice"];
  function chooseTab(tab) {
    look.tab = tab;
    for (const name of TABS) {
      $("tab-" + name).setAttribute("aria-selected", String(name === tab));
      $("tab-" + name).tabIndex = name === tab ? 0 : -1;
      $(name).hidden = name !== tab;
    }
    if (game.state) { drawThread(); drawAdvice(); }
  }
  for (const name of TABS) {
    $("tab-" + name).addEventListener("click", () => chooseTab(name));
    $("tab-" + name).addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      const open = TABS.filter((t) => !$("tab-" + t).hidden), to = open[(open.indexOf(look.tab) + step + open.length) % open.length];
      chooseTab(to);
      $("tab-" + to).focus();
    });
  }
  function show(number, fresh) {
    look.scene = Math.max(0, Math.min(game.scenes.length - 1, number));
    if (!isNow()) Object.assign(pick, { place: null, aided: null, choices: [] });
    drawAll(fresh);
  }
  const leap = (number) => { look.moving = false; show(number); };
  $("back").addEventListener("click", () => leap(look.scene - 1));
  $("next").addEventListener("click", () => leap(look.scene + 1));
  $("now").addEventListener("click", () => leap(game.scenes.length - 1));
  $("scrub").addEventListener("input", () => leap(Number($("scrub").value)));

  function drawStanding() {
    const scene = game.scenes[look.scene];
    if (isShown("standing", scene.counts, game.state.players, game.state.thinking, game.state.over)) return;
    $("standing").replaceChildren(...game.facts.powers.map((power, i) => {
      const p = player(power), thinks = game.state.thinking === power && !game.state.over, done = !p.agent && p.ready && !game.state.over;
      return html("li", { class: `${power}${p.alive ? "" : " out"}${p.you ? " you" : ""}${thinks ? " thinks" : ""}`, title: `${called(power)}: ${scene.counts[i]} centres, ${p.you ? "you" : p.agent || "a person"}` },
        badge(power, SHORT[power]), html("span", { class: "long" }, titled(power)), html("b", {}, String(scene.counts[i])),
        thinks ? html("span", { class: "quiet" }, "thinks") : done ? html("span", { class: "done", role: "img", "aria-label": "ready" }, "✓") : null);
    }));
  }
  function drawHead() {
    const { state } = game, scene = game.scenes[look.scene];
    $("phase").textContent = state.over ? scene.title.split(":")[0] : scene.title;  // how it ended stands in the banner
    const waits = state.players.filter((p) => !p.agent && !p.ready && !p.you && p.alive).map((p) => titled(p.power));
    const doing = state.over ? "" : state.closing ? " · orders are carried out" : state.awaited ? "" : waits.length ? ` · waiting for ${waits.join(", ")}` : " · the agents are at it";
    $("about").textContent = `${you() ? titled(you()) : "You look on"}${state.title ? " · " + state.title : ""}${doing}`;
    $("scrub").max = game.scenes.length - 1;
    $("scrub").value = look.scene;
    $("scrub").setAttribute("aria-valuetext", scene.title);
    $("back").disabled = look.scene === 0;
    $("next").disabled = $("now").disabled = isNow() && !look.moving;
    $("ready").hidden = !plays();
    $("ready").disabled = state.closing || (!state.awaited && !state.ready);
    $("ready").setAttribute("aria-pressed", String(state.ready));
    const open = state.awaited && state.kind === "M" && !state.over ? Object.keys(game.legal).length - state.orders.length : 0;
    $("ready").textContent = state.ready ? "✓ Ready" : open && state.orders.length ? `Ready, ${open} hold${open === 1 ? "s" : ""}` : "Ready";
    $("ready").title = state.ready ? "Click to take it back" : "The phase ends when all people are ready";
    const ended = state.over && (state.over.winner ? `${titled(state.over.winner)} has won.` : state.over.drawn.length ? `The game is a draw of ${inWords(state.over.drawn.map(titled))}.` : `The game has ended after ${state.until}.`);
    const over = ended && (you() ? `${ended} Your share: ${percent(state.over.scores[you()])}.` : ended);
    $("get-inside").hidden = !state.reasons || game.scenes.length - 1 <= state.begun;
    if (!isShown("banner", state.failure, over)) {
      const deeper = over && html("a", { href: `${seat}/inside`, target: "_blank", rel: "noopener" }, "Look inside the agents");
      $("banner").replaceChildren(...(state.failure ? [`The agents have stopped: ${state.failure}`] : over ? [`${over} `, deeper] : []));
    }
    $("banner").hidden = !state.failure && !over;
    const mine = state.standIn;
    $("stand-in").hidden = !mine || Boolean(state.over);
    $("stand-in").firstElementChild.textContent = mine ? `${named(mine.agent)}${mine.persona ? ` (${mine.persona})` : ""} plays your seat since ${game.scenes.find((s) => s.name === mine.phase)?.title || mine.phase}. You look on.` : "";
    $("take-back").disabled = state.closing;
    $("hand-over").hidden = !plays();
    $("hand-over").disabled = state.closing;
    $("advisor").hidden = !plays();
    if (!plays() && look.advisor) $("advisor").click();
  }
  const inWords = (names) => names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
  // Who has voted for a draw and who must still agree, as far as the game tells it.
  function drawVotes() {
    const { draw, over } = game.state, names = (powers) => inWords(powers.map((p) => p === you() && plays() ? "you" : titled(p)));
    $("draw").hidden = Boolean(over);
    $("vote").hidden = !plays();
    const isLast = draw.public && !draw.mine && draw.open.length === 1 && draw.open[0] === you();
    $("vote").classList.toggle("last", isLast);
    $("vote").setAttribute("aria-pressed", String(draw.mine));
    $("vote").textContent = draw.mine ? "✓ You vote for a draw" : isLast ? "Agree: the game ends as a draw" : "Vote for a draw";
    $("vote").title = draw.mine ? "Click to take it back" : "The game ends as a draw as soon as all who are alive vote for it";
    const agreed = draw.for.length ? `${names(draw.for)} ${draw.for.length === 1 && names(draw.for) !== "you" ? "votes" : "vote"} for a draw; ` : "", open = `must still agree: ${names(draw.open)}.`;
    $("votes").textContent = !draw.public ? "Others' votes are not told." : !agreed ? "Nobody votes for a draw." : draw.mine && plays() ? open.replace("m", "M") : agreed + open;
  }
  function drawAll(fresh) {
    drawHead();
    drawBoard(fresh);
    drawStanding();
    drawVotes();
    drawThreads();
    drawThread();
    drawOrders();
    drawAdvice();
  }
  setInterval(() => {
    const end = game.state && game.state.left !== null ? game.state.end : null;
    $("clock").hidden = end === null;
    if (end === null) return;
    const left = Math.max(0, Math.round((end - performance.now()) / 1000)), two = (n) => String(n).padStart(2, "0");
    $("clock").textContent = left >= 3600 ? `${Math.floor(left / 3600)}:${two(Math.floor(left / 60) % 60)}:${two(left % 60)}` : `${Math.floor(left / 60)}:${two(left % 60)}`;
    $("clock").classList.toggle("soon", left < 30);
  }, 500);

  // Orders are drawn, then the units go where they got to.
  let journeys = 0;
  async function journey(first) {
    const mine = ++journeys, still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    look.moving = true;
    for (let i = first; i < game.scenes.length - 1 && look.moving && mine === journeys; i++) {
      show(i, true);
      await pause(1700);
      if (!look.moving || mine !== journeys) return;
      if (!still) { travel(game.scenes[i], game.scenes[i + 1]); await pause(1000); }
    }
    if (mine !== journeys || !look.moving) return;
    look.moving = false;
    show(game.scenes.length - 1);
  }
  function travel(scene, after) {
    $("below").replaceChildren();
    $("above").replaceChildren();
    const goes = new Map(scene.orders.filter((o) => !o[3]).map((o) => [o[0], parse(o[1])]).filter(([, o]) => o.kind === "-" || o.kind === "R").map(([power, o]) => [`${power} ${o.unit} ${o.at}`, o.to]));
    scene.units.forEach(([power, kind, place], i) => {
      const to = goes.get(`${power} ${kind} ${place}`) || place;
      const there = after.units.find((u) => u[0] === power && u[1] === kind && u[2] === to) || after.units.find((u) => u[0] === power && u[1] === kind && province(u[2]) === province(to));
      const unit = $("tokens").children[i];
      if (!unit) return;
      if (there) unit.style.transform = `translate(${there[3]}px, ${there[4]}px)`;
      else unit.classList.add("gone");
    });
  }
  function tell(state, wasCount, fresh, before) {
    const news = fresh.filter((m) => m.from !== you()).slice(-3).map((m) => `${called(m.from)}${m.to === "GLOBAL" ? " to all" : ""}: ${m.text}`);
    news.push(...state.hands.slice(before.hands.length).map(handed));
    for (const power of state.draw.for) if (power !== you() && !before.draw.for.includes(power)) news.push(`${titled(power)} votes for a draw.`);
    for (const power of before.draw.for) if (power !== you() && !state.draw.for.includes(power)) news.push(`${titled(power)} does not vote for a draw any more.`);
    if (you() && wasCount && state.count > wasCount) {
      const scene = game.scenes[wasCount - 1], k = game.facts.powers.indexOf(you());
      news.push(`${scene.title}: ${scene.orders.filter((o) => o[0] === k).map((o) => `${o[1]} ${o[2] || "succeeds"}`).join("; ")}. Now: ${state.phaseTitle}.`);
    }
    if (news.length) $("news").textContent = news.join(" ");
  }

  // --- what the server has
  function linked(on) { $("link").textContent = on ? "" : "connection lost, trying again …"; }
  let asking = null, again = false;
  function refresh() {
    if (asking) { again = true; return asking; }
    asking = (async () => {
      do {
        again = false;
        const s = game.state, have = s ? `?boot=${s.boot}&scenes=${game.scenes.length - 1}&message=${game.messages.at(-1)?.number ?? -1}&phase=${game.legalPhase}` : "";
        try { takeIn(await ask(`${seat}/state${have}`)); linked(true); } catch (error) {
          if (error.status === 401) return void strange();
          linked(false);
          return;
        }
      } while (again);
    })().finally(() => { asking = null; });
    return asking;
  }
  function takeIn(state) {
    const before = game.state, wasCount = before && before.boot === state.boot ? before.count : before ? game.scenes.length : 0;
    const wasNow = look.scene === -1 || look.moving || isNow();
    const same = before && before.boot === state.boot;
    game.scenes = [...(same ? game.scenes.slice(0, state.from) : []), ...state.scenes];
    const last = same ? game.messages.at(-1)?.number ?? -1 : -1, fresh = state.messages.filter((m) => m.number > last);
    game.messages = [...(same ? game.messages : []), ...fresh];
    if (state.legal) { game.legal = state.legal; game.legalPhase = state.phase; }
    if (state.over) game.legal = {};
    game.state = state;
    if (state.left !== null) state.end = performance.now() + 1000 * state.left;
    if (before && before.phase !== state.phase) { Object.assign(pick, { place: null, mode: "move", aided: null, choices: [] }); $("trouble").textContent = ""; }
    if (before) tell(state, wasCount, fresh, before);
    if (wasCount && state.count > wasCount && wasNow && !look.moving) return void journey(wasCount - 1);
    if (wasNow && !look.moving) look.scene = game.scenes.length - 1;
    if (look.moving) { drawHead(); drawStanding(); drawVotes(); drawThreads(); drawThread(); } else drawAll();
  }
  function strange() {
    $("all").hidden = true;
    $("login").hidden = false;
  }
  function listen(wait) {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${seat}/bell`);
    socket.addEventListener("open", () => { wait = 400; refresh(); });
    socket.addEventListener("message", () => refresh());
    socket.addEventListener("close", () => {
      linked(false);
      setTimeout(() => listen(Math.min(5000, wait * 1.7)), wait);
    });
  }
  (async () => {
    try {
      await enter(`${seat}/session`);
      game.facts = await ask(`${seat}/facts`);
    } catch (error) {
      strange();
      if (error.status !== 401) $("login").append(html("p", { class: "trouble" }, error.message));
      return;
    }
    shapes = shapesOf(game.facts.shapes);
    $("get-replay").href = `${seat}/replay.html`;
    $("get-inside").href = `${seat}/inside`;
    $("get-game").href = `${seat}/game.json`;
    await refresh();
    if (!game.state) return void setTimeout(() => location.reload(), 2000);
    $("all").hidden = false;
    chooseTab(game.state.press ? "talks" : "orders");
    drawAll();
    for (const message of [...waiting]) deliver(message);
    listen(400);
    setInterval(refresh, 30000);
  })();
})();
