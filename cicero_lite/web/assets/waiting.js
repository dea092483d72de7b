// A question to an agent may have to wait: for those of others, and for the agents at play. Tells so until it is answered.
function whileWaiting(answer, address, tell) {
  let isDone = false;
  const done = () => { isDone = true; };
  answer.then(done, done);
  const look = async () => {
    const standing = await fetch(address, { cache: "no-store" }).then((found) => found.ok ? found.json() : null).catch(() => null);
    if (isDone) return;
    if (standing) tell(!standing.waits ? "It thinks …" : standing.ahead ? `Waiting: ${standing.ahead} ${standing.ahead === 1 ? "question comes" : "questions come"} first …` : "Waiting: the agents at play think first …");
    setTimeout(look, 1000);
  };
  setTimeout(look, 300);
  return answer;
}
