// Feeds an audio element through MediaSource, never more than 10 seconds ahead, and forgets what lies behind.
// Left to itself a browser buffers minutes and plays on after a refusal; this can stop within a moment.

import { frame, streamInfo } from "./flac.js";
import { initSegment, mediaSegment } from "./mp4.js";
import { Making, pcm, sampleCount } from "./requests.js";

const TYPE = 'audio/mp4; codecs="flac"';
const AHEAD = 10; // seconds fetched before the cursor, at most
const BEHIND = 10; // seconds kept after it, for a jump back
const PATIENCE = 400; // milliseconds before asking again for what is still being decoded
const FRAMES = 8; // frames of a quarter of a second per request: 2 seconds

// An iPhone has ManagedMediaSource alone: the same, but that it may forget what was appended, which is fetched again.
const Source = () => globalThis.MediaSource ?? globalThis.ManagedMediaSource;

export const supported = () => Source()?.isTypeSupported(TYPE) ?? false;

const once = (target, ...names) => new Promise((resolve, reject) => {
  for (const name of names) {
    target.addEventListener(name, (event) => (name === "error" ? reject(event) : resolve(event)), { once: true });
  }
});

export class Stream {
  /** `failed(error)` hears of a Refusal or Trouble while fetching, `making(sentence)` of sound still being decoded
      (null once it came). */
  constructor(audio, lease, failed, making) {
    this.making = making;
    this.audio = audio;
    this.lease = lease;
    this.failed = failed;
    this.total = sampleCount(lease);
    this.block = Math.round(lease.rate / 4);
    this.chunk = this.block * FRAMES;
    this.sequence = 0;
    this.running = new AbortController();
  }

  async start() {
    this.source = new (Source())();
    this.audio.disableRemotePlayback = true; // else ManagedMediaSource does not open
    this.url = URL.createObjectURL(this.source);
    this.audio.src = this.url;
    await once(this.source, "sourceopen");
    URL.revokeObjectURL(this.url);
    const info = streamInfo({ rate: this.lease.rate, channels: this.lease.channels, block: this.block, total: this.total });
    this.buffer = this.source.addSourceBuffer(TYPE);
    this.source.duration = this.total / this.lease.rate;
    await this.#append(initSegment(this.lease, info));
    const { signal } = this.running;
    this.audio.addEventListener("timeupdate", () => this.feed(), { signal });
    this.audio.addEventListener("seeking", () => {
      this.request?.abort();
      this.feed();
    }, { signal });
    this.feed();
  }

  /** Fetch and append until enough lies ahead; one run at a time. Resolves to whether this run got that far. */
  async feed() {
    if (this.feeding || this.running.signal.aborted) return false;
    this.feeding = true;
    try {
      while (!this.running.signal.aborted && await this.#step());
      return !this.running.signal.aborted;
    } catch (error) {
      if (!this.running.signal.aborted) this.failed(error);
      return false;
    } finally {
      this.feeding = false;
    }
  }

  /** Nobody confirms the lease: at most the ten seconds ahead are there, and they are not heard. */
  hold() {
    this.audio.pause();
  }

  /** Stop, forget every second of sound, and let go of the element's source. */
  drop() {
    this.running.abort();
    this.request?.abort();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.source = this.buffer = null;
  }

  async #step() {
    await this.#trim();
    const start = this.#wanted();
    if (start === null) return false;
    if (start >= this.total) {
      if (this.source.readyState === "open") this.source.endOfStream();
      return false;
    }
    const end = Math.min(start + this.chunk, this.total);
    this.request = new AbortController();
    let sound;
    try {
      sound = await pcm(this.lease, start, end, this.request.signal);
    } catch (error) {
      if (error.name === "AbortError") return true;
      if (!(error instanceof Making)) throw error;
      this.waiting = true;
      this.making(error.message);
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
      return true;
    }
    if (this.waiting) this.making(null);
    this.waiting = false;
    if (!this.running.signal.aborted) await this.#append(this.#segment(start, sound));
    return true;
  }

  /** The first sample to fetch next, or null when enough lies ahead of the cursor. */
  #wanted() {
    const now = this.audio.currentTime;
    const { buffered } = this.buffer;
    for (let i = 0; i < buffered.length; i += 1) {
      if (buffered.start(i) - 0.1 <= now && now <= buffered.end(i)) {
        const next = this.#grid(Math.round(buffered.end(i) * this.lease.rate) + this.block / 2);
        if (buffered.end(i) * this.lease.rate >= this.total - 1) return this.total;
        return buffered.end(i) - now > AHEAD - this.chunk / this.lease.rate ? null : next;
      }
    }
    return Math.min(this.#grid(now * this.lease.rate), this.#grid(this.total - 1));
  }

  #grid(sample) {
    return Math.floor(sample / this.chunk) * this.chunk;
  }

  #segment(start, sound) {
    const width = 2 * this.lease.channels * this.block;
    const frames = [];
    for (let at = 0; at < sound.length; at += width) {
      const part = sound.subarray(at, Math.min(at + width, sound.length));
      const number = start / this.block + frames.length;
      frames.push({ bytes: frame(part, number, this.lease), samples: part.length / 2 / this.lease.channels });
    }
    this.sequence += 1;
    return mediaSegment(this.sequence, start, frames);
  }

  async #append(bytes) {
    this.buffer.appendBuffer(bytes);
    await once(this.buffer, "updateend", "error");
  }

  async #trim() {
    const now = this.audio.currentTime;
    const keep = [Math.max(0, now - BEHIND), now + AHEAD + this.chunk / this.lease.rate];
    const { buffered } = this.buffer;
    if (!buffered.length) return;
    const [first, last] = [buffered.start(0), buffered.end(buffered.length - 1)];
    if (first < keep[0] - 2) await this.#remove(0, keep[0]);
    if (last > keep[1]) await this.#remove(keep[1], Infinity);
  }

  async #remove(from, to) {
    this.buffer.remove(from, to);
    await once(this.buffer, "updateend", "error");
  }
}
