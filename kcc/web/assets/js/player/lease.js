// Asks again and again whether the lease stands: every second while sound is heard, every five in silence.

import { Refusal, confirm } from "./requests.js";

const PLAYING = 1000;
const PAUSED = 5000;
const PATIENCE = 2; // unanswered questions in a row before the sound is held

/** Watch until `signal` aborts. `ended(error)` on a refusal, `trouble()` when nobody answers, `restored()` afterwards. */
export function watch(audio, url, { ended, trouble, restored }, signal) {
  let timer;
  let turn = 0;
  let missed = 0;

  const judge = (error) => {
    if (error instanceof Refusal) return ended(error);
    if (error) {
      missed += 1;
      return missed === PATIENCE && trouble();
    }
    const back = missed >= PATIENCE;
    missed = 0;
    return back && restored();
  };

  const question = async () => {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    const error = await confirm(url).then(() => null, (reason) => reason);
    if (signal.aborted || mine !== turn) return;
    judge(error);
    if (!signal.aborted) timer = setTimeout(question, audio.paused && missed === 0 ? PAUSED : PLAYING);
  };

  audio.addEventListener("play", question, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  timer = setTimeout(question, PAUSED);
}
