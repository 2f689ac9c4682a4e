// The phone: one customer's texts and chats with one of our numbers.

import {
  Inbox, attachments, byId, clock, day, drawPeers, el, fate, server, submit, uploads,
} from "./parts.js";

const customer = byId("phone-customer");
const business = byId("phone-business");
const reply = byId("phone-reply");
const picked = byId("phone-file");
const form = byId("phone-form");
const thread = byId("phone-thread");
const opened = new Set(); // the chats whose opening has been told
let typed = false; // the number to write to was typed by hand

const apps = {
  sms: { name: "Texts", hint: "Text message", longest: 1600 },
  whatsapp: { name: "WhatsApp", hint: "Message", longest: 4096 },
};

/** The phone has two apps, of which one is in front. Whoever holds it is the same person in both. */
class Phone {
  constructor(remember) {
    this.remember = remember;
    this.inboxes = Object.keys(apps).map((channel) => new Inbox(channel, () => this.show()));
    [this.front] = this.inboxes;
  }

  get customer() { return this.front.customer; }
  get chosen() { return this.front.chosen; }

  async become(number) {
    await Promise.all(this.inboxes.map((inbox) => inbox.become(number)));
  }

  async choose(number) {
    typed = false;
    business.value = "";
    await this.become(number);
    this.remember();
  }

  async open(channel) {
    const held = this.customer;
    this.front = this.inboxes.find((inbox) => inbox.channel === channel);
    typed = false;
    business.value = "";
    if (held && held !== this.customer) await this.front.become(held, this.inboxes.some((inbox) => inbox.chosen));
    this.show();
  }

  async meet(peers) { await Promise.all(this.inboxes.map((inbox) => inbox.meet(peers))); }
  async reload() { await Promise.all(this.inboxes.map((inbox) => inbox.reload())); }
  reset() { for (const inbox of this.inboxes) inbox.reset(); }

  take(item) {
    for (const inbox of this.inboxes) inbox.take(item);
    if (item.channel !== this.front.channel && !item.written) byId(`phone-${item.channel}`)?.classList.add("unread");
  }

  show() { draw(this); }
}

export function makePhone(remember) {
  const phone = new Phone(remember);
  customer.addEventListener("change", () => phone.choose(customer.value));
  business.addEventListener("input", () => { typed = business.value !== ""; });
  business.addEventListener("change", () => phone.show());
  for (const channel of Object.keys(apps)) {
    byId(`phone-${channel}`).addEventListener("click", () => phone.open(channel));
  }
  document.addEventListener("visibilitychange", () => phone.show());
  reply.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    write(phone);
  });
  for (const button of form.querySelectorAll("[data-quick]")) {
    button.addEventListener("click", () => send(phone, { body: button.dataset.quick }));
  }
  return phone;
}

/** Sends what is written and picked. Whatever comes into the fields while it is on its way is the next message. */
async function write(phone) {
  const body = reply.value;
  const files = picked.files;
  const attachments = uploads(picked);
  reply.value = "";
  picked.value = "";
  const sent = await send(phone, { body, attachments });
  if (!sent && !reply.value) reply.value = body;
  if (!sent && !picked.files.length) picked.files = files;
  reply.focus();
}

async function send(phone, { attachments = [], ...draft }) {
  let sent = false;
  await submit(form, byId("phone-error"), async () => {
    draft.attachments = await attachments;
    if (!draft.body?.trim() && !draft.attachments.length && !draft.button) throw new Error("The text is empty.");
    if (customer.value.trim() !== phone.customer) await phone.become(customer.value);
    const inbox = phone.front;
    inbox.take(await server.write({ channel: inbox.channel, from: inbox.customer, to: business.value.trim(), ...draft }));
    sent = true;
  });
  return sent;
}

function draw(phone) {
  const inbox = phone.front;
  const app = apps[inbox.channel];
  drawPeers(inbox, {
    recent: byId("phone-recent"), customers: byId("phone-customers"), businesses: byId("phone-businesses"),
    choose: (number) => phone.choose(number),
  });
  for (const channel of Object.keys(apps)) {
    byId(`phone-${channel}`).setAttribute("aria-pressed", String(channel === inbox.channel));
  }
  byId(`phone-${inbox.channel}`).classList.remove("unread");
  thread.setAttribute("aria-label", app.name);
  reply.placeholder = app.hint;
  reply.maxLength = app.longest;
  if (document.activeElement !== customer) customer.value = inbox.customer;
  const all = inbox.sorted;
  if (!typed) business.value = all.at(-1)?.business ?? inbox.businesses[0] ?? "";
  drawThread(phone, all.filter((item) => !business.value || item.business === business.value.trim()));
}

function drawThread(phone, items) {
  const rows = [];
  let last = "";
  for (const item of items.slice(-300)) {
    if (day(item.at) !== last) rows.push(el("p", { class: "day" }, (last = day(item.at))));
    rows.push(bubble(phone, item));
    tellOpened(item);
  }
  if (rows.length === 0) rows.push(el("p", { class: "empty" }, invitation(phone.front)));
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  thread.replaceChildren(...rows);
  if (atEnd) thread.scrollTop = thread.scrollHeight;
}

/** A chat that is on the screen has been read, and its sender is told so. */
function tellOpened(item) {
  if (item.channel !== "whatsapp" || item.written || item.isRead || document.hidden || opened.has(item.id)) return;
  opened.add(item.id);
  server.act(item, "open").catch(() => opened.delete(item.id));
}

function invitation(inbox) {
  const { name } = apps[inbox.channel];
  if (!inbox.customer) return `${name}: nothing yet. Send something from the app to any number, and it arrives here.`;
  return `Nothing between ${inbox.customer} and ${business.value || "the app"} yet. Write first, or send from the app.`;
}

function bubble(phone, item) {
  const state = fate(item);
  const meta = el("span", { class: "meta" }, el("time", { datetime: item.at }, clock(item.at)), state ? " · " : "",
    state ? el("span", { class: item.state, title: item.detail ?? "" }, state + (item.detail ? `: ${item.detail}` : "")) : "",
    item.isRead ? el("span", { class: "read" }, " ✓✓ Read") : "");
  return el("div", { class: item.written ? "text written" : "text" },
    quoted(phone.front, item), ...files(item), item.body ? el("div", { class: "bubble" }, item.body) : "",
    buttons(phone, item), meta);
}

/** What a chat answers, where it says so. */
function quoted(inbox, item) {
  const original = item.inReplyTo && item.channel === "whatsapp" ? inbox.items.get(item.inReplyTo) : undefined;
  return original ? el("blockquote", { class: "quote" }, original.body || "A file") : "";
}

/** Pictures are shown, other files can be downloaded; what was not fetched is named by its address. */
function files(item) {
  const pictures = (item.attachments ?? []).filter((file) => file.contentType.startsWith("image/"));
  const others = (item.attachments ?? []).filter((file) => !pictures.includes(file));
  return [
    ...pictures.map((file) => el("img", { class: "picture", src: file.url, alt: file.filename })),
    others.length ? attachments({ attachments: others }) : "",
    item.media && !item.attachments?.length ? el("div", { class: "bubble" }, `Picture: ${item.media}`) : "",
  ];
}

function buttons(phone, item) {
  if (item.written || !item.buttons?.length) return "";
  return el("div", { class: "quick", role: "group", "aria-label": "Buttons of the message" }, ...item.buttons.map((text) => el("button", {
    type: "button", onclick: () => send(phone, { to: item.business, inReplyTo: item.id, button: text }),
  }, text)));
}
