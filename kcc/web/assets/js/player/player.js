// Puts the parts of each player on the page together; the page works without this file through the plain form.

import { Channels } from "./channels.js";
import { Controls } from "./controls.js";
import { command, enable, enabled } from "./keys.js";
import { Refusal, open } from "./requests.js";
import { Session } from "./session.js";
import { Talk } from "./talk.js";
import { Waveform } from "./waveform.js";
import { clock, fill } from "./words.js";

let current = null; // the player that the keys speak to

class Player {
  constructor(root) {
    this.root = root;
    this.audio = root.querySelector("audio");
    this.words = JSON.parse(root.querySelector("[data-words]").textContent);
    this.controls = new Controls(root, this.audio, this.words);
    this.channels = new Channels(this.audio);
    // On the scoring page room is for the form and the remarks: what is seldom needed is one press away.
    if (root.closest(".kcc-score__listen")) this.controls.part("more").open = false;
    this.waveform = new Waveform(root.querySelector("canvas"), this.audio, (seconds) => this.controls.go(seconds));
    this.talk = new Talk(root, this.words, (seconds) => this.controls.go(seconds));
    this.form = root.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.open();
    });
    root.addEventListener("click", (event) => this.press(event));
    root.addEventListener("input", (event) => this.volume(event.target));
    root.addEventListener("kcc:seek", (event) => this.hear(event.detail.ms / 1000, event.detail.play));
    root.addEventListener("kcc:marks", (event) => {
      this.waveform.marks = event.detail.ms;
      this.waveform.covered = event.detail.spans ?? [];
      this.waveform.draw();
    });
    this.#listen();
    this.#linked();
    addEventListener("hashchange", () => this.#linked());
    addEventListener("pagehide", () => this.session && this.leave());
  }

  /** A link to a moment ends in #t= and seconds: the call is opened by whoever wants to hear it, and begins there. */
  #linked() {
    const [, seconds] = /^#t=(\d{1,5})$/.exec(location.hash) ?? [];
    if (seconds === undefined) return;
    if (this.session) return void this.hear(Number(seconds), true);
    this.first = Number(seconds);
    this.controls.say(this.words.startsAt, { at: clock(this.first) });
    this.root.scrollIntoView({ block: "nearest" });
  }

  /** Go to a place, and play there if that is asked; a call that is not open yet is opened. */
  hear(seconds, play = false) {
    if (this.session) {
      this.controls.go(seconds);
      if (play && this.audio.paused) this.play();
      return;
    }
    this.first = seconds;
    this.open();
  }

  #listen() {
    const { audio, controls, words } = this;
    audio.addEventListener("timeupdate", () => {
      controls.tick();
      this.talk.at(audio.currentTime);
      if (!audio.seeking && audio.readyState > 2) this.heard = audio.currentTime;
    });
    audio.addEventListener("seeking", () => this.talk.at(audio.currentTime));
    audio.addEventListener("seeked", () => this.waveform.draw());
    audio.addEventListener("play", () => {
      if (!this.troubled) controls.say(words.playing);
      this.#follow();
    });
    audio.addEventListener("pause", () => this.session && !audio.ended && !this.troubled && controls.say(words.paused));
    audio.addEventListener("ended", () => controls.say(words.finished));
  }

  /** While it plays, redraw the cursor and hold the loop at every frame. */
  #follow() {
    if (this.audio.paused) return;
    this.controls.holdLoop();
    this.waveform.draw();
    this.talk.at(this.audio.currentTime);
    requestAnimationFrame(() => this.#follow());
  }

  async open() {
    if (this.session || this.opening) return;
    this.opening = true;
    this.controls.say(this.words.opening);
    try {
      const lease = await open(this.form.action);
      await this.#begin(lease);
    } catch (error) {
      const refused = error instanceof Refusal;
      this.controls.say(refused ? this.words.refused : this.words.noConnection, { reason: error.message });
    } finally {
      this.opening = false;
    }
  }

  async #begin(lease) {
    const { controls, words } = this;
    current = this;
    this.session = new Session(this.audio, lease, {
      ended: (error) => this.shut(words.ended, { reason: error.message }),
      trouble: () => this.trouble(true),
      alive: () => this.recover(),
      troubled: () => this.troubled,
      making: (sentence) => this.await(sentence !== null),
      ready: (share) => this.ready(share),
      waveform: (peaks) => this.waveform.show(peaks, this.session?.seconds ?? 0),
      talk: (told) => (told ? this.talk.show(told, lease.employee_channel == null ? words.channels : null) : this.talk.failed()),
    });
    this.heard = 0;
    this.talk.clear();
    this.talk.stereo(lease.channels > 1);
    this.root.classList.toggle("kcc-player--stereo", lease.channels > 1);
    this.employeeChannel = lease.employee_channel ?? 0;
    if (lease.employee_channel == null) controls.unknownSides();
    this.form.hidden = true;
    this.controls.part("panel").hidden = false;
    this.controls.part("talk").hidden = false;
    await this.session.start();
    controls.ready(this.session.seconds);
    this.waveform.seconds = this.session.seconds;
    if (this.first) controls.go(this.first);
    this.first = 0;
    await this.channels.start(lease.channels);
    this.root.querySelector("[data-do=toggle]").focus();
    if (this.#tell("kcc:opened")) this.audio.play().catch(() => controls.say(words.paused));
    else controls.say(words.paused);
  }

  press(event) {
    const button = event.target.closest("[data-do]");
    if (button) this.act(button.dataset.do, Number(button.dataset.step ?? 0));
  }

  /** What a button or key asks for. */
  act(what, step) {
    const { audio, controls } = this;
    const acts = {
      toggle: () => this.toggle(),
      jump: () => controls.go(audio.currentTime + step),
      faster: () => controls.faster(step),
      loop: () => this.#span(controls.nextLoop()),
      mute: () => this.mute(),
      mark: () => this.mark(),
      help: () => this.help(),
      retry: () => this.recover().then(() => !this.troubled && this.play()),
      leave: () => this.leave(),
      back: () => controls.go(this.heard),
    };
    if (this.session) acts[what]?.();
  }

  /** Play or pause, unless the page decides that for more than one, and says so by preventDefault. */
  toggle() {
    const { audio } = this;
    if (!this.#tell("kcc:toggle", { paused: !audio.paused })) return;
    if (audio.paused) this.play();
    else audio.pause();
  }

  /** Let the page know; gives whether the player goes on by itself. */
  #tell(name, detail = {}) {
    return this.root.dispatchEvent(new CustomEvent(name, { cancelable: true, detail }));
  }

  play() {
    current = this;
    return this.audio.play().catch(() => {});
  }

  /** How much of the sound can be played: shown until it is all of it. */
  ready(share) {
    const { controls, words, session } = this;
    const values = { n: `${Math.floor(share * 100)}%`, at: clock(share * session.seconds), total: clock(Math.round(session.seconds)) };
    this.prepared = values;
    this.waveform.ready = share;
    controls.part("preparing").hidden = share >= 1;
    controls.part("ready").value = share;
    controls.part("ready-words").textContent = fill(words.preparing, values);
    if (this.waiting) controls.say(words.awaiting, values);
  }

  /** The cursor stands where there is no sound yet; it plays by itself once there is, unless one goes back. */
  await(waiting) {
    const { controls, words } = this;
    const back = controls.part("back");
    this.waiting = waiting;
    back.hidden = !waiting || this.heard < 0.1;
    back.textContent = fill(words.back, { at: clock(this.heard) });
    if (waiting) controls.say(words.awaiting, this.prepared ?? { n: "0%", at: clock(0) });
    else controls.say(this.audio.paused ? words.paused : words.playing);
  }

  #span(span) {
    this.waveform.span = span;
    this.waveform.draw();
  }

  mute() {
    this.audio.muted = !this.audio.muted;
    this.root.querySelector("[data-do=mute]").setAttribute("aria-pressed", String(this.audio.muted));
  }

  /** Draw a mark, unless the page keeps marks of its own and says so by preventDefault. */
  mark() {
    const ms = Math.round(this.audio.currentTime * 1000);
    const event = new CustomEvent("kcc:mark", { bubbles: true, cancelable: true, detail: { ms } });
    if (!this.root.dispatchEvent(event)) return;
    this.waveform.marks.push(ms);
    this.waveform.draw();
    this.controls.say(this.words.marked, { at: clock(ms / 1000) });
  }

  help() {
    const help = this.controls.part("help");
    help.open = !help.open;
    if (help.open) this.controls.part("more").open = true;
    if (help.open) help.querySelector("summary").focus();
  }

  volume(input) {
    if (input.dataset.keys !== undefined) enable(input.checked);
    if (input.dataset.volume === undefined) return;
    const side = Number(input.dataset.volume); // 0 the employee, 1 the caller
    this.channels.set(side === 0 ? this.employeeChannel : 1 - this.employeeChannel, Number(input.value) / 100);
  }

  /** The connection was lost (the sound is held, for nobody can say whether it may go on) or is back. */
  trouble(lost) {
    this.troubled = lost;
    this.controls.part("retry").hidden = !lost;
    if (lost) this.session.stream.hold();
    this.controls.say(lost ? this.words.noConnection : this.words.connected);
  }

  /** The server answers: after trouble, whoever met it, fetch on, and say that all is well only once sound comes. */
  async recover() {
    if (!this.troubled) return;
    const { session } = this;
    if (await session.retry() && this.session === session) this.trouble(false);
  }

  leave() {
    this.session.leave();
    this.shut(this.words.left, {});
  }

  shut(sentence, values) {
    const inside = this.root.contains(document.activeElement);
    this.session = null;
    this.#tell("kcc:shut");
    this.troubled = false;
    this.waiting = false;
    this.waveform.marks = [];
    this.waveform.covered = [];
    this.waveform.ready = 1;
    this.waveform.show([], 0);
    this.controls.part("retry").hidden = true;
    this.controls.part("back").hidden = true;
    this.controls.part("preparing").hidden = true;
    this.controls.part("panel").hidden = true;
    this.controls.part("talk").hidden = true;
    this.talk.clear();
    this.form.hidden = false;
    this.controls.say(sentence, values);
    if (inside) this.form.querySelector("button").focus();
  }
}

document.addEventListener("keydown", (event) => {
  const asked = current?.session && command(event);
  if (!asked) return;
  event.preventDefault();
  current.act(...asked);
});

for (const root of document.querySelectorAll(".kcc-player[data-player]")) {
  const box = root.querySelector("[data-keys]");
  if (box) box.checked = enabled();
  new Player(root);
}
