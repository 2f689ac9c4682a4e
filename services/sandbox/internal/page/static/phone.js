// The phone: one customer's texts with one of our numbers.

import { Inbox, byId, clock, day, drawPeers, el, fate, server, submit } from "./parts.js";

const customer = byId("phone-customer");
const business = byId("phone-business");
const reply = byId("phone-reply");
const form = byId("phone-form");
const thread = byId("phone-thread");
let typed = false; // the number to write to was typed by hand

export function makePhone(remember) {
  const inbox = new Inbox("sms", draw);
  const choose = (number) => {
    typed = false;
    business.value = "";
    return inbox.become(number).then(remember);
  };
  inbox.choose = choose;
  customer.addEventListener("change", () => choose(customer.value));
  business.addEventListener("input", () => { typed = business.value !== ""; });
  business.addEventListener("change", () => draw(inbox));
  reply.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(inbox, reply.value).then((sent) => { if (sent) reply.value = ""; reply.focus(); });
  });
  for (const button of form.querySelectorAll("[data-quick]")) {
    button.addEventListener("click", () => send(inbox, button.dataset.quick));
  }
  return inbox;
}

async function send(inbox, body) {
  let sent = false;
  await submit(form, byId("phone-error"), async () => {
    if (!body.trim()) throw new Error("The text is empty.");
    if (customer.value.trim() !== inbox.customer) await inbox.become(customer.value);
    inbox.take(await server.write({ channel: "sms", from: inbox.customer, to: business.value.trim(), body }));
    sent = true;
  });
  return sent;
}

function draw(inbox) {
  drawPeers(inbox, {
    recent: byId("phone-recent"), customers: byId("phone-customers"), businesses: byId("phone-businesses"),
    choose: inbox.choose,
  });
  if (document.activeElement !== customer) customer.value = inbox.customer;
  const all = inbox.sorted;
  if (!typed) business.value = all.at(-1)?.business ?? inbox.businesses[0] ?? "";
  drawThread(inbox, all.filter((item) => !business.value || item.business === business.value.trim()));
}

function drawThread(inbox, texts) {
  const rows = [];
  let last = "";
  for (const item of texts.slice(-300)) {
    if (day(item.at) !== last) rows.push(el("p", { class: "day" }, (last = day(item.at))));
    rows.push(bubble(item));
  }
  if (rows.length === 0) rows.push(el("p", { class: "empty" }, invitation(inbox)));
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  thread.replaceChildren(...rows);
  if (atEnd) thread.scrollTop = thread.scrollHeight;
}

function invitation(inbox) {
  if (!inbox.customer) return "No texts yet. Send one from the app to any number, and it rings here.";
  return `Nothing between ${inbox.customer} and ${business.value || "the app"} yet. Write first, or send from the app.`;
}

function bubble(item) {
  const state = fate(item);
  const meta = el("span", { class: "meta" }, el("time", { datetime: item.at }, clock(item.at)), state ? " · " : "",
    state ? el("span", { class: item.state, title: item.detail ?? "" }, state + (item.detail ? `: ${item.detail}` : "")) : "");
  return el("div", { class: item.written ? "text written" : "text" },
    el("div", { class: "bubble" }, item.body || (item.media ? `Picture: ${item.media}` : "")), meta);
}
