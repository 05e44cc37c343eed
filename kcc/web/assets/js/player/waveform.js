// Draws both sides of the call, the cursor, the looped span and the marks on a canvas; a press or drag seeks.
// It is hidden from screen readers: the slider beside it says and does the same.

const BAR = 3;
const GAP = 1;

export class Waveform {
  constructor(canvas, audio, seek) {
    this.canvas = canvas;
    this.audio = audio;
    this.peaks = [];
    this.marks = [];
    this.covered = [];
    this.span = null;
    this.ready = 1;
    new ResizeObserver(() => this.draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    const follow = (event) => {
      if (event.type === "pointermove" && !(event.buttons & 1)) return;
      const { left, width } = canvas.getBoundingClientRect();
      seek(Math.min(1, Math.max(0, (event.clientX - left) / width)) * this.seconds);
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    canvas.addEventListener("pointermove", follow);
  }

  /** `peaks`: one list per channel in the order to draw, on any scale: the loudest moment fills the height. */
  show(peaks, seconds) {
    const top = Math.max(...peaks.map((channel) => channel.reduce((a, b) => Math.max(a, Math.abs(b)), 0)));
    this.peaks = peaks.map((channel) => channel.map((peak) => (top ? Math.abs(peak) / top : 0)));
    this.seconds = seconds;
    this.draw();
  }

  draw() {
    const ratio = devicePixelRatio || 1;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !this.seconds) return;
    this.canvas.width = width * ratio;
    this.canvas.height = height * ratio;
    const pen = this.canvas.getContext("2d");
    pen.scale(ratio, ratio);
    if (this.span) this.#spanBox(pen, width, height);
    if (this.ready < 1) this.#notYet(pen, width, height);
    const rows = Math.max(1, this.peaks.length);
    this.peaks.forEach((channel, row) => this.#row(pen, channel, row, width, height / rows));
    for (const span of this.covered) this.#coveredBox(pen, span, rows, width, height);
    for (const mark of this.marks) this.#line(pen, mark / 1000, "mark", 2, height);
    this.#line(pen, this.audio.currentTime, "cursor", 2, height);
  }

  #colour(name) {
    return getComputedStyle(this.canvas.parentElement.querySelector(`[data-colour=${name}]`)).color;
  }

  #row(pen, peaks, row, width, height) {
    pen.fillStyle = this.#colour(row === 0 ? "employee" : "caller");
    const bars = Math.floor(width / (BAR + GAP));
    for (let bar = 0; bar < bars; bar += 1) {
      const from = Math.floor((bar * peaks.length) / bars);
      const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / bars));
      let peak = 0;
      for (let i = from; i < to; i += 1) peak = Math.max(peak, peaks[i] ?? 0);
      const tall = Math.max(1, peak * (height - 6));
      pen.fillRect(bar * (BAR + GAP), row * height + (height - tall) / 2, BAR, tall);
    }
  }

  #line(pen, seconds, colour, thick, height) {
    pen.fillStyle = this.#colour(colour);
    pen.fillRect((seconds / this.seconds) * this.canvas.clientWidth - thick / 2, 0, thick, height);
  }

  /** What is not decoded yet is hatched. */
  #notYet(pen, width, height) {
    pen.strokeStyle = this.#colour("caller");
    pen.globalAlpha = 0.4;
    pen.beginPath();
    for (let x = Math.ceil((this.ready * width) / 8) * 8; x < width; x += 8) {
      pen.moveTo(x, height);
      pen.lineTo(x + 8, 0);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  /** What will not be heard in a copy, on one row or all of them. */
  #coveredBox(pen, { from, to, row }, rows, width, height) {
    const [left, right] = [from, to].map((ms) => (ms / 1000 / this.seconds) * width);
    const tall = row === null || rows === 1 ? height : height / rows;
    pen.fillStyle = this.#colour("mark");
    pen.globalAlpha = 0.45;
    pen.fillRect(left, row === null || rows === 1 ? 0 : row * tall, Math.max(2, right - left), tall);
    pen.globalAlpha = 1;
  }

  #spanBox(pen, width, height) {
    const [from, to] = this.span.map((seconds) => (seconds / this.seconds) * width);
    pen.fillStyle = this.#colour("span");
    pen.fillRect(from, 0, to - from, height);
  }
}
