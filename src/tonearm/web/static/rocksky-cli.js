// Hands the token of the login that was just finished to Rocksky's command line, which waits on this computer.
"use strict";

const button = document.getElementById("hand-over");
const outcome = document.getElementById("outcome");

async function handOver() {
  button.disabled = true;
  outcome.textContent = "One moment…";
  try {
    const answer = await fetch("/token", { headers: { "session-did": button.dataset.did } });
    const given = await answer.json();
    if (!answer.ok) {
      outcome.textContent = given.message;
      return;
    }
    const taken = await fetch("http://localhost:6996/token", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token: given.token }),
    });
    if (!taken.ok) throw new Error("refused");
    outcome.textContent = "The command line is logged in. You can close this page.";
    button.hidden = true;
  } catch {
    outcome.textContent =
      "Nobody takes the token on this computer. Type “rocksky login” again, and leave it running until this page is done.";
  }
}

button.hidden = false;
button.addEventListener("click", handOver);
