// The player's sentences in the page's language, and times as people say and read them.

/** Put values into "{name}" places. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** 252.4 → "4:12" */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** 72 → "1 minuut 12", 12 → "12 seconden" */
export function spoken(seconds, words) {
  const whole = Math.max(0, Math.floor(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes === 0) return fill(rest === 1 ? words.second : words.seconds, { n: rest });
  const start = fill(minutes === 1 ? words.minute : words.minutes, { n: minutes });
  return rest ? `${start} ${rest}` : start;
}
