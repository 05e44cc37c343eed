// The browser's own control over the plain sound, where MediaSource does not take ours. It buffers as it likes, so
// silence cannot be left to what it fetches: the sound is cut off here, and does not start while nobody confirms the lease.

import { Making, Trouble, confirm } from "./requests.js";

const AGAIN = 500; // milliseconds between two looks at how much is ready
const MARGIN = 5; // seconds that must be ready beyond the cursor before it is worth starting

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

export class Native {
  /** As Stream; `ready()` tells which share of the sound can be played. */
  constructor(audio, lease, failed, making, ready) {
    Object.assign(this, { audio, lease, failed, making, ready });
    this.seconds = lease.duration_ms / 1000;
    this.running = new AbortController();
    this.held = false;
  }

  async start() {
    const { audio, running: { signal } } = this;
    audio.controls = true;
    audio.addEventListener("error", () => audio.error && this.#broken(), { signal });
    audio.addEventListener("play", () => this.held && audio.pause(), { signal });
    await this.#load(0);
  }

  /** After trouble: whether the lease is confirmed, which is all that was missing. */
  async feed() {
    try {
      await confirm(this.lease.state_url);
    } catch (error) {
      this.failed(error);
      return false;
    }
    this.held = false;
    return true;
  }

  /** Nobody confirms the lease: what the browser has buffered must not be heard either. */
  hold() {
    this.held = true;
    this.audio.pause();
  }

  /** Stop, and let go of the source and all that was buffered. */
  drop() {
    this.running.abort();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.audio.controls = false;
  }

  /** From a place on, as soon as some seconds from there are ready. */
  async #load(place) {
    const { audio, running: { signal } } = this;
    const there = () => this.ready() >= 1 || this.ready() * this.seconds > place + MARGIN;
    const waits = !there();
    while (!there()) {
      this.making("");
      await pause(AGAIN);
      if (signal.aborted) return;
    }
    if (waits) this.making(null);
    audio.src = this.lease.sound_url;
    audio.currentTime = place;
  }

  /** The browser gave up: it came to what is not ready yet, or the server said no, or nobody answered. */
  async #broken() {
    const place = this.audio.currentTime;
    if (this.ready() < 1) {
      await this.#load(place);
      if (!this.running.signal.aborted) this.audio.play().catch(() => {});
      return;
    }
    const error = await confirm(this.lease.state_url).then(() => new Trouble("no sound"), (reason) => reason);
    if (!this.running.signal.aborted && !(error instanceof Making)) this.failed(error);
  }
}
