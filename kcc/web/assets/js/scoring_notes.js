// Remarks at a moment of the call: makes, places, plays and removes them; their fields are the form's, which saves them.

import { clock } from "./player/words.js";

const PARTS = ["note", "about", "at"];
const seconds = (moment) => {
  const found = /^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)$/.exec(moment.trim());
  return found ? Number(found[1] ?? 0) * 3600 + Number(found[2]) * 60 + Number(found[3]) : Infinity;
};

export class Notes {
  constructor(section, player, words) {
    this.section = section;
    this.player = player;
    this.words = words;
    this.list = section.querySelector("ol");
    this.fresh = section.querySelector("[data-fresh]"); // the pattern for new ones; without the call there is none
    this.fresh?.remove();
    section.querySelector("[data-without-script]").hidden = true;
    for (const row of this.list.children) this.#dress(row);
    section.addEventListener("click", (event) => this.#press(event.target.closest("[data-note-do]")));
    section.addEventListener("change", (event) => event.target.name?.startsWith("at-") && this.#sort());
    this.here = document.getElementById("note-here");
    this.here?.addEventListener("click", () => this.add());
    this.#follow(player);
    this.#show();
  }

  #follow(player) {
    if (!player) return;
    player.addEventListener("play", () => this.#show(), true); // it forgets all marks when a call is shut
    player.addEventListener("timeupdate", () => this.#offer(), true);
    player.addEventListener("seeking", () => this.#offer(), true);
    player.addEventListener("emptied", () => this.#offer(), true);
    player.querySelector("canvas").addEventListener("dblclick", () => this.add());
  }

  /** Where the player stands, in seconds; null while no call is open. */
  get place() {
    const open = this.player && !this.player.querySelector("[data-panel]").hidden;
    return open && this.player.dataset.ms !== undefined ? Math.floor(Number(this.player.dataset.ms) / 1000) : null;
  }

  /** A new remark where the player stands, about an item if that is what one is busy with; false without a call. */
  add(item = "") {
    if (this.place === null || !this.fresh) return false;
    const row = this.#row(this.#name());
    this.#part(row, "at").value = clock(this.place);
    this.#part(row, "about").value = item;
    this.#sort();
    this.#part(row, "note").focus();
    return true;
  }

  /** Put a text into a remark's field, making the remark if it came from elsewhere; false if it is no such field. */
  write(field, text, conflicts) {
    const [, part, id] = /^(note|about|at)-(.+)$/.exec(field) ?? [];
    if (!part) return false;
    // What the other window took away stays whole here until somebody chose.
    if (text === "" && part !== "note" && conflicts.open(`note-${id}`)) return true;
    const row = this.list.querySelector(`[data-note="${id}"]`) ?? (text ? this.#row(id) : null);
    const control = row && this.#part(row, part);
    if (control) control.value = text;
    if (row && part === "note") row.hidden = text === "";
    this.#sort();
    return true;
  }

  /** A remark without a text is none: its moment and item do not count. */
  tidy(fields) {
    const tidied = { ...fields };
    for (const name of Object.keys(fields)) {
      const [, id] = /^note-(.+)$/.exec(name) ?? [];
      if (id && !fields[name].trim()) for (const part of PARTS) if (`${part}-${id}` in tidied) tidied[`${part}-${id}`] = "";
    }
    return tidied;
  }

  /** How many there are goes first, so that remarks that lost their moment stand as they were begun. */
  #name() {
    const chance = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, "0");
    return String(this.list.children.length).padStart(3, "0") + chance;
  }

  #row(id) {
    if (!this.fresh) return null;
    const row = this.fresh.cloneNode(true);
    const from = row.dataset.note;
    row.removeAttribute("data-fresh");
    row.dataset.note = id;
    for (const element of row.querySelectorAll("[id], [name], [for]")) {
      for (const name of ["id", "name", "for"]) {
        const value = element.getAttribute(name);
        if (value) element.setAttribute(name, value.replace(from, id));
      }
    }
    for (const part of PARTS) this.#part(row, part).value = "";
    this.list.append(row);
    this.#dress(row);
    return row;
  }

  #dress(row) {
    for (const button of row.querySelectorAll("[data-note-do]")) button.hidden = false;
  }

  #part(row, part) {
    return row.querySelector(`[name="${part}-${row.dataset.note}"]`);
  }

  #when(row) {
    return seconds(this.#part(row, "at")?.value ?? "");
  }

  #press(button) {
    const row = button?.closest("[data-note]");
    if (!row) return;
    if (button.dataset.noteDo === "remove") this.#remove(row);
    else if (this.#when(row) < Infinity) {
      this.player?.dispatchEvent(new CustomEvent("kcc:seek", { detail: { ms: this.#when(row) * 1000, play: true } }));
    }
  }

  /** It stays in the form, hidden and empty, so that its end is saved like any change. */
  #remove(row) {
    this.#part(row, "note").value = "";
    row.hidden = true;
    this.section.querySelector("#notes-said").textContent = this.words.noteRemoved;
    this.#show();
    (this.here ?? this.section.querySelector("textarea"))?.focus();
    this.section.dispatchEvent(new Event("input"));
  }

  /** In time order, without taking the focus from whoever is writing. */
  #sort() {
    const rows = [...this.list.children];
    const sorted = [...rows].sort((one, other) => this.#when(one) - this.#when(other) || (one.dataset.note < other.dataset.note ? -1 : 1));
    const focused = document.activeElement;
    if (sorted.some((row, place) => row !== rows[place])) this.list.append(...sorted);
    if (this.list.contains(focused)) focused.focus();
    this.#show();
  }

  #show() {
    const shown = [...this.list.children].filter((row) => !row.hidden);
    this.section.querySelector("#notes-none").hidden = shown.length > 0;
    const ms = shown.map((row) => this.#when(row) * 1000).filter(Number.isFinite);
    this.player?.dispatchEvent(new CustomEvent("kcc:marks", { detail: { ms } }));
    this.#offer();
  }

  #offer() {
    if (!this.here) return;
    this.here.hidden = this.place === null;
    if (this.place !== null) this.here.title = this.words.noteAt.replace("{at}", clock(this.place));
  }
}
