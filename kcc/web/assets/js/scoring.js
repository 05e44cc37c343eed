// Saves a form while it is filled in, and makes its keys and its remarks in the call work; without this file the form
// saves by its button. It serves any form with data-autosave: progress, remarks and player are there or they are not.

import { Autosave } from "./scoring_autosave.js";
import { Conflicts } from "./scoring_conflicts.js";
import { listen } from "./scoring_keys.js";
import { Notes } from "./scoring_notes.js";
import { Unsent } from "./scoring_unsent.js";

const FIELD = /^(answer|remark|finding|point|note|about|at)-/;
const form = document.querySelector("form[data-autosave]");
const words = JSON.parse(document.getElementById("scoring-words").textContent);
const list = document.getElementById("notes");
const notes = list && new Notes(list, document.querySelector(".kcc-player[data-player]"), words);

/** The fields as they stand in the form: an unanswered item is "", and so is all of a remark without a text. */
function read() {
  const fields = {};
  for (const control of form.elements) {
    if (!FIELD.test(control.name) || control.disabled) continue;
    if (control.type !== "radio") fields[control.name] = control.value;
    else if (control.checked) fields[control.name] = control.value;
    else fields[control.name] ??= "";
  }
  return notes ? notes.tidy(fields) : fields;
}

/** Put a text into a field, as if it had been typed. */
function write(field, text) {
  if (notes?.write(field, text, conflicts)) return;
  const found = form.elements.namedItem(field);
  if (!found) return;
  if (found instanceof RadioNodeList) {
    for (const radio of found) radio.checked = radio.value === text;
  } else {
    found.value = text;
    found.closest("details")?.toggleAttribute("open", text !== "" || found.closest("details").open);
  }
}

function showProgress() {
  const bar = document.getElementById("progress");
  if (!bar) return;
  const whole = Number(form.dataset.whole);
  const done = Object.entries(read()).filter(([name, value]) => name.startsWith("answer-") && value).length;
  bar.value = done;
  const said = words.progress.replace("{done}", done).replace("{whole}", whole);
  document.getElementById("progress-words").textContent = said;
}

const conflicts = new Conflicts(document.getElementById("elsewhere"), form, words, { read, write });
const unsent = new Unsent(form.dataset.autosave, form.dataset.unsent);
const autosave = new Autosave(form, words, { read, write, conflicts, unsent, changed: showProgress });
const touched = () => {
  showProgress();
  autosave.touch();
};
conflicts.settled = () => autosave.touch();
form.addEventListener("input", touched);
list?.addEventListener("input", touched);
form.addEventListener("submit", () => autosave.leave());
listen(form, notes);
autosave.restore();
