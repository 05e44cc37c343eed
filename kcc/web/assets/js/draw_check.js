// Recomputes a draw from its proof in this browser, step by step as verify.py does; needs nothing of the server but
// the file. Without script, or without WebCrypto, the page's own verdict and the command stay.

const FREES = ["not_representative", "threat", "erased"];
const encoder = new TextEncoder();
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
// As Python sorts: by code point, which for ids and tickets of ASCII is by code unit.
const sorted = (list) => [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
const once = (list) => new Set(list).size === list.length;

const must = (holds, otherwise) => {
  if (!holds) throw new Error(otherwise);
};

const root = async (leaves) => {
  let level = await Promise.all(leaves.map((leaf) => sha(join([0], leaf))));
  if (!level.length) return sha(new Uint8Array());
  while (level.length > 1) {
    const odd = level.length % 2 ? [level.at(-1)] : [];
    const pairs = Array.from({ length: level.length >> 1 }, (_, at) => sha(join([1], level[2 * at], level[2 * at + 1])));
    level = [...(await Promise.all(pairs)), ...odd];
  }
  return level[0];
};

const pathRoot = async (position, size, leaf, path) => {
  let [at, last, found] = [position, size - 1, leaf];
  must(at >= 0 && at <= last, "a line has no such place");
  for (const node of path) {
    must(last > 0, "a line's path is too long");
    if (at % 2 || at === last) {
      found = await sha(join([1], node, found));
      while (at && at % 2 === 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    } else found = await sha(join([1], found, node));
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  must(last === 0, "a line's path is too short");
  return found;
};

const steps = {
  async pool({ pool, pool_size: size, pool_root: fixed }) {
    must(same(pool, sorted(pool)) && once(pool) && pool.length === size, "pool");
    must(hex(await root(pool.map((id) => encoder.encode(id)))) === fixed, "pool_root");
  },

  async secret({ chain, chain_index: index, secret }) {
    must(index > 0 && index <= chain.length && chain.length <= 1000000, "chain_index");
    let value = bytes(secret);
    for (let step = 0; step < index; step += 1) value = await sha(value);
    must(hex(value) === chain.published_end, "published_end");
  },

  async seed({ secret, phrase, number, seed }) {
    const parts = [bytes(secret), encoder.encode(phrase), encoder.encode(String(number))];
    const counted = parts.flatMap((part) => [bytes(part.length.toString(16).padStart(8, "0")), part]);
    must(hex(await sha(join(...counted))) === seed, "seed");
  },

  async tickets(proof, seen) {
    const key = await crypto.subtle.importKey(
      "raw", bytes(proof.seed), { name: "HMAC", hash: "SHA-256" }, false, ["sign"],
    );
    const ticket = async (id) => {
      const said = encoder.encode(`${proof.rule_version}\0${proof.number}\0${id}`);
      return [hex(new Uint8Array(await crypto.subtle.sign("HMAC", key, said))), id];
    };
    seen.ids = new Map(await Promise.all(proof.pool.map(ticket)));
    const lots = sorted(seen.ids.keys());
    must(same(proof.steps.map(({ step }) => step), proof.steps.map((_, at) => (at ? "replaced" : "revealed"))), "steps");
    must(proof.steps.length > 0, "steps");
    const taken = [];
    for (const [at, step] of proof.steps.entries()) {
      const left = lots.filter((one) => !taken.includes(one));
      const passed = left.slice(0, step.taken.length + step.skipped.length);
      const slots = at ? 1 : (step.slots ?? step.taken.length);
      must(same(step.taken, sorted(step.taken)), "taken");
      must(same(passed, sorted([...step.taken, ...step.skipped.map((one) => one.ticket)])), "lowest");
      must(!step.taken.length || passed.at(-1) === step.taken.at(-1) || step.taken.length < slots, "after the last");
      must(step.taken.length === slots || (step.taken.length < slots && passed.length === left.length), "slots");
      taken.push(...step.taken);
    }
    seen.taken = taken;
  },

  async drawn(proof, seen) {
    must(same(sorted(proof.drawn.map((one) => one.ticket)), sorted(seen.taken)), "drawn");
    must(proof.drawn.every((one) => seen.ids.get(one.ticket) === one.id), "id");
    const freed = proof.drawn.filter((one) => one.left && one.left.freed !== null);
    const ordinals = freed.map((one) => one.left.freed);
    must(once(ordinals) && ordinals.every((one) => one >= 1 && one <= 4), "freed");
    must(freed.every((one) => FREES.includes(one.left.why)), "why");
    must(once(proof.drawn.filter((one) => !freed.includes(one)).map((one) => one.slot)), "slot");
    const later = proof.steps.slice(1).map((step) => step.for);
    must(once(later) && later.every((ticket) => freed.some((one) => one.ticket === ticket)), "for");
  },

  async log(proof) {
    const said = [];
    for (const line of proof.lines) {
      const commitment = await sha(join(bytes(line.salt), encoder.encode(line.body)));
      if ("position" in line) {
        const [, size, signed] = line.checkpoint.split("\n");
        const found = await pathRoot(line.position, Number(size), await sha(join([0], commitment)), line.path.map(bytes));
        must(btoa(String.fromCharCode(...found)) === signed, "checkpoint");
      }
      said.push(JSON.parse(line.body));
    }
    const tells = (at, subject, detail) => {
      must(said[at]?.subject === subject && said[at].allowed === true, subject);
      for (const [name, value] of Object.entries(detail)) must(same(said[at].detail[name] ?? null, value ?? null), name);
    };
    const { chain, number, phrase } = proof;
    const ends = { published_end: chain.published_end, length: chain.length };
    if (proof.opened !== null) tells(proof.opened, `chain:${chain.id}`, { step: "chain opened", ...ends });
    const { rule_version, pool_size, pool_root, chain_index } = proof;
    const fixed = { step: "committed", rule_version, pool_size, pool_root, chain_index, chain_id: chain.id };
    tells(proof.committed, `draw:${number}`, fixed);
    if (phrase !== null) {
      const opened = await sha(join(bytes(proof.phrase_opening), encoder.encode(phrase)));
      must((said[proof.committed].detail.phrase_digest ?? "") === (phrase ? hex(opened) : ""), "phrase");
    }
    for (const { step, line, taken, skipped, slots, for: replaced, left } of proof.steps) {
      const more = step === "revealed" ? { secret: proof.secret, slots } : { for: replaced, left };
      const passed = skipped.map((one) => `${one.ticket} ${one.why}`);
      tells(line, `draw:${number}`, { step, tickets: taken, skipped: passed, ...more });
    }
    for (const { sample, left } of proof.drawn.filter((one) => one.left))
      tells(left.line, `sample:${sample}`, { left: left.why, freed: left.freed });
    const order = [proof.opened, proof.committed, ...proof.steps.map((step) => step.line)].filter((at) => at !== null);
    const places = order.map((at) => proof.lines[at].position).filter((place) => place !== undefined);
    must(places.every((place, at) => !at || places[at - 1] < place), "order");
  },
};

const button = document.querySelector("[data-check]");
const result = document.querySelector("[data-check-result]");

if (button && result && globalThis.crypto?.subtle) {
  const words = JSON.parse(document.querySelector("[data-check-words]").textContent);
  const [list, verdict] = [result.querySelector("ul"), result.querySelector("p")];
  const tell = (text) => list.append(Object.assign(document.createElement("li"), { textContent: text }));

  const check = async (proof) => {
    const seen = {};
    for (const [name, step] of Object.entries(steps)) {
      // A phrase that went with its employee's function leaves no seed to recompute; without one nothing was drawn.
      if ((name === "seed" && proof.phrase === null) || (proof.seed === null && ["tickets", "drawn"].includes(name))) continue;
      try {
        await step(proof, seen);
        tell(`✓ ${words[name]}`);
      } catch (fault) {
        tell(`✗ ${words.wrong} ${words[name]} (${fault.message})`);
        return false;
      }
    }
    return true;
  };

  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    result.hidden = false;
    list.replaceChildren();
    verdict.textContent = words.busy;
    try {
      const answer = await fetch(button.dataset.check, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const fair = await check(await answer.json());
      verdict.textContent = fair ? `${words.fair} ${words.signed}` : words.unfair;
      result.dataset.verdict = fair ? "fair" : "unfair";
    } catch {
      verdict.textContent = words.failed;
    }
    button.disabled = false;
  });
}
