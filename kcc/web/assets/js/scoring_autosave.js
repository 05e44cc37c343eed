// Sends what changed to the server a moment after it changed, and keeps it until the server has it; knows no keys.
// What is not sent yet outlives a reload (scoring_unsent); what two windows wrote is compared (scoring_conflicts).

const PAUSE = 1200; // ms of rest before saving
const PATIENCE = 20000; // ms before a request that nobody answers counts as lost; asking again is harmless
const RETRY = [2000, 5000, 15000, 30000]; // ms between tries without a connection

export class Autosave {
  constructor(form, words, { read, write, conflicts, unsent, changed }) {
    this.form = form;
    this.words = words;
    this.read = read;
    this.write = write;
    this.conflicts = conflicts;
    this.unsent = unsent;
    this.changed = changed;
    this.saved = read(); // what the server has, as far as this window knows
    this.status = document.getElementById("saved");
    this.tries = 0;
    this.rest = this.status.textContent; // what it says when all is saved
    addEventListener("beforeunload", (event) => {
      if (!this.leaving && (this.conflicts.any || Object.keys(this.changes()).length)) event.preventDefault();
    });
    addEventListener("online", () => this.save());
  }

  /** The fields that the server does not have yet; a conflict waits until somebody chose. */
  changes() {
    const changes = {};
    for (const [field, text] of Object.entries(this.read())) {
      if (text.trim() !== (this.saved[field] ?? "").trim() && !this.conflicts.open(field)) changes[field] = text;
    }
    return changes;
  }

  /** Take up what an earlier page in this window could not send; where the server has moved on, ask. */
  async restore() {
    const kept = await this.unsent.found();
    for (const [field, { mine, base }] of Object.entries(kept)) {
      const now = this.saved[field] ?? "";
      if (now === mine) continue;
      this.write(field, mine);
      if (now !== base) this.conflicts.ask(field, now);
    }
    if (!Object.keys(kept).length) return;
    this.changed();
    this.touch();
  }

  /** Everything this window has and the server has not, also what waits for somebody to choose. */
  #remember() {
    const fields = {};
    for (const [field, mine] of Object.entries(this.read())) {
      const base = this.saved[field] ?? "";
      if (mine.trim() !== base.trim()) fields[field] = { mine, base };
    }
    this.unsent.keep(fields);
  }

  touch() {
    this.#remember();
    if (this.ended) return;
    if (!this.tries) this.say(this.words.typing);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  leave() {
    this.leaving = true;
    clearTimeout(this.timer);
  }

  async save() {
    clearTimeout(this.timer);
    const changes = this.changes();
    if (this.ended || this.leaving || this.busy) return;
    if (!Object.keys(changes).length) return this.#still();
    this.busy = true;
    if (!this.tries) this.say(this.words.saving);
    let answer = null;
    try {
      answer = await this.#send(changes);
    } catch {
      this.#again(this.words.failed);
    }
    this.busy = false;
    if (answer) await this.#take(answer, changes);
  }

  #send(changes) {
    return fetch(this.form.dataset.autosave, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": this.form.elements.csrf_token.value,
      },
      signal: AbortSignal.timeout(PATIENCE),
      body: JSON.stringify({ revision: Number(this.form.elements.revision.value), changes }),
    });
  }

  async #take(answer, changes) {
    if (answer.status === 401) return this.#again(this.words.signedOut);
    if (answer.status >= 500 || answer.status === 429) return this.#again(this.words.failed);
    const told = await answer.json().catch(() => ({}));
    if (told.code === "csrf") return this.#newToken();
    this.tries = 0;
    if (answer.ok) return this.#kept(told, changes);
    if (answer.status === 409 && told.kept) return this.#merge(told);
    if (answer.status === 404 || answer.status === 410) {
      this.ended = true;
      return this.say(this.words.closed);
    }
    this.say(this.words.refused.replace("{reason}", told.detail ?? answer.statusText));
  }

  /** Somebody signed out and in again: the page's token was the earlier visit's. A fresh one comes with a fresh page. */
  async #newToken() {
    this.#again(this.words.signedOut);
    const page = await fetch(location.pathname).then((answer) => answer.text()).catch(() => "");
    const field = new DOMParser().parseFromString(page, "text/html").querySelector("form[data-autosave] [name=csrf_token]");
    if (field) this.form.elements.csrf_token.value = field.value;
  }

  #kept(told, changes) {
    Object.assign(this.saved, changes);
    this.form.elements.revision.value = told.revision;
    this.#remember();
    if (Object.keys(this.changes()).length) return this.touch(); // typed while it was saving
    this.rest = this.words.saved.replace("{time}", told.saved_at);
    this.#still();
  }

  #still() {
    this.tries = 0;
    this.say(this.conflicts.any ? this.words.elsewhere : this.rest);
  }

  /** Another window saved: take over what this one left alone, ask about the rest, lose nothing. */
  #merge(told) {
    const mine = this.changes();
    this.form.elements.revision.value = told.revision;
    for (const field of new Set([...Object.keys(this.saved), ...Object.keys(told.kept)])) {
      const theirs = told.kept[field] ?? "";
      if (theirs !== (this.saved[field] ?? "") && field in mine && mine[field].trim() !== theirs) this.conflicts.ask(field, theirs);
      else if (this.conflicts.open(field)) this.conflicts.ask(field, theirs);
      else if (!(field in mine)) this.write(field, theirs);
      this.saved[field] = theirs;
    }
    this.changed();
    this.#remember();
    this.say(this.words.elsewhere);
    if (Object.keys(this.changes()).length) this.touch();
  }

  #again(reason) {
    this.say(reason);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), RETRY[Math.min(this.tries++, RETRY.length - 1)]);
  }

  say(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }
}
