"use strict";
// What the replay and the table draw alike on the map. Words are put in as text, never as markup.
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(document.getElementById("map").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== null) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
// The shape of each kind of unit, from its markup, which is ours.
function shapesOf(texts) {
  const parser = new DOMParser(), space = document.getElementById("map").namespaceURI;
  return Object.fromEntries(Object.entries(texts).map(([kind, text]) =>
    [kind, parser.parseFromString(`<svg xmlns="${space}">${text}</svg>`, "image/svg+xml").documentElement.firstElementChild]));
}
// A unit: its caller says where it stands.
function unitSign(kind, shape, letters, power, place, extra, attributes) {
  const word = kind === "A" ? "army" : "fleet";
  const called = power.charAt(0) + power.slice(1).toLowerCase();
  const group = svg("g", { class: `token ${word} ${power}${extra ? " " + extra : ""}`, ...attributes },
    svg("title", {}, `${called}: ${word} ${place}${extra ? ", " + extra : ""}`));
  if (extra === "dislodged") group.append(svg("circle", { class: "alarm", r: 16 }));
  group.append(document.importNode(shape, true), svg("text", { y: kind === "A" ? 3.4 : 6 }, letters));
  return group;
}
// An order and what became of it; `token` draws the unit that an order is about where none stands.
function orderMark([kind, power, line, head, cross, failed, words, ghost], name, token, extra) {
  const group = svg("g", { class: `mark ${kind}${failed ? " failed" : ""}${extra ? " " + extra : ""} ${name}` }, svg("title", {}, words));
  if (ghost) group.append(token(power, ghost[0], "", ghost[1], ghost[2], "ghost"));
  if (line) group.append(svg("path", { class: "casing", d: line }), svg("path", { class: "line", d: line }));
  if (head) group.append(svg("path", { class: "head", d: head }));
  if (cross) {
    const d = `M${cross[0] - 5} ${cross[1] - 5}l10 10m0 -10l-10 10`;
    group.append(svg("path", { class: "cross-casing", d }), svg("path", { class: "cross", d }));
  }
  return group;
}
