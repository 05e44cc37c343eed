// The buttons, sliders and lines of words of one player: shows what the audio element does and passes on what is pressed.

import { clock, fill, spoken } from "./words.js";

const ICONS = { play: "M5 3l12 7-12 7z", pause: "M4 3h4v14H4zM12 3h4v14h-4z" };
const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export class Controls {
  constructor(root, audio, words) {
    this.root = root;
    this.audio = audio;
    this.words = words;
    this.seek = root.querySelector("[data-seek]");
    this.speed = root.querySelector("[data-speed]");
    this.loop = { from: null, to: null };
    audio.addEventListener("play", () => this.playing(true));
    audio.addEventListener("pause", () => this.playing(false));
    this.seek.addEventListener("input", () => this.go(Number(this.seek.value)));
    this.speed.addEventListener("change", () => this.setSpeed(Number(this.speed.value)));
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  /** Say something in words, also to screen readers. */
  say(sentence, values = {}) {
    const text = fill(sentence, values);
    if (this.part("status").textContent !== text) this.part("status").textContent = text;
  }

  /** The call's length has become known. */
  ready(seconds) {
    this.seconds = seconds;
    this.seek.max = Math.floor(seconds * 10) / 10;
    this.part("total").textContent = clock(Math.round(seconds)); // as the lists of calls say it
    this.setSpeed(1);
    this.tick();
  }

  tick() {
    const now = this.audio.currentTime;
    this.seek.value = now;
    this.seek.setAttribute("aria-valuetext", fill(this.words.place, {
      at: spoken(now, this.words), total: spoken(this.seconds ?? 0, this.words),
    }));
    this.part("now").textContent = clock(now);
    this.root.dataset.ms = Math.round(now * 1000);
  }

  playing(on) {
    const button = this.root.querySelector("[data-do=toggle]");
    button.querySelector("path").setAttribute("d", on ? ICONS.pause : ICONS.play);
    button.querySelector("[data-label]").textContent = on ? this.words.pause : this.words.play;
  }

  go(seconds) {
    if (this.seconds === undefined) return;
    this.audio.currentTime = Math.min(Math.max(0, seconds), this.seconds);
    this.tick();
    this.root.dispatchEvent(new CustomEvent("kcc:moved"));
  }

  setSpeed(speed) {
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    this.speed.value = String(speed);
  }

  faster(steps) {
    const at = SPEEDS.indexOf(this.audio.playbackRate) + steps;
    const speed = SPEEDS[Math.min(Math.max(0, at), SPEEDS.length - 1)];
    this.setSpeed(speed);
    this.say(this.words.speed, { n: this.speed.selectedOptions[0].textContent });
  }

  /** One button, three presses: the span's start, its end, off. */
  nextLoop() {
    const { loop, audio } = this;
    if (loop.from === null) loop.from = audio.currentTime;
    else if (loop.to === null && audio.currentTime > loop.from + 0.5) loop.to = audio.currentTime;
    else this.loop = { from: null, to: null };
    const step = this.loop.from === null ? 0 : (this.loop.to === null ? 1 : 2);
    this.root.querySelector("[data-do=loop] [data-label]").textContent = this.words.loopSteps[step];
    this.say(this.words.loopSaid[step], { from: clock(this.loop.from ?? 0), to: clock(this.loop.to ?? 0) });
    if (step === 2) this.go(this.loop.from);
    return step === 2 ? [this.loop.from, this.loop.to] : null;
  }

  /** The recorder did not say who is on which channel: promise nothing. */
  unknownSides() {
    this.root.classList.add("kcc-player--unknown-sides");
    this.root.querySelectorAll(".kcc-player__stereo span").forEach((label, side) => {
      label.textContent = this.words.sides[side];
    });
  }

  /** Keep the cursor inside the looped span while it plays. */
  holdLoop() {
    const { from, to } = this.loop;
    if (to !== null && this.audio.currentTime >= to) this.go(from);
  }
}
