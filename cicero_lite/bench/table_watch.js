// Notes what happens in a page of the table, and when: clicks and keys, what is shown, bells, requests, blocked time.
// Times are milliseconds since 1970, on one clock for all tabs of a machine.
(() => {
  const notes = [], waits = [], shown = { orders: {}, messages: new Set(), phase: "", link: "", thinks: "" };
  const at = (time = performance.now()) => performance.timeOrigin + time;
  function note(what, time, values = {}) {
    notes.push({ what, at: time, ...values });
    for (const wait of waits.filter((w) => w.what === what && w.value === values.value)) {
      waits.splice(waits.indexOf(wait), 1);
      wait.done(true);
    }
  }
  // The frame that shows a change is over when a task that was asked for in it runs.
  const painted = (then) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => then(at());
    port2.postMessage(null);
  });
  const text = (id) => document.getElementById(id)?.textContent ?? "";

  function look() {
    const found = [];
    for (const select of document.querySelectorAll("#orders select[data-unit]")) {
      if (shown.orders[select.dataset.unit] === select.value) continue;
      shown.orders[select.dataset.unit] = select.value;
      found.push(["order", select.value]);
    }
    for (const message of document.querySelectorAll("#thread .message:not(.waits)")) {
      const key = `${message.className} ${message.dataset.number}`;
      if (shown.messages.has(key)) continue;
      shown.messages.add(key);
      found.push([message.classList.contains("mine") ? "message" : "heard", message.querySelector(".bubble").textContent]);
    }
    const thinks = document.querySelector("#standing .thinks")?.className ?? "";
    for (const [what, value] of [["phase", text("phase")], ["link", text("link")], ["thinks", thinks]]) {
      if (shown[what] === value) continue;
      shown[what] = value;
      found.push([what, value]);
    }
    if (found.length) painted((time) => { for (const [what, value] of found) note(what, time, { value }); });
  }
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class"] });

  for (const kind of ["click", "keydown"]) addEventListener(kind, (event) => note(kind, at(event.timeStamp), { value: event.key }), true);
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      for (const kind of ["open", "message", "close"]) this.addEventListener(kind, () => note(`bell ${kind}`, at()));
    }
  };
  const observe = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe("longtask", (entry) => note("blocked", at(entry.startTime), { ms: entry.duration }));
  observe("resource", (entry) => note("request", at(entry.startTime), {
    value: new URL(entry.name).pathname.split("/").at(-1), ms: entry.duration, served: entry.responseStart - entry.requestStart, sent: at(entry.requestStart), bytes: entry.encodedBodySize,
  }));

  window.tableWatch = {
    awaited: {},
    taken: () => notes.splice(0),
    // Whether this is shown within so many milliseconds from now.
    shows: (what, value, ms) => new Promise((done) => { waits.push({ what, value, done }); setTimeout(() => done(false), ms); }),
    // Where an element can be clicked, in pixels; null: something lies over all of it.
    spot: (element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      for (let step = 0; step < 400; step++) {
        // Golden angles from the middle outwards.
        const out = Math.sqrt(step / 400) / 2, turn = 2.39996 * step, px = x + width * (0.5 + out * Math.cos(turn)), py = y + height * (0.5 + out * Math.sin(turn));
        const hit = document.elementFromPoint(px, py);
        if (hit && (hit === element || element.contains(hit))) return [px, py];
      }
      return null;
    },
  };
})();
