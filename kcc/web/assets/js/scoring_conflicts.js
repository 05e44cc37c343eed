// Shows what another window wrote beside what this one did, field by field, until somebody has chosen.

export class Conflicts {
  #fields = new Map();

  constructor(place, form, words, { read, write }) {
    this.place = place;
    this.form = form;
    this.words = words;
    this.read = read;
    this.write = write;
    this.settled = () => {};
  }

  get any() {
    return this.#fields.size > 0;
  }

  open(field) {
    return this.#fields.has(field);
  }

  ask(field, theirs) {
    this.#fields.get(field)?.remove();
    const note = this.#note(field, theirs);
    this.#fields.set(field, note);
    this.place.append(note);
    this.#show();
  }

  #note(field, theirs) {
    const note = document.createElement("div");
    note.className = "kcc-notice rvo-alert rvo-alert--warning";
    note.append(
      this.#paragraph(this.#label(field), "kcc-notice__kind"),
      this.#paragraph(`${this.words.other} ${this.#said(field, theirs)}`),
      this.#button(this.words.mine, () => this.#choose(field, null)),
      this.#button(this.words.theirs, () => this.#choose(field, theirs)),
    );
    return note;
  }

  #choose(field, text) {
    if (text !== null) this.write(field, text);
    this.#fields.get(field).remove();
    this.#fields.delete(field);
    this.#show();
    this.settled(field);
    this.#control(field)?.focus();
  }

  #control(field) {
    const found = this.form.elements.namedItem(field);
    return found instanceof RadioNodeList ? found[0] : found;
  }

  /** What the page calls a field: its label, or its item's question. */
  #label(field) {
    const control = this.#control(field);
    const item = control.closest("[data-item]");
    const label = field.startsWith("answer-") ? null : control.labels?.[0]?.firstChild.textContent.trim();
    return label ?? `${item.dataset.item} ${document.getElementById(`question-${item.dataset.item}`).textContent}`;
  }

  #said(field, text) {
    if (!text) return this.words.empty;
    const found = this.form.elements.namedItem(field);
    if (!(found instanceof RadioNodeList)) return text;
    return [...found].find((radio) => radio.value === text)?.parentElement.textContent ?? text;
  }

  #show() {
    this.place.hidden = !this.any;
    if (this.place.querySelector("[data-why]")) return;
    const why = this.#paragraph(`${this.words.elsewhere}. ${this.words.differs}`);
    why.dataset.why = "";
    why.setAttribute("role", "alert");
    this.place.prepend(why);
  }

  #paragraph(text, kind = "") {
    const paragraph = document.createElement("p");
    paragraph.className = kind;
    paragraph.textContent = text;
    return paragraph;
  }

  #button(text, press) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "utrecht-button utrecht-button--secondary-action utrecht-button--rvo-sm";
    button.textContent = text;
    button.addEventListener("click", press);
    return button;
  }
}
