"use strict";
// Shows the desk and passes on what is decided. Whatever anybody wrote is put in as text, never as markup.
(() => {
  const POLL_MS = 2000, SOON_S = 300;
  const SILENCE_S = Number(document.body.dataset.silenceS);
  const $ = (id) => document.getElementById(id);
  const title = (power) => power === null ? "everybody" : power.charAt(0) + power.slice(1).toLowerCase();
  const SEASONS = { S: "Spring", F: "Fall", W: "Winter" }, KINDS = { M: "movement", R: "retreats", A: "adjustments" };
  const phaseName = (phase) => `${SEASONS[phase[0]]} ${phase.slice(1, 5)}, ${KINDS[phase[5]]}`;
  const cards = new Map();  // number of the message -> its card
  let desk = null, ahead = 0, timer = 0, asked = 0, shown = 0;

  function html(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  }
  function say(element, words) { if (element.textContent !== words) element.textContent = words; }
  function badge(power) {
    return html("span", { class: "badge " + (power || "all"), title: title(power) }, power === null ? "all" : power.slice(0, 2));
  }
  // Letters that cannot be seen, or turn the direction of reading, are shown by their number: what is approved is what is seen.
  const UNSEEN = /([\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff])/;
  function plain(text) {
    return text.split(UNSEEN).map((part, i) => i % 2 === 0 ? part
      : html("span", { class: "sign" }, "U+" + part.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")));
  }
  function span(seconds) {
    const whole = Math.max(0, Math.floor(seconds));
    for (const [size, unit, partSize, part] of [[86400, "d", 3600, "h"], [3600, "h", 60, "min"], [60, "min", 1, "s"]])
      if (whole >= size) return `${Math.floor(whole / size)} ${unit} ${Math.floor(whole % size / partSize)} ${part}`;
    return `${whole} s`;
  }
  const now = () => Date.now() / 1000 + ahead;

  // --- what the server is asked
  async function ask(path, body) {
    const asks = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(path, { ...asks, cache: "no-store", credentials: "same-origin" });
    if (answer.status === 204) return null;
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(said.error), { status: answer.status });
    return said;
  }
  async function refresh() {
    clearTimeout(timer);
    const turn = ++asked;
    try {
      take(await ask("/desk"), turn);
    } catch (error) {
      lost(error);
    }
    clearTimeout(timer);
    if ($("login").hidden) timer = setTimeout(refresh, POLL_MS);
  }
  // An answer that comes after a younger one is old.
  function take(said, turn) {
    if (turn < shown) return;
    shown = turn;
    desk = said;
    ahead = desk.now_s - Date.now() / 1000;
    link("open", "live");
    show();
  }
  function lost(error) {
    if (error.status === 401) return knock();
    link("lost", error.status === undefined ? "no connection to the desk" : error.message);
  }
  function link(state, words) {
    $("link").dataset.state = state;
    say($("link"), words);
    $("stop").disabled = state === "opening";
  }
  async function decide(path, body, words) {
    const turn = ++asked;
    take(await ask(path, body), turn);
    say($("said"), words);
  }

  // --- the token
  function knock(why) {
    $("login").hidden = false;
    $("desk").hidden = true;
    link("opening", "closed");
    if (why) { say($("login-why"), why); $("login-why").className = "bad"; }
    $("token").focus();
  }
  async function open(token) {
    try {
      await ask("/session", { token });
    } catch (error) {
      return knock(error.message);
    }
    $("token").value = "";
    $("login").hidden = true;
    return refresh();
  }

  // --- messages that wait
  function facts(message) {
    const rows = [];
    const acts = message.acts.map((act) => html("div", {}, html("span", { class: "kind" }, act.kind), " " + act.content));
    if (message.acts.length) rows.push(["means", acts]);
    for (const plan of message.plans)
      rows.push([plan.word, [html("span", { class: "whose" }, `${title(plan.power)} ${plan.phase} `), ...orders(plan.orders)]]);
    if (message.source) rows.push(["worded by", [message.source]]);
    return html("dl", {}, ...rows.flatMap(([word, values]) => [html("dt", {}, word), html("dd", {}, ...values)]));
  }
  function orders(texts) {
    if (!texts.length) return ["nothing to order"];
    return texts.flatMap((text, i) => i ? [" ", html("span", { class: "order" }, text)] : [html("span", { class: "order" }, text)]);
  }

  class Card {
    constructor(message) {
      const number = message.number;
      this.message = message;
      this.name = `Message ${number}, ${title(message.power)} to ${title(message.recipient)}`;
      this.mode = "read";
      this.age = html("span", { class: "time" });
      this.late = html("span", { class: "chip late", hidden: "" }, "its phase is over");
      this.text = html("div", { class: "bubble", dir: "auto" }, ...plain(message.text));
      this.words = html("textarea", { id: `words-${number}`, dir: "auto", spellcheck: "true" });
      this.size = html("span", { class: "size" });
      this.reason = html("input", { id: `reason-${number}`, maxlength: "500", autocomplete: "off" });
      this.trouble = html("p", { class: "trouble", role: "alert" });
      this.approve = this.button("Approve", "go", () => this.send("approve", {}));
      this.edit = this.button("Edit", "", () => this.turn("edit"));
      this.reject = this.button("Reject", "no", () => this.turn("reject"));
      this.approveWords = this.button("Approve these words", "go", () => this.send("approve", { text: this.words.value }));
      this.confirm = this.button("Reject it", "no", () => this.send("reject", { reason: this.reason.value.trim() }));
      this.buttons = html("div", { class: "buttons" }, this.approve, this.edit, this.reject);
      this.editing = html("div", { class: "form", hidden: "" },
        html("label", { for: this.words.id }, `Words to ${title(message.recipient)}, in place of the agent's; the bot stands by what it reads in them`), this.words,
        html("div", { class: "buttons" }, this.approveWords, this.button("Cancel", "", () => this.turn("read")), this.size));
      this.rejecting = html("div", { class: "form", hidden: "" },
        html("label", { for: this.reason.id }, "Why not? May stay empty."), this.reason,
        html("div", { class: "buttons" }, this.confirm, this.button("Cancel", "", () => this.turn("read"))));
      this.element = html("article", { class: message.power, tabindex: "0", "aria-label": this.name, "data-number": number },
        html("div", { class: "by" }, badge(message.power), "→", badge(message.recipient), html("b", {}, title(message.recipient)),
          `${phaseName(message.phase)}, no. ${number}`, this.late, this.age),
        this.text, this.editing, facts(message), this.buttons, this.rejecting, this.trouble);
      this.words.addEventListener("input", () => this.count());
      this.element.addEventListener("keydown", (event) => this.key(event));
    }
    button(words, kind, act) {
      const element = html("button", { type: "button", class: kind, "aria-label": `${words}: ${this.name}` }, words);
      element.addEventListener("click", act);
      return element;
    }
    key(event) {
      if (event.key === "Escape" && this.mode !== "read") return this.turn("read");
      if (event.key === "Enter" && event.target === this.reason) return this.confirm.click();
      if (event.key === "Enter" && event.ctrlKey && event.target === this.words) return this.approveWords.click();
      // Single letters only on the card itself: nobody approves by typing.
      if (event.target !== this.element || event.ctrlKey || event.altKey || event.metaKey) return undefined;
      const act = { a: () => this.approve.click(), e: () => this.turn("edit"), r: () => this.turn("reject"),
        j: () => step(this.element, 1), k: () => step(this.element, -1) }[event.key.toLowerCase()];
      if (act) { event.preventDefault(); act(); }
      return undefined;
    }
    turn(mode) {
      if (this.gone) return this.leave();
      this.mode = mode;
      this.text.hidden = mode === "edit";
      this.editing.hidden = mode !== "edit";
      this.rejecting.hidden = mode !== "reject";
      this.buttons.hidden = mode !== "read";
      say(this.trouble, "");
      if (mode === "edit") { this.words.value = this.message.text; this.count(); this.words.focus(); }
      if (mode === "reject") this.reason.focus();
      if (mode === "read") this.element.focus();
      return undefined;
    }
    count() {
      const size = new TextEncoder().encode(this.words.value.trim()).length, longest = this.message.longest_bytes;
      say(this.size, `${size} of ${longest} bytes`);
      this.approveWords.disabled = this.busy || this.gone || size === 0 || size > longest;
    }
    async send(verb, body) {
      if (this.busy || this.gone) return;
      this.wait(true);
      const hadFocus = this.element.contains(document.activeElement);
      const next = hadFocus ? neighbour(this.element, 1) || neighbour(this.element, -1) : null;
      try {
        this.decided = true;
        await decide(`/messages/${this.message.number}/${verb}`, body, `Message ${this.message.number} ${verb === "approve" ? "approved" : "rejected"}`);
        if (hadFocus) (next && next.isConnected ? next : $("waiting")).focus();
      } catch (error) {
        this.decided = false;
        say(this.trouble, error.status === undefined ? "No connection to the desk: nothing was decided." : error.message);
        this.wait(false);
        if (error.status === 401) knock();
        else if (error.status === 404 || error.status === 409) refresh();
      }
    }
    wait(busy) {
      this.busy = busy;
      for (const button of this.element.querySelectorAll("button")) button.disabled = busy;
      if (!busy) this.count();
    }
    // Somebody, or the end of the phase, was faster; what is being written stays to be copied.
    outrun(why) {
      this.gone = true;
      for (const button of [this.approve, this.approveWords, this.confirm]) button.disabled = true;
      say(this.trouble, `This message waits no more${why}. Cancel closes it.`);
    }
    leave() {
      const next = neighbour(this.element, 1) || $("waiting");
      cards.delete(this.message.number);
      this.element.remove();
      show();
      next.focus();
    }
    update(message) {
      this.message = message;
      this.late.hidden = !message.is_of_past_phase;
    }
    tick() { say(this.age, `waits ${span(now() - this.message.meant_s)}`); }
  }
  function neighbour(element, by) {
    const all = [...document.querySelectorAll("article")];
    return all[all.indexOf(element) + by] || null;
  }
  function step(element, by) {
    const other = neighbour(element, by);
    if (other) other.focus();
  }

  function showWaiting() {
    const there = new Map(desk.waiting.map((message) => [message.number, message]));
    const sinceDecided = new Map(desk.decided.map((message) => [message.number, message]));
    for (const [number, card] of cards) {
      if (there.has(number)) continue;
      if (card.mode !== "read" && !card.decided) {
        const fate = sinceDecided.get(number);
        card.outrun(fate ? `: it is ${fate.standing}${fate.reason ? ", " + fate.reason : ""}` : "");
        continue;
      }
      if (card.element.contains(document.activeElement) && !card.decided) step(card.element, 1);
      card.element.remove();
      cards.delete(number);
    }
    for (const message of desk.waiting) {
      const card = cards.get(message.number);
      if (card) { card.update(message); continue; }
      const made = new Card(message);
      cards.set(message.number, made);
      made.update(message);
      gameOf(message.seat).append(made.element);
    }
    for (const group of [...$("waiting").querySelectorAll(".game")]) if (!group.querySelector("article")) group.remove();
    const empty = $("waiting").querySelector(".empty");
    if (!cards.size && !empty) $("waiting").append(html("p", { class: "empty" }, "Nothing waits."));
    if (cards.size && empty) empty.remove();
  }
  function gameOf(seat) {
    const id = `game-${seat}`;
    if ($(id)) return $(id);
    const card = desk.seats.find((one) => one.seat.id === seat);
    const group = html("section", { class: "game", id, "data-seat": seat, "aria-label": `${title(card.seat.power)} in game ${card.seat.game}` },
      html("h3", {}, badge(card.seat.power), html("b", {}, `${title(card.seat.power)} in game ${card.seat.game}`), card.seat.server,
        html("span", { class: "time" })));
    $("waiting").append(group);
    return group;
  }

  // --- the rest, drawn anew where it has changed
  function renew(element, values, children) {
    const key = JSON.stringify(values);
    if (element.dataset.shown === key) return;
    element.dataset.shown = key;
    element.replaceChildren(...children());
  }
  function showDecided() {
    renew($("decided"), desk.decided, () => desk.decided.slice().reverse().map((message) => html("li", {},
      html("span", { class: "chip " + message.standing }, message.standing),
      html("span", {}, badge(message.power), " ", badge(message.recipient)),
      html("span", { class: "said", dir: "auto" }, ...plain(message.text),
        message.text !== message.drafted ? html("span", { class: "why" }, "changed; the agent wrote: ", ...plain(message.drafted)) : null,
        message.reason ? html("span", { class: "why" }, ...plain(message.reason)) : null),
      html("span", { class: "time", "data-ago": message.changed_s }))));
  }
  function showSeats() {
    const told = desk.seats.map(({ seat, pulse, orders, controls }) => [seat, pulse && { ...pulse, at_s: 0 }, orders, controls]);
    renew($("seats"), told, () => desk.seats.map((card) => {
      const { seat, pulse } = card;
      const rows = [];
      if (seat.ended !== null) rows.push(["ended", [seat.ended]]);
      else rows.push(["doing", [pulse ? pulse.doing : "no sign yet", html("span", { class: "silent", "data-silence": seat.id })]]);
      if (pulse) rows.unshift(["phase", [phaseName(pulse.phase)]]);
      if (card.orders) {
        const state = (card.orders.final ? "final" : "not final") + (card.orders.handed_in ? ", handed in" : ", not handed in");
        const rows_ = card.orders.orders.length ? card.orders.orders.map((order) => html("span", { class: "order" }, order)) : ["nothing to order"];
        rows.push(["orders", [...rows_, html("span", { class: "whose" }, state)]]);
      }
      if (card.controls) rows.push(["controls", [...plain(card.controls)]]);
      return html("section", { class: `seat ${seat.power}${seat.ended === null ? "" : " ended"}`, "aria-label": `Seat ${seat.id}` },
        html("h3", {}, badge(seat.power), title(seat.power), html("span", { class: "time", "data-deadline": pulse && pulse.deadline_s !== null ? pulse.deadline_s : "" })),
        html("p", { class: "where" }, `game ${seat.game} on ${seat.server}, seat ${seat.id}, ${seat.agent}`),
        html("dl", {}, ...rows.flatMap(([word, values]) => [html("dt", {}, word), html("dd", {}, ...values)])));
    }));
  }
  function showNotices() {
    const powers = new Map(desk.seats.map((card) => [card.seat.id, title(card.seat.power)]));
    renew($("notices"), desk.notices, () => desk.notices.map((notice) => html("li", {},
      html("span", { class: "time", "data-ago": notice.at_s }), powers.has(notice.seat) ? powers.get(notice.seat) + ": " : "", ...plain(notice.text))));
  }
  function show() {
    $("desk").hidden = false;
    $("banner").hidden = desk.stopped === null;
    $("stop").disabled = desk.stopped !== null;
    showWaiting();
    showDecided();
    showSeats();
    showNotices();
    const waiting = desk.waiting.length, live = desk.seats.filter((card) => card.seat.ended === null).length;
    say($("n-waiting"), waiting ? String(waiting) : "");
    say($("n-decided"), desk.decided.length ? String(desk.decided.length) : "");
    say($("summary"), `${live} ${live === 1 ? "seat" : "seats"}, ${waiting} waiting`);
    document.title = `${desk.stopped ? "■ " : ""}${waiting ? `(${waiting}) ` : ""}Desk · cicero-lite`;
    tick();
  }
  function deadline(element, at_s) {
    const left = at_s - now();
    say(element, left < 0 ? "deadline has passed" : `deadline in ${span(left)}`);
    element.classList.toggle("soon", left < SOON_S);
  }
  function tick() {
    if (desk === null) return;
    for (const card of cards.values()) card.tick();
    for (const element of document.querySelectorAll("[data-ago]")) say(element, `${span(now() - Number(element.dataset.ago))} ago`);
    for (const element of document.querySelectorAll("[data-deadline]"))
      if (element.dataset.deadline === "") say(element, ""); else deadline(element, Number(element.dataset.deadline));
    for (const element of document.querySelectorAll("[data-silence]")) {
      const pulse = desk.seats.find((card) => card.seat.id === Number(element.dataset.silence)).pulse;
      const quiet = pulse ? now() - pulse.at_s : 0;
      say(element, quiet > SILENCE_S ? `, silent for ${span(quiet)}` : "");
    }
    for (const group of document.querySelectorAll(".game")) {
      const pulse = desk.seats.find((card) => card.seat.id === Number(group.dataset.seat)).pulse;
      const time = group.querySelector("h3 .time");
      if (pulse && pulse.deadline_s !== null) deadline(time, pulse.deadline_s); else say(time, "");
    }
    if (desk.stopped) say($("stopped-by"), `By ${desk.stopped.by}, ${span(now() - desk.stopped.at_s)} ago.`);
  }

  // --- the switch
  $("stop").addEventListener("click", async () => {
    try { await decide("/stop", {}, "Everything is stopped"); $("go-on").focus(); } catch (error) { lost(error); }
  });
  $("go-on").addEventListener("click", async () => {
    try { await decide("/go-on", {}, "Everything goes on"); $("stop").focus(); } catch (error) { lost(error); }
  });
  $("login").addEventListener("submit", (event) => { event.preventDefault(); open($("token").value.trim()); });
  setInterval(tick, 1000);

  const token = location.hash.slice(1);
  if (token && !document.getElementById(token)) {
    history.replaceState(null, "", location.pathname);
    open(token);
  } else refresh();
})();
