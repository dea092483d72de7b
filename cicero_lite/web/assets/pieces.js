"use strict";
// What the pages of the tables share. Everything that people wrote is put in as text, never as markup.
const $ = (id) => document.getElementById(id);
const titled = (name) => name === "GLOBAL" ? "Everybody" : name.charAt(0) + name.slice(1).toLowerCase();

function html(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
function button(words, act, attributes) {
  const made = html("button", { type: "button", ...attributes }, words);
  made.addEventListener("click", act);
  return made;
}
function badge(power, short) {
  return html("span", { class: "badge " + (power === "GLOBAL" ? "all" : power), "aria-hidden": "true" }, power === "GLOBAL" ? "all" : short || power.slice(0, 2));
}
const SHORT = { AUSTRIA: "AU", ENGLAND: "EN", FRANCE: "FR", GERMANY: "GE", ITALY: "IT", RUSSIA: "RU", TURKEY: "TU" };

class Refused extends Error {
  constructor(status, line) { super(line); this.status = status; }
}
async function ask(address, body) {
  const options = body === undefined ? {} : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(address, options);
  if (answer.status === 204) return null;
  const values = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
  if (!answer.ok) throw new Refused(answer.status, values.error);
  return values;
}
// The token comes in the fragment of the link and becomes a cookie; the address keeps it, so that the link can be kept.
async function enter(session) {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token) await ask(session, { token });
}
// What can be chosen in a list: pairs of value and words.
function choices(select, values, chosen) {
  select.replaceChildren(...values.map(([value, words]) => html("option", { value, selected: value === chosen }, words)));
}
function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}
