// The player's conversation with the server: open, ask whether the lease stands, fetch a range, close.

const HEADER_BYTES = 44;

/** The server said no; `message` is its sentence. */
export class Refusal extends Error {}

/** No answer, or an answer that says to try again later. */
export class Trouble extends Error {}

/** This part of the sound is still being decoded; `message` is the server's sentence, with how much is ready. */
export class Making extends Trouble {}

/** JSON is asked for, also beside sound, so that a session that is over gives 401 and not the page to sign in. */
async function ask(url, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  let answer;
  try {
    answer = await fetch(url, { cache: "no-store", credentials: "same-origin", ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Trouble(error.message);
  }
  if (answer.ok) return answer;
  if (answer.status === 503) {
    const problem = await answer.json().catch(() => ({}));
    if (problem.code === "sound_making") throw new Making(problem.detail);
    throw new Trouble("503");
  }
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) throw new Trouble(String(answer.status));
  const problem = await answer.json().catch(() => ({}));
  throw new Refusal(problem.detail ?? problem.title ?? "");
}

const posting = () => ({
  method: "POST",
  headers: { "X-CSRFToken": document.querySelector("meta[name=csrf-token]")?.content ?? "" },
});

/** Ask for a lease on the call. */
export const open = async (url) => (await ask(url, posting())).json();

/** Give the lease back; survives the page's end. */
export const close = (url) => ask(url, { ...posting(), keepalive: true }).catch(() => {});

/** Say something and hear the answer, both as JSON. */
export async function post(url, told) {
  const { headers, ...rest } = posting();
  const typed = { ...headers, "Content-Type": "application/json" };
  return (await ask(url, { ...rest, headers: typed, body: JSON.stringify(told), signal: AbortSignal.timeout(4000) })).json();
}

/** Say something that survives the page's end; nobody hears an answer. */
export const send = close;

/** Resolves while the lease stands. */
export const confirm = (url) => ask(url, { signal: AbortSignal.timeout(1500) });

/** Interleaved PCM16 from sample `start` (inclusive) to `end` (exclusive). */
export async function pcm(lease, start, end, signal) {
  const width = 2 * lease.channels;
  const range = `bytes=${HEADER_BYTES + start * width}-${HEADER_BYTES + end * width - 1}`;
  const answer = await ask(lease.sound_url, { headers: { Range: range }, signal });
  if (answer.status !== 206) throw new Trouble("the server does not serve ranges");
  return new Uint8Array(await answer.arrayBuffer());
}

/** Peaks for the waveform: one list per channel. */
export const waveform = async (url) => (await ask(url)).json();

/** How much of a sound that is still being decoded can be played, 0 to 1. */
export const progress = async (url) => (await (await ask(url)).json()).made;

/** Who is heard when. */
export const conversation = async (url) => (await ask(url)).json();

/** How many samples per channel the call has. */
export const sampleCount = (lease) => Math.floor((lease.bytes - HEADER_BYTES) / (2 * lease.channels));
