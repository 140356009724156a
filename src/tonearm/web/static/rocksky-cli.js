// Hands the token of the login that was just finished to Rocksky's command line, which waits on this computer.
"use strict";

const button = document.getElementById("hand-over");
const outcome = document.getElementById("outcome");

const program = "http://localhost:6996/";

// The token is given once, so it is asked for only when somebody is there to take it.
async function handOver() {
  await fetch(program, { mode: "no-cors" });
  const answer = await fetch("/token", { headers: { "session-did": button.dataset.did } });
  const given = await answer.json();
  if (!answer.ok) return given.message;
  const taken = await fetch(program + "token", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token: given.token }),
  });
  if (!taken.ok) throw new Error("refused");
  button.hidden = true;
  return "The command line is logged in. You can close this page.";
}

async function clicked() {
  button.disabled = true;
  outcome.textContent = "One moment…";
  try {
    outcome.textContent = await handOver();
  } catch {
    outcome.textContent = "Nobody takes the token on this computer. Type “rocksky login” again, and leave it running.";
  }
  button.disabled = false;
}

button.hidden = false;
button.addEventListener("click", clicked);
