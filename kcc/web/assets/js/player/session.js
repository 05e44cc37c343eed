// One opened call: the stream (or the native control where MediaSource is missing), the watch on the lease, the waveform.

import { watch } from "./lease.js";
import { Refusal, close, sampleCount, waveform } from "./requests.js";
import { Stream, supported } from "./stream.js";

const REDRAW = 1500; // milliseconds before the waveform of a sound still being decoded is asked for again

export class Session {
  /** `on` = {ended(error), trouble(), alive(), troubled(), making(sentence), waveform(peaks)}. */
  constructor(audio, lease, on) {
    this.audio = audio;
    this.lease = lease;
    this.on = on;
    this.over = new AbortController();
    this.seconds = sampleCount(lease) / lease.rate;
  }

  async start() {
    const heard = { ...this.on, ended: (error) => this.end(error) };
    watch(this.audio, this.lease.state_url, heard, this.over.signal);
    this.#drawWaveform();
    if (supported()) {
      this.stream = new Stream(this.audio, this.lease, (error) => {
        if (error instanceof Refusal) this.end(error);
        else this.on.trouble();
      }, (sentence) => this.on.making(sentence));
      await this.stream.start();
    } else {
      this.audio.controls = true;
      this.audio.src = this.lease.sound_url;
    }
  }

  /** After trouble: fetch on from where it stopped; resolves to whether that went well. */
  retry() {
    return this.stream ? this.stream.feed() : true;
  }

  /** The lease is over: silence now, nothing kept. */
  end(error) {
    if (this.over.signal.aborted) return;
    this.#drop();
    this.on.ended(error);
  }

  /** The listener is done. */
  leave() {
    if (this.over.signal.aborted) return;
    this.#drop();
    close(this.lease.close_url);
  }

  #drop() {
    this.over.abort();
    if (this.stream) {
      this.stream.drop();
      return;
    }
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  async #drawWaveform() {
    if (!this.lease.waveform_url) return;
    try {
      for (let ready = 0; ready < 1 && !this.over.signal.aborted;) {
        const { peaks, made } = await waveform(this.lease.waveform_url); // the employee's channel first
        this.on.waveform(peaks);
        ready = made ?? 1;
        if (ready < 1) await new Promise((resolve) => setTimeout(resolve, REDRAW));
      }
    } catch {
      this.on.waveform([]); // the slider does all the waveform does
    }
  }
}
