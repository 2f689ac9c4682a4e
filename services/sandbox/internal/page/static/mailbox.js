// The mailbox: one customer's mails.

import {
  Inbox, attachments, byId, clock, day, drawPeers, el, fate, nameOf, server, submit, uploads,
} from "./parts.js";

const customer = byId("mail-customer");
const list = byId("mail-list");
const open = byId("mail-open");
const empty = byId("mail-empty");
const reply = byId("mail-reply");
const replyForm = byId("mail-reply-form");
const newForm = byId("mail-new-form");

let selected = ""; // the id of the open mail; empty: the newest
let drawn = ""; // what is on the page, so that a frame is not loaded twice
let writing = false;

export function makeMailbox(remember) {
  const inbox = new Inbox("email", draw);
  inbox.choose = (address) => {
    selected = "";
    writing = false;
    return inbox.become(address).then(remember);
  };
  customer.addEventListener("change", () => inbox.choose(customer.value));
  const write = (on) => () => {
    writing = on;
    byId("mail-to").value ||= inbox.businesses[0] ?? "";
    draw(inbox);
    if (on) byId(inbox.customer ? "mail-to" : "mail-customer").focus();
  };
  byId("mail-new").addEventListener("click", write(true));
  byId("mail-cancel").addEventListener("click", write(false));
  // Whoever has begun to answer a mail keeps it open when another arrives.
  reply.addEventListener("input", () => { selected = reply.value ? current(inbox)?.id ?? "" : selected; });
  replyForm.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(inbox);
  });
  byId("mail-away").addEventListener("click", () => answer(inbox, true));
  newForm.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(inbox);
  });
  return inbox;
}

function current(inbox) {
  return inbox.items.get(selected) ?? inbox.sorted.at(-1);
}

/** Answers the open mail; automatic is the answer of a program, which has its own words. */
function answer(inbox, automatic = false) {
  return submit(replyForm, byId("mail-reply-error"), async () => {
    const original = current(inbox);
    const draft = { channel: "email", from: inbox.customer, to: original.to };
    if (original.written) draft.subject = original.subject;
    else draft.inReplyTo = original.id;
    if (automatic) draft.automatic = true;
    else Object.assign(draft, {
      body: reply.value, quote: byId("mail-quote").checked, attachments: await uploads(byId("mail-files")),
    });
    const sent = await server.write(draft);
    if (!automatic) {
      reply.value = "";
      byId("mail-files").value = "";
    }
    selected = "";
    inbox.take(sent);
  });
}

function begin(inbox) {
  return submit(newForm, byId("mail-new-error"), async () => {
    if (customer.value.trim().toLowerCase() !== inbox.customer) await inbox.become(customer.value);
    const sent = await server.write({
      channel: "email", from: inbox.customer, to: byId("mail-to").value,
      cc: byId("mail-cc").value.split(",").map((address) => address.trim()).filter(Boolean),
      subject: byId("mail-subject").value, body: byId("mail-body").value, attachments: await uploads(byId("mail-new-files")),
    });
    for (const id of ["mail-cc", "mail-subject", "mail-body", "mail-new-files"]) byId(id).value = "";
    writing = false;
    selected = "";
    inbox.take(sent);
  });
}

function draw(inbox) {
  drawPeers(inbox, {
    recent: byId("mail-recent"), customers: byId("mail-customers"), businesses: byId("mail-businesses"),
    choose: inbox.choose,
  });
  if (document.activeElement !== customer) customer.value = inbox.customer;
  const mail = current(inbox);
  list.replaceChildren(...inbox.sorted.slice(-300).reverse().map((item) => row(inbox, item, item === mail && !writing)));
  newForm.hidden = !writing;
  open.hidden = replyForm.hidden = writing || !mail;
  empty.hidden = writing || Boolean(mail);
  empty.textContent = inbox.customer
    ? `No mails of ${inbox.customer} yet. Send one from the app, or write a new one.`
    : "No mails yet. Send one from the app to any address, and it arrives here.";
  if (!mail) { drawn = ""; open.replaceChildren(); return; }
  const now = `${mail.id} ${mail.state ?? ""}`;
  if (now !== drawn) show(mail);
  drawn = now;
}

function row(inbox, item, isOpen) {
  const choose = () => {
    selected = item.id;
    writing = false;
    draw(inbox);
  };
  return el("li", {}, el("button", { type: "button", "aria-current": isOpen ? "true" : undefined, onclick: choose },
    el("span", { class: "who" }, item.written ? "You" : nameOf(item.from)),
    el("time", { class: "when", datetime: item.at }, day(item.at) === "Today" ? clock(item.at) : day(item.at)),
    el("span", { class: "subject" }, item.subject || "(no subject)"),
    el("span", { class: "snippet" }, item.body.slice(0, 120))));
}

function show(mail) {
  const facts = [`From ${mail.from}`, `To ${mail.to}`, `${day(mail.at)}, ${clock(mail.at)}`];
  if (mail.cc) facts.push(`Cc ${mail.cc}`);
  if (mail.automatic) facts.push("Written by a program");
  if (mail.replyTo) facts.push(`Answers go to ${mail.replyTo}`);
  const state = fate(mail);
  if (state) facts.push(state + (mail.detail ? `: ${mail.detail}` : ""));
  open.replaceChildren(
    el("header", {}, el("h3", {}, mail.subject || "(no subject)"), ...facts.map((fact) => el("p", { class: "fact" }, fact))),
    attachments(mail),
    mail.html && !mail.written ? frame(mail) : el("div", { class: "plain" }, mail.body),
    mail.written ? "" : actions(mail));
}

const deeds = {
  open: ["Open", "Told the app that the mail was opened."], click: ["Follow a link", "Told the app that a link was followed."],
  unsubscribe: ["Unsubscribe", "The provider holds further mails back."],
  complain: ["Report as spam", "Told the app; the provider holds further mails back."],
  bounce: ["Bounce late", "Told the app that the mail came back after all."],
};

/** What the owner of the mailbox, or its server, does to the mail. */
function actions(mail) {
  const told = el("span", { role: "status" });
  const button = (action) => el("button", { type: "button", onclick: async () => {
    told.textContent = await server.act(mail, action).then(() => deeds[action][1], (problem) => problem.message);
  } }, deeds[action][0]);
  return el("div", { class: "actions", role: "group", "aria-label": "What becomes of the mail" }, ...Object.keys(deeds).map(button), told);
}

/** The HTML of a mail, in a frame that may not run anything. */
function frame(mail) {
  const made = el("iframe", {
    src: `/api/messages/${encodeURIComponent(mail.id)}/html`, sandbox: "allow-same-origin", title: "Content of the mail",
    referrerpolicy: "no-referrer",
  });
  made.addEventListener("load", () => {
    const height = made.contentDocument?.documentElement.scrollHeight ?? 0;
    made.style.height = `${Math.min(Math.max(height, 120), 2000)}px`;
  });
  return made;
}
