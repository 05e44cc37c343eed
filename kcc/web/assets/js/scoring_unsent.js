// Keeps what the server does not have yet through a reload of this window, and no longer than this window lives.
// Sealed, for computers are shared and browsers write such memories to disk: the key came with the page, which only
// its reader gets. Where the browser cannot seal (no secure connection) nothing is kept, and leaving warns.

const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""));

export class Unsent {
  #turn = 0;

  constructor(url, key) {
    this.name = `kcc-unsent:${url}`;
    this.key = key && crypto.subtle
      ? crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]).catch(() => null)
      : Promise.resolve(null);
  }

  /** `fields`: {name: {mine, base}}, base being what the server had when it was typed. None: nothing is kept. */
  async keep(fields) {
    const turn = ++this.#turn;
    if (!Object.keys(fields).length) return sessionStorage.removeItem(this.name);
    const key = await this.key;
    if (!key) return;
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, new TextEncoder().encode(JSON.stringify(fields)));
    // Of two on their way the later one counts.
    if (turn === this.#turn) sessionStorage.setItem(this.name, `${text(iv)}.${text(sealed)}`);
  }

  /** What an earlier page in this window kept; what cannot be opened was somebody else's, and goes. */
  async found() {
    const kept = sessionStorage.getItem(this.name);
    const key = await this.key;
    if (!kept || !key) return {};
    try {
      const [iv, sealed] = kept.split(".").map(bytes);
      return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed)));
    } catch {
      sessionStorage.removeItem(this.name);
      return {};
    }
  }
}
