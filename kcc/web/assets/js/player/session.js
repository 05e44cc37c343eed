// One opened call: the stream (or the native control where MediaSource is missing), the watch on the lease, and what
// is shown of the sound: how much of it is ready, the waveform, who is heard when.

import { watch } from "./lease.js";
import { Native } from "./native.js";
import { Refusal, close, conversation, progress, sampleCount, waveform } from "./requests.js";
import { Stream, supported } from "./stream.js";

const LOOK = 1000; // milliseconds before a sound still being decoded is looked at again
const MORE = 1.5; // pictures are made anew when so much more is ready: each reads all that is

export class Session {
  /** `on` = {ended(error), trouble(), alive(), troubled(), making(sentence), ready(share), waveform(peaks),
      talk(conversation or null)}. */
  constructor(audio, lease, on) {
    this.audio = audio;
    this.lease = lease;
    this.on = on;
    this.over = new AbortController();
    this.seconds = sampleCount(lease) / lease.rate;
    this.ready = lease.made ?? 1;
  }

  async start() {
    const heard = { ...this.on, ended: (error) => this.end(error) };
    watch(this.audio, this.lease.state_url, heard, this.over.signal);
    this.#describe();
    const failed = (error) => {
      if (error instanceof Refusal) this.end(error);
      else this.on.trouble();
    };
    this.stream = supported()
      ? new Stream(this.audio, this.lease, failed, (sentence) => this.on.making(sentence))
      : new Native(this.audio, this.lease, failed, (waits) => this.on.making(waits), () => this.ready);
    await this.stream.start();
  }

  /** After trouble: fetch on from where it stopped; resolves to whether that went well. */
  retry() {
    return this.stream.feed();
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
    this.stream.drop();
  }

  /** Follow the sound until all of it is there, and show it as it comes. */
  async #describe() {
    let shown = 0;
    while (!this.over.signal.aborted) {
      if (this.ready < 1) this.ready = await progress(this.lease.progress_url).catch(() => this.ready);
      if (this.over.signal.aborted) return;
      this.on.ready(this.ready);
      if (this.ready === 1 || this.ready > shown * MORE) {
        shown = this.ready;
        await this.#show(waveform, this.lease.waveform_url, (told) => this.on.waveform(told?.peaks ?? []));
        await this.#show(conversation, this.lease.conversation_url, (told) => this.on.talk(told));
      }
      if (shown === 1) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
  }

  /** The call plays, and the slider does all that pictures do, also when they cannot be had: then null is shown. */
  async #show(ask, url, show) {
    const told = url ? await ask(url).catch(() => null) : null;
    if (!this.over.signal.aborted) show(told);
  }
}
