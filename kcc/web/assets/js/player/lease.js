// Asks again and again whether the lease stands: every second while sound is heard, every five in silence.

import { Refusal, confirm } from "./requests.js";

const PLAYING = 1000;
const PAUSED = 5000;
const PATIENCE = 2; // unanswered questions in a row before the sound is held

/** Watch until `signal` aborts. `ended(error)` on a refusal, `trouble()` when nobody answers, `alive()` at each good
    answer; `troubled()` tells whether the sound is held, by whoever found that out. */
export function watch(audio, url, { ended, trouble, alive, troubled }, signal) {
  let timer;
  let turn = 0;
  let missed = 0;

  const judge = (error) => {
    if (error instanceof Refusal) return ended(error);
    if (error) {
      missed += 1;
      return missed === PATIENCE && trouble();
    }
    missed = 0;
    return alive();
  };

  const question = async () => {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    const error = await confirm(url).then(() => null, (reason) => reason);
    if (signal.aborted || mine !== turn) return;
    judge(error);
    const calm = audio.paused && missed === 0 && !troubled();
    if (!signal.aborted) timer = setTimeout(question, calm ? PAUSED : PLAYING);
  };

  audio.addEventListener("play", question, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  timer = setTimeout(question, PAUSED);
}
