// The phones that are in use: whoever is called, and whoever calls, agent or customer, is played here.

import { byId, clock, el, server, submit } from "./parts.js";

const panel = byId("lines");
const cards = new Map(); // by the id of the leg
const recent = 6; // calls that have ended and are still shown, for so long:
const remembered = 3 * 60_000;
const words = {
  queued: "Waits for its turn", initiated: "Dialling …", ringing: "Rings", in_progress: "Connected", completed: "Ended",
  busy: "Declined", no_answer: "Not answered", failed: "Not connected", canceled: "Given up",
};
const live = (call) => ["queued", "initiated", "ringing", "in_progress"].includes(call.state);

/** Draws every phone in use, and lets the customer of the phone call. */
export function makeCalls(customer, business) {
  const calls = { reload: draw };
  const form = byId("phone-form");
  byId("phone-call").addEventListener("click", () => {
    submit(form, byId("phone-error"), async () => {
      await server.dial(customer.value.trim(), business.value.trim());
      await draw();
    });
  });
  setInterval(tick, 1000);
  return calls;
}

let asked = 0;
async function draw() {
  const turn = ++asked;
  const all = (await server.phones()).reverse();
  if (turn !== asked) return; // a later answer has overtaken this one
  const lately = (call) => !live(call) && Date.now() - new Date(call.endedAt) < remembered;
  const shown = [...all.filter(live), ...all.filter(lately).slice(0, recent)];
  const kept = new Set(shown.map((call) => call.id));
  for (const [id, card] of cards) {
    if (!kept.has(id)) { card.root.remove(); cards.delete(id); }
  }
  for (const call of shown) {
    if (!cards.has(call.id)) cards.set(call.id, makeCard(call.id));
    fill(cards.get(call.id), call);
  }
  place(shown.map((call) => cards.get(call.id).root));
  panel.hidden = shown.length === 0;
}

/** Brings the cards into their order and moves none that is in its place: whoever types there keeps typing. */
function place(roots) {
  const holder = byId("lines-cards");
  const wanted = new Set(roots);
  for (const root of [...holder.children]) if (!wanted.has(root)) root.remove();
  const typing = roots.find((root) => root.contains(document.activeElement));
  roots.forEach((root, at) => {
    if (holder.children[at] === root) return;
    if (root !== typing) holder.insertBefore(root, holder.children[at] ?? null);
    else while (holder.children[at] !== root) holder.append(holder.children[at]);
  });
}

function makeCard(id) {
  const card = { heard: [] };
  card.title = el("h3");
  card.state = el("p", { class: "state", role: "status" });
  card.log = el("ul", { class: "heard", "aria-label": "Said in this call" });
  card.error = el("p", { class: "error", role: "alert" });
  card.audio = el("audio", { controls: true, preload: "none" });
  const press = (button) => async () => {
    card.error.textContent = "";
    try { await server.press(id, button); } catch (problem) { card.error.textContent = problem.message; }
    await draw().catch(() => {});
  };
  card.answer = el("button", { type: "button", class: "answer", onclick: press("answer") }, "Answer");
  card.decline = el("button", { type: "button", onclick: press("decline") }, "Decline");
  card.end = el("button", { type: "button", class: "end", onclick: press("hang-up") }, "Hang up");
  card.text = el("input", { "aria-label": "Say", placeholder: "Say something", maxlength: "2000", autocomplete: "off" });
  card.say = el("form", { class: "write", novalidate: true }, card.text, el("button", { type: "submit" }, "Say"));
  card.say.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(card.say, card.error, async () => {
      if (!card.text.value.trim()) return;
      await server.press(id, "speak", { text: card.text.value });
      card.text.value = "";
    });
  });
  card.root = el("article", { class: "line" }, card.title, card.state, card.log,
    el("div", { class: "row" }, card.answer, card.decline, card.end), card.say, card.audio, card.error);
  return card;
}

function fill(card, call) {
  card.call = call;
  const caller = call.direction === "inbound";
  const title = caller ? `${call.phone} calls ${call.to}` : `${call.phone} is called by ${call.from}`;
  if (card.title.textContent !== title) card.title.textContent = title;
  card.root.setAttribute("aria-label", title);
  card.root.className = `line ${call.state}`;
  const ringing = call.state === "ringing" && !caller;
  card.answer.hidden = card.decline.hidden = !ringing;
  card.end.hidden = !(call.state === "in_progress" || (caller && live(call)));
  card.say.hidden = call.state !== "in_progress";
  card.audio.hidden = !call.recordingUrl;
  if (call.recordingUrl && card.audio.getAttribute("src") !== call.recordingUrl) card.audio.src = call.recordingUrl;
  const heard = [...call.said.map((text) => ["hears", text]), ...call.spoken.map((text) => ["says", text])];
  if (heard.length !== card.heard.length) {
    card.heard = heard;
    card.log.replaceChildren(...heard.slice(-8).map(([kind, text]) => el("li", { class: kind }, `${kind === "says" ? "Says" : "Hears"}: ${text}`)));
  }
  showState(card);
}

function showState(card) {
  const call = card.call;
  let text = words[call.state] ?? call.state;
  if (call.state === "ringing" && call.direction === "inbound") text = "Hears it ring";
  if (call.state === "in_progress") text += ` ${length(Date.now() - new Date(call.answeredAt))}`;
  if (call.endedAt) {
    text += ` at ${clock(call.endedAt)}`;
    if (call.answeredAt) text += `, ${length(new Date(call.endedAt) - new Date(call.answeredAt))}`;
  }
  if (card.state.textContent !== text) card.state.textContent = text;
}

function tick() {
  if ([...cards.values()].some((card) => card.call.endedAt && Date.now() - new Date(card.call.endedAt) > remembered)) draw().catch(() => {});
  for (const card of cards.values()) if (card.call?.state === "in_progress") showState(card);
}

function length(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
