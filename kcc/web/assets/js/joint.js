// One transport for two screens: gives a sign each second, and lets the player on this page stand where both stand.
// What is pressed here goes to the server first; who moved last is right, and the other is told.

import { Refusal, post, send } from "./player/requests.js";
import { clock, fill } from "./player/words.js";

const EACH = 1000; // milliseconds between two signs
const SAME = 0.4; // seconds that two screens may differ before one is put right
const SETTLE = 150; // milliseconds after the last press before a move is sent
const PATIENCE = 2; // unanswered signs in a row before it is said

class Joint {
  constructor(box) {
    this.box = box;
    this.base = box.dataset.base;
    this.words = JSON.parse(box.querySelector("[data-joint-words]").textContent);
    this.player = box.querySelector(".kcc-player");
    this.audio = this.player.querySelector("audio");
    this.button = this.player.querySelector("form button");
    this.reported = [...box.querySelectorAll("[data-reported] button[data-at]")].map((button) => Number(button.dataset.at));
    this.joined = this.revision = undefined;
    this.open = this.both = false;
    this.turn = this.missed = 0;
    this.#hear();
    addEventListener("pagehide", () => this.staying || send(`${this.base}/leave`));
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    this.sign();
  }

  #hear() {
    const { player, audio } = this;
    player.addEventListener("kcc:opened", (event) => {
      event.preventDefault();
      this.open = true;
      this.marked = undefined; // a player that was shut forgets its marks
      this.sign();
    });
    player.addEventListener("kcc:shut", () => {
      this.open = false;
    });
    player.addEventListener("kcc:toggle", (event) => {
      event.preventDefault();
      if (!audio.paused) audio.pause();
      this.steer(!event.detail.paused, audio.currentTime);
    });
    player.addEventListener("kcc:moved", () => {
      clearTimeout(this.settling);
      this.turn += 1;
      const playing = !audio.paused;
      this.settling = setTimeout(() => this.steer(playing, audio.currentTime), SETTLE);
    });
    this.box.addEventListener("click", (event) => {
      const moment = event.target.closest("button[data-at]");
      if (moment && this.open) player.dispatchEvent(new CustomEvent("kcc:seek", { detail: { ms: Number(moment.dataset.at) } }));
    });
    player.addEventListener("kcc:mark", (event) => {
      event.preventDefault();
      this.#ask(post(`${this.base}/mark`, { place_ms: event.detail.ms }));
    });
  }

  /** Give a sign, hear how things stand, and again in a second. */
  async sign() {
    clearTimeout(this.timer);
    const on = await this.#ask(post(`${this.base}/here`, { listening: this.open }));
    if (on) this.timer = setTimeout(() => this.sign(), EACH);
  }

  /** Play, pause or go somewhere, for both. */
  async steer(playing, seconds) {
    this.turn += 1;
    const told = { revision: this.revision ?? 0, playing, place_ms: Math.round(seconds * 1000) };
    await this.#ask(post(`${this.base}/steer`, told), true);
  }

  /** Show what the server answers, unless something newer was asked since; gives whether to go on asking. */
  async #ask(answer, steering = false) {
    const { turn } = this;
    const sent = performance.now();
    try {
      const state = await answer;
      this.missed = 0;
      return turn === this.turn ? this.#show(state, (performance.now() - sent) / 2000) : true;
    } catch (error) {
      if (error instanceof Refusal && steering) {
        this.say(error.message);
        return true;
      }
      if (error instanceof Refusal) return this.#stop(error.message);
      this.missed += 1;
      if (this.missed === PATIENCE) this.say(this.words.lost);
      return true;
    }
  }

  #show(state, lag) {
    const { words } = this;
    const awaited = state.both && this.box.dataset.awaits !== undefined; // what was reported shows once both are there
    if (state.over !== null || (this.joined === false && state.joined) || (state.seated && awaited)) {
      this.staying = true; // the page comes back at once: nobody left
      location.reload();
      return false;
    }
    if (!state.seated) return this.#stop(words.elsewhere);
    if (state.left_ms <= 0) return this.#stop(words.over);
    this.joined = state.joined;
    this.#people(state);
    this.box.querySelectorAll("[data-together]").forEach((part) => {
      part.hidden = !state.both;
    });
    this.#marks(state.marks);
    this.#news(state);
    if (this.open) this.#apply(state, lag);
    this.revision = state.revision;
    this.both = state.both;
    return true;
  }

  /** This browser has no part in it any more: silence, and nothing is asked again. */
  #stop(sentence) {
    clearTimeout(this.timer);
    this.button.disabled = true;
    this.audio.pause();
    this.say(sentence);
    return false;
  }

  #people(state) {
    const here = { me: [true, this.open], other: [state.other, state.other_listens] };
    for (const [who, [there, listens]] of Object.entries(here)) {
      const line = this.box.querySelector(`[data-who=${who}]`);
      line.toggleAttribute("data-here", there);
      line.querySelector("[data-word]").textContent = this.words[there ? (listens ? "listens" : "here") : "away"];
    }
    this.button.disabled = !state.both;
  }

  #marks(marks) {
    const list = this.box.querySelector("[data-marks]");
    const told = JSON.stringify(marks);
    if (told === this.marked) return;
    this.marked = told;
    list.replaceChildren(...marks.map((mark) => this.#row(mark)));
    this.box.querySelector("[data-no-marks]").hidden = marks.length > 0;
    this.player.dispatchEvent(new CustomEvent("kcc:marks", { detail: { ms: [...this.reported, ...marks.map((mark) => mark.ms)] } }));
  }

  /** A mark leads where it was made. */
  #row(mark) {
    const at = clock(mark.ms / 1000);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "kcc-moment", textContent: at });
    button.dataset.at = mark.ms;
    button.setAttribute("aria-label", fill(this.words.goes, { at }));
    const row = document.createElement("li");
    row.append(button, ` – ${mark.mine ? this.words.me : this.words.other}`);
    return row;
  }

  /** What the other did, or that they came or went. */
  #news(state) {
    const { words } = this;
    const values = { name: words.other, at: clock(state.place_ms / 1000) };
    if (state.overtook) return this.say(words.overtook, values);
    if (this.both !== state.both || this.revision === undefined) {
      if (state.both) return this.open || this.say(words.both, values);
      if (this.both) return this.say(words.gone, values);
      return this.revision === undefined && !this.#said() && this.say(words.alone, values);
    }
    if (state.revision === this.revision || state.by !== "other") return undefined;
    if (state.playing !== this.playing) return this.say(state.playing ? words.played : words.paused, values);
    return this.say(words.moved, values);
  }

  /** Stand where both stand, and play if both play. */
  #apply(state, lag) {
    const { audio } = this;
    const place = state.place_ms / 1000 + (state.playing ? lag : 0);
    const news = state.revision !== this.revision || state.playing !== this.playing;
    const off = Math.abs(audio.currentTime - place);
    this.playing = state.playing;
    audio.playbackRate = 1;
    if (off > (news && !state.playing ? 0.05 : SAME) && !(audio.seeking && !news)) audio.currentTime = place;
    if (state.playing && audio.paused) audio.play().catch(() => {});
    if (!state.playing && !audio.paused) audio.pause();
  }

  #said() {
    return this.box.querySelector("[data-joint-status]").textContent;
  }

  say(sentence, values = {}) {
    this.box.querySelector("[data-joint-status]").textContent = fill(sentence, values);
  }
}

for (const box of document.querySelectorAll("[data-joint]")) new Joint(box);
