// What the phone and the mailbox share: elements, times and the one place that talks to the server.

export const byId = (id) => document.getElementById(id);

/** Makes an element. Text goes in as text: nothing that arrives is ever read as HTML. */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== ""));
  return made;
}

export const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

export function day(at) {
  const date = new Date(at);
  if (date.toDateString() === new Date().toDateString()) return "Today";
  return date.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" });
}

/** The name of a mail address, else the address. */
export const nameOf = (address) => address.match(/^\s*"?([^"<]+?)"?\s*<.+>$/)?.[1] ?? address;

export class Refusal extends Error {
  constructor(status, problem) {
    super(problem?.detail || `The sandbox answered ${status}.`);
    this.field = problem?.field;
  }
}

async function call(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch(() => {
    throw new Error("The sandbox does not answer. Is it running?");
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(response.status, answer);
  return answer;
}

export const server = {
  peers: async () => (await call("GET", "/api/peers")).items,
  /** All that a customer received and wrote, the oldest first. */
  async messages(customer) {
    const address = encodeURIComponent(customer);
    const [received, written] = await Promise.all([
      call("GET", `/api/messages?to=${address}`), call("GET", `/api/outgoing?from=${address}`),
    ]);
    return [...received.items, ...written.items];
  },
  write: (draft) => call("POST", "/api/messages", draft),
  /** What the owner of a message does to it: open, click, complain, unsubscribe, bounce. */
  act: (item, action) => call("POST", `/api/messages/${encodeURIComponent(item.id)}/actions/${action}`, {}),
  /** The phones in use and lately used, the oldest first. */
  phones: async () => (await call("GET", "/api/calls?limit=60")).items,
  dial: (from, to) => call("POST", "/api/calls", { channel: "call", from, to }),
  press: (id, button, body = {}) => call("POST", `/api/calls/${encodeURIComponent(id)}/${button}`, body),
  faults: async () => (await call("GET", "/api/faults")).items,
  setFaults: async (rule) => (await call("PUT", "/api/faults", rule)).items,
  calls: async () => (await call("GET", "/api/requests?limit=100")).items,
};

const units = ["bytes", "KB", "MB"];

/** A size in words. */
export function sizeOf(bytes) {
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) { bytes /= 1024; unit++; }
  return `${unit ? bytes.toFixed(1) : bytes} ${units[unit]}`;
}

/** The files of a message, to be downloaded. */
export function attachments(item) {
  if (!item.attachments?.length) return "";
  return el("ul", { class: "files", "aria-label": "Attachments" }, ...item.attachments.map((file) => el("li", {},
    el("a", { href: file.url, download: file.filename }, file.filename), ` ${sizeOf(file.size)}`)));
}

/** The files that a person chose, as the server takes them. */
export function uploads(input) {
  return Promise.all([...input.files].map(async (file) => ({
    filename: file.name, contentType: file.type || "application/octet-stream", content: await base64(file),
  })));
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(new Error(`${file.name} cannot be read.`)));
    reader.readAsDataURL(file);
  });
}

/** What became of the webhook of a message that the customer wrote, in words. */
export function fate(item) {
  if (!item.written) return "";
  const words = { pending: "Sending …", taken: "Received by the app", lost: "Not received" };
  return words[item.state] ?? "";
}

/** One customer's messages on one channel. */
export class Inbox {
  constructor(channel, show) {
    this.channel = channel;
    this.show = show;
    this.customer = "";
    this.chosen = false;
    this.items = new Map();
    this.peers = [];
    this.unread = new Set();
    this.timer = 0;
  }

  /** Draws soon: a flood of news is one drawing. */
  showSoon() {
    this.timer ||= setTimeout(() => { this.timer = 0; this.show(this); }, 30);
  }

  get customers() { return this.peers.filter((p) => p.channel === this.channel && !p.business).map((p) => p.address); }
  get businesses() { return this.peers.filter((p) => p.channel === this.channel && p.business).map((p) => p.address); }
  get sorted() { return [...this.items.values()].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)); }

  /** Becomes a customer; chosen tells that a person asked for it, so that no other mail or text changes it. */
  async become(customer, chosen = true) {
    this.customer = customer.trim();
    if (this.channel === "email") this.customer = this.customer.toLowerCase();
    this.chosen = chosen && this.customer !== "";
    this.items.clear();
    this.unread.delete(this.customer);
    await this.reload();
  }

  async reload() {
    const customer = this.customer;
    if (customer) {
      const items = await server.messages(customer);
      if (customer !== this.customer) return;
      for (const item of items) if (item.channel === this.channel) this.keep(item);
    }
    this.show(this);
  }

  /** Takes the peers; while nobody has chosen, the customer heard of last is shown. */
  async meet(peers) {
    this.peers = peers;
    const [last] = this.customers;
    if (!this.chosen && last && last !== this.customer) await this.become(last, false);
    else this.show(this);
  }

  take(item) {
    if (item.channel !== this.channel) return;
    if (item.customer === this.customer) this.keep(item);
    else if (!item.written) this.unread.add(item.customer);
    this.showSoon();
  }

  /** Keeps the later news of an item: an answer to a request may be older than what the stream said meanwhile. */
  keep(item) {
    const known = this.items.get(item.id);
    if (item.state !== "pending" || !known) this.items.set(item.id, item);
  }

  reset() {
    this.items.clear();
    this.unread.clear();
    this.peers = [];
    this.show(this);
  }
}

/** Draws the recent customers and the suggestions of an inbox. */
export function drawPeers(inbox, { recent, customers, businesses, choose }) {
  const options = (list) => list.map((address) => el("option", { value: address }));
  customers.replaceChildren(...options(inbox.customers));
  businesses.replaceChildren(...options(inbox.businesses));
  recent.replaceChildren(...inbox.customers.slice(0, 6).map((address) => el("button", {
    type: "button", class: inbox.unread.has(address) ? "unread" : "",
    "aria-pressed": String(address === inbox.customer), onclick: () => choose(address),
  }, address)));
}

/** Runs an action of a form: the button rests meanwhile, a refusal is told. */
export async function submit(form, error, action) {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  error.textContent = "";
  try {
    await action();
  } catch (problem) {
    error.textContent = problem.message;
  } finally {
    button.disabled = false;
  }
}
