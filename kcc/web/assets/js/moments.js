// When in a call it happened: drawn on the waveform and listed, each leading there; where somebody reports a
// threat, a mark made in the player is written into the form's field, which stays the one that counts.

import { clock, fill } from "./player/words.js";

const MOMENT = /^(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)$/;

function seconds(typed) {
  const [, hours, minutes, rest] = MOMENT.exec(typed.trim()) ?? [];
  return rest === undefined ? null : Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);
}

class Moments {
  constructor(box) {
    this.player = box.querySelector("[data-player]");
    this.list = box.querySelector("[data-moment-list]");
    this.field = document.getElementById(box.dataset.field);
    this.said = box.querySelector("[role=status][data-moment-said]");
    this.words = box.dataset;
    this.#follow(box);
    this.show();
  }

  #follow(box) {
    box.addEventListener("click", (event) => this.#press(event.target.closest("button[data-at], button[data-away]")));
    this.player?.addEventListener("play", () => this.show(), true); // it forgets all marks when a call is shut
    if (!this.field) return;
    box.querySelectorAll("[data-with-script]").forEach((told) => {
      told.hidden = false;
    });
    this.field.addEventListener("input", () => this.show());
    this.player?.addEventListener("kcc:mark", (event) => {
      event.preventDefault();
      this.add(Math.floor(event.detail.ms / 1000));
    });
    this.player?.querySelector("canvas").addEventListener("dblclick", () => this.add(Math.floor(Number(this.player.dataset.ms) / 1000)));
  }

  /** What is written in the field, part by part; what cannot be read stays as it was typed. */
  get typed() {
    return this.field.value.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean);
  }

  add(at) {
    if (!Number.isFinite(at)) return;
    if (!this.typed.includes(clock(at))) this.#write([...this.typed, clock(at)]);
    this.said.textContent = fill(this.words.marked, { at: clock(at) });
  }

  #write(parts) {
    const begins = (part) => seconds(part.split(/[-–]/)[0]) ?? Infinity;
    this.field.value = [...parts].sort((one, other) => begins(one) - begins(other)).join(", ");
    this.show();
  }

  #press(button) {
    if (!button) return;
    if (button.dataset.at !== undefined) {
      this.player?.dispatchEvent(new CustomEvent("kcc:seek", { detail: { ms: Number(button.dataset.at), play: true } }));
      return;
    }
    this.#write(this.typed.filter((part) => part !== button.dataset.away));
    this.said.textContent = fill(this.words.removed, { at: button.dataset.away });
    this.field.focus();
  }

  /** Draw them, and list what the field holds; without a field the list is the page's own. */
  show() {
    if (this.field) this.list.replaceChildren(...this.typed.filter((part) => seconds(part.split(/[-–]/)[0]) !== null).map((part) => this.#row(part)));
    const ms = [...this.list.querySelectorAll("[data-at]")].map((button) => Number(button.dataset.at));
    this.player?.dispatchEvent(new CustomEvent("kcc:marks", { detail: { ms } }));
  }

  #row(part) {
    const row = document.createElement("li");
    const [there, away] = ["goes", "removes"].map((what) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "kcc-moment" });
      button.setAttribute("aria-label", fill(this.words[what], { at: part }));
      return button;
    });
    there.dataset.at = seconds(part.split(/[-–]/)[0]) * 1000;
    there.textContent = part;
    away.dataset.away = part;
    away.textContent = "×";
    row.append(there, away);
    return row;
  }
}

for (const box of document.querySelectorAll("[data-moments]")) new Moments(box);
