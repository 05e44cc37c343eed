// Volume of each side of the call, both heard in both ears; the element's own volume when the call is mono.

export class Channels {
  constructor(audio) {
    this.audio = audio;
    this.gains = [];
  }

  /** Must follow a press of a key or button, or the browser keeps the audio context asleep. */
  async start(count) {
    if (this.context || count < 2) {
      await this.context?.resume();
      return;
    }
    this.context = new AudioContext();
    const splitter = this.context.createChannelSplitter(2);
    this.context.createMediaElementSource(this.audio).connect(splitter);
    this.gains = [0, 1].map((channel) => {
      const gain = this.context.createGain();
      splitter.connect(gain, channel);
      gain.connect(this.context.destination);
      return gain;
    });
    await this.context.resume();
  }

  /** `level` from 0 to 1. */
  set(channel, level) {
    if (this.gains.length) this.gains[channel].gain.value = level;
    else this.audio.volume = level;
  }
}
