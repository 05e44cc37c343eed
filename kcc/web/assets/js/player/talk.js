// Shows who is heard when: lanes under the waveform, and the same in a table. Only what was measured, never a judgement.
// The lanes are hidden from screen readers: the table says the same, and its buttons go to the same places.

import { clock, fill } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const TALL = 12; // of a lane, in units of the picture's height
const LANE = 16; // from one lane to the next

const band = (spans, top, height) => spans.map(([from, to]) => `M${from} ${top}h${to - from}v${height}h${from - to}z`).join("");

/** Each kind has a shape of its own, not only a colour: speech fills the lane, music is three lines, a tone lies low. */
const SHAPES = {
  speech: (spans, top) => band(spans, top, TALL),
  music: (spans, top) => [0, 5, 10].map((line) => band(spans, top + line, 2)).join(""),
  tones: (spans, top) => band(spans, top + TALL - 3, 3),
};

const made = (name, text, cls) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (cls) element.className = cls;
  return element;
};

/** What two sorted lists of spans have in common. */
export function overlap(one, other) {
  const found = [];
  for (let i = 0, j = 0; i < one.length && j < other.length;) {
    const from = Math.max(one[i][0], other[j][0]);
    const to = Math.min(one[i][1], other[j][1]);
    if (from < to) found.push([from, to]);
    if (one[i][1] < other[j][1]) i += 1;
    else j += 1;
  }
  return found;
}

export class Talk {
  /** `seek(seconds)` goes to a place. */
  constructor(box, words, seek) {
    this.box = box;
    this.words = words;
    this.lanes = box.querySelector("[data-lanes]");
    this.lanes.addEventListener("pointerdown", (event) => {
      const { left, width } = this.lanes.getBoundingClientRect();
      if (this.ms) seek((Math.min(1, Math.max(0, (event.clientX - left) / width)) * this.ms) / 1000);
    });
    box.addEventListener("click", (event) => {
      const place = event.target.closest("[data-place]");
      if (place) seek(Number(place.dataset.place) / 1000);
    });
    this.clear();
  }

  /** Nothing is known of the call yet. */
  clear() {
    this.#say(this.words.measuring);
    this.lanes.querySelectorAll("path").forEach((path) => path.remove());
    this.#part("known").hidden = true;
    this.ms = 0;
  }

  /** Whether the legend tells two sides apart; the measures, once they are there, say it again. */
  stereo(two) {
    this.box.classList.toggle("kcc-talk--stereo", two);
  }

  /** It could not be had: the call plays without it. */
  failed() {
    this.clear();
    this.#say(this.words.unmeasured);
  }

  /** `told` is the server's answer; `names` what its sides are called, or null when nobody knows. */
  show(told, names) {
    const { words } = this;
    const stereo = told.sides.length > 1;
    const times = { at: clock(told.measured_ms / 1000), total: clock(Math.round(told.duration_ms / 1000)) };
    let said = stereo ? "" : words.oneSide;
    if (told.made < 1) said = fill(words.measuredSoFar, times);
    else if (!told.measured_ms) said = words.tooShort;
    this.#say(said);
    this.#part("known").hidden = !told.measured_ms;
    this.ms = told.duration_ms;
    this.stereo(stereo);
    this.#name(names);
    this.#draw(told, stereo);
    this.#totals(told, stereo);
    this.#places(told);
  }

  /** The line that moves along while it plays. */
  at(seconds) {
    const x = String(Math.min(seconds * 1000, this.ms));
    for (const end of ["x1", "x2"]) this.#part("here").setAttribute(end, x);
  }

  /** In the table's place, and for who does not open it under the lanes. */
  #say(sentence) {
    for (const place of this.box.querySelectorAll("[data-said]")) place.textContent = sentence;
  }

  #part(name) {
    return this.box.querySelector(`[data-${name}]`);
  }

  #name(names) {
    names?.forEach((name, side) => {
      for (const place of this.box.querySelectorAll(`[data-side="${side}"]`)) place.textContent = name;
    });
  }

  #draw(told, stereo) {
    const rows = stereo ? [told.sides[0], null, told.sides[1]] : told.sides;
    const together = stereo ? overlap(told.sides[0].speech, told.sides[1].speech) : [];
    const paths = rows.flatMap((side, row) => (side
      ? Object.entries(SHAPES).map(([kind, shape]) => [`${kind} kcc-talk__side-${row ? 1 : 0}`, shape(side[kind], row * LANE + 2)])
      : [["both", band(together, row * LANE + 5, 6)]]));
    const drawn = paths.map(([kind, d]) => {
      const path = document.createElementNS(SVG, "path");
      path.setAttribute("class", `kcc-talk__${kind}`);
      path.setAttribute("d", d);
      return path;
    });
    const height = rows.length * LANE + 2;
    this.lanes.setAttribute("viewBox", `0 0 ${Math.max(told.duration_ms, 1)} ${height}`);
    this.lanes.querySelectorAll("path").forEach((path) => path.remove());
    this.lanes.prepend(...drawn);
    this.#part("here").setAttribute("y2", String(height));
  }

  #totals({ totals, measured_ms: whole }, stereo) {
    const shown = stereo
      ? [["speech0", totals.speech[0]], ["speech1", totals.speech[1]], ["both", totals.both]]
      : [["speech", totals.speech[0]]];
    shown.push(["hold", totals.hold], ["tones", totals.tones], ["silence", totals.silence]);
    for (const row of this.box.querySelectorAll("[data-total-of]")) {
      const [, ms] = shown.find(([kind]) => kind === row.dataset.totalOf) ?? [];
      row.hidden = ms === undefined;
      if (ms === undefined) continue;
      row.querySelector("[data-time]").textContent = clock(Math.round(ms / 1000));
      row.querySelector("[data-share]").textContent = `${whole ? Math.round((100 * ms) / whole) : 0}%`;
    }
  }

  #places({ hold, silences }) {
    const { words } = this;
    const all = [...hold.map((span) => [...span, words.hold]), ...silences.map((span) => [...span, words.silence])];
    all.sort((one, other) => one[0] - other[0]);
    this.#part("places").hidden = !all.length;
    this.#part("none").hidden = Boolean(all.length);
    this.#part("rows").replaceChildren(...all.map(([from, to, kind]) => {
      const row = made("tr");
      row.setAttribute("role", "row");
      const cell = (label, ...inside) => {
        const box = made("td", undefined, "rvo-table-cell");
        box.setAttribute("role", "cell");
        box.dataset.label = label;
        const wrap = made("div");
        wrap.append(...inside);
        box.append(wrap);
        return box;
      };
      const button = made("button", clock(from / 1000), "kcc-talk__place");
      button.type = "button";
      button.dataset.place = from;
      button.setAttribute("aria-label", fill(words.goTo, { at: clock(from / 1000), what: kind }));
      const length = clock(Math.round((to - from) / 1000));
      row.append(cell(words.columns[0], button), cell(words.columns[1], kind), cell(words.columns[2], length));
      row.lastChild.classList.add("rvo-table-cell--numeric");
      return row;
    }));
  }
}
