"use strict";
const BUSY = "The server is busy. Please try again later.";
const log = document.getElementById("log");
const trouble = document.getElementById("trouble");
const failed = new Set();

function say(kind, text) {
  const block = document.createElement("div");
  block.className = kind;
  block.textContent = text;
  log.append(block);
  return block;
}

function report(what) {
  failed.add(what);
  trouble.textContent = "Failed: " + [...failed].join("; ");
}

async function session() {
  try {
    const answer = await fetch("/api/v0/users/current");
    await answer.text();
    if (!answer.ok) report("session check (HTTP " + answer.status + ")");
  } catch (error) {
    report("session check (stopped before it was sent)");
  }
}

async function poll() {
  try {
    await (await window.dsAnalytics.report("view")).text();
  } catch (error) {
    report("analytics (stopped before it was sent)");
  }
}

function piece(line) {
  if (!line.startsWith("data:")) return "";
  const data = line.slice(5).trim();
  if (!data || data === "[DONE]") return "";
  const choice = (JSON.parse(data).choices || [])[0];
  if (choice && choice.finish_reason === "insufficient_system_resource") throw new Error("resource");
  return (choice && choice.delta.content) || "";
}

async function stream(answer, block) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) block.textContent += piece(line);
  }
}

async function send(prompt) {
  say("question", prompt);
  const block = say("answer", "");
  try {
    const ticket = window.dsAnalytics ? window.dsAnalytics.ticket() : "";
    const answer = await fetch("/api/v0/chat/completion", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Ticket": ticket },
      body: JSON.stringify({ prompt, model: "deepseek-flash", stream: true }),
    });
    if (!answer.ok) report("question (HTTP " + answer.status + ")");
    const kind = answer.headers.get("content-type") || "";
    if (answer.ok && kind.startsWith("text/event-stream")) {
      await stream(answer, block);
    } else {
      await answer.text();
    }
    if (!block.textContent) throw new Error("no answer");
  } catch (error) {
    block.classList.add("busy");
    block.textContent = BUSY;
    if (error instanceof TypeError) report("question (stopped before it was sent)");
  }
  block.dataset.done = "yes";
}

document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const box = document.getElementById("prompt");
  if (!box.value.trim()) return;
  send(box.value.trim());
  box.value = "";
});

session();
if (window.dsAnalytics) {
  poll();
  setInterval(poll, 5000);
} else {
  report("analytics script (not loaded)");
}
document.body.dataset.ready = "yes";
