// Puts the page together: the two inboxes, the live updates, the faults and the calls.

import { byId, clock, el, server, submit } from "./parts.js";
import { makePhone } from "./phone.js";
import { makeMailbox } from "./mailbox.js";
import { makeCalls } from "./call.js";

const phone = makePhone(remember);
const mailbox = makeMailbox(remember);
const lines = makeCalls(byId("phone-customer"), byId("phone-business"));

/** Keeps the chosen customers in the address, so that a reload shows them again. */
function remember() {
  const chosen = new URLSearchParams();
  if (phone.chosen) chosen.set("phone", phone.customer);
  if (mailbox.chosen) chosen.set("mail", mailbox.customer);
  history.replaceState(null, "", chosen.size ? `?${chosen}` : "/");
}

async function refresh() {
  const peers = await server.peers();
  await Promise.all([phone.meet(peers), mailbox.meet(peers)]);
}

function later(action, wait) {
  let timer = 0;
  return () => { timer ||= setTimeout(() => { timer = 0; action().catch(() => {}); }, wait); };
}
const refreshSoon = later(refresh, 150);
const callsSoon = later(drawCalls, 300);
const linesSoon = later(lines.reload, 60);

function listen() {
  const stream = new EventSource("/api/stream");
  const live = (on) => {
    byId("live").textContent = on ? "Live" : "Reconnecting …";
    byId("live").classList.toggle("on", on);
  };
  stream.addEventListener("hello", async () => {
    live(true);
    await Promise.all([phone.reload(), mailbox.reload(), refresh(), drawFaults(), drawCalls(), lines.reload()]).catch(() => {});
  });
  stream.addEventListener("error", () => live(false));
  for (const kind of ["received", "written", "state"]) {
    stream.addEventListener(kind, (event) => {
      const item = JSON.parse(event.data);
      phone.take(item);
      mailbox.take(item);
      if (kind !== "state") refreshSoon();
      callsSoon();
    });
  }
  stream.addEventListener("reset", () => { phone.reset(); mailbox.reset(); drawFaults(); drawCalls(); linesSoon(); });
  stream.addEventListener("faults", () => drawFaults());
  stream.addEventListener("calls", () => { linesSoon(); callsSoon(); });
}

function rule() {
  const number = (id) => Number(byId(id).value) || 0;
  return {
    provider: byId("fault-provider").value, latencyMs: number("fault-latency"), failWith: byId("fault-fail").value.trim(),
    failCount: number("fault-count"), calls: byId("fault-calls").value, ratePerSecond: number("fault-rate"),
    dropResponses: byId("fault-cut").checked, dropCallbacks: byId("fault-drop").checked,
    duplicateCallbacks: byId("fault-double").checked, shuffleCallbacks: byId("fault-shuffle").checked,
  };
}

function inWords(fault) {
  const words = [];
  const many = fault.failCount ? ` (${fault.failCount} more)` : "";
  if (fault.latencyMs) words.push(`slow by ${fault.latencyMs} ms`);
  if (fault.failWith) words.push(`fails with ${fault.failWith}${many}`);
  if (fault.dropResponses) words.push(`drops answers${many}`);
  if (fault.ratePerSecond) words.push(`takes ${fault.ratePerSecond} calls a second`);
  if (fault.dropCallbacks) words.push("loses callbacks");
  if (fault.duplicateCallbacks) words.push("repeats callbacks");
  if (fault.shuffleCallbacks) words.push("reorders callbacks");
  return words.length ? `${fault.provider}: ${words.join(", ")}` : "";
}

async function drawFaults() {
  const faults = await server.faults();
  const select = byId("fault-provider");
  if (select.options.length === 1) select.append(...faults.map((f) => el("option", { value: f.provider }, f.provider)));
  const active = faults.map(inWords).filter(Boolean);
  byId("faults-now").replaceChildren(...active.map((text) => el("li", {}, text)));
  byId("faults-badge").hidden = active.length === 0;
}

async function drawCalls() {
  if (!byId("calls").open) return;
  const calls = (await server.calls()).reverse();
  byId("calls-rows").replaceChildren(...calls.map((c) => el("tr", {},
    ...[clock(c.at), c.provider, `${c.method} ${c.path}`, c.to ?? "", String(c.status), c.outcome.replaceAll("_", " ")]
      .map((text) => el("td", {}, text)))));
}

byId("faults-form").addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.target, byId("fault-error"), () => server.setFaults(rule()));
});
byId("fault-reset").addEventListener("click", () => {
  byId("faults-form").reset();
  submit(byId("faults-form"), byId("fault-error"), () => server.setFaults({}));
});
for (const panel of document.querySelectorAll(".behind > details")) {
  panel.addEventListener("toggle", () => { if (panel.open) panel.scrollIntoView({ block: "nearest" }); });
}
byId("calls").addEventListener("toggle", () => drawCalls().catch(() => {}));

const asked = new URLSearchParams(location.search);
for (const [inbox, name] of [[phone, "phone"], [mailbox, "mail"]]) {
  if (asked.get(name)) inbox.become(asked.get(name)).catch(() => {});
  else inbox.show(inbox);
}
listen();
