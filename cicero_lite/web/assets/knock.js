"use strict";
// Shows the token at the door: that of the address, or the one that is typed. Then the page itself is asked for.
(() => {
  const trouble = document.getElementById("trouble");
  async function open(token) {
    const asks = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }), credentials: "same-origin" };
    const answer = await fetch("/session", asks).catch(() => null);
    if (answer && answer.ok) location.reload();
    else trouble.textContent = answer ? (await answer.json()).error : "no connection";
  }
  document.getElementById("login").addEventListener("submit", (event) => {
    event.preventDefault();
    open(document.getElementById("token").value.trim());
  });
  const token = location.hash.slice(1);
  if (token) {
    history.replaceState(null, "", location.pathname);
    open(token);
  }
})();
