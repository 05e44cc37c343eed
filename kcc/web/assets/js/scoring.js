// Saves the scoring form while it is filled in, and makes its keys work; without this file the form saves by its button.

import { Autosave } from "./scoring_autosave.js";
import { listen } from "./scoring_keys.js";
import { Conflicts } from "./scoring_conflicts.js";

const form = document.getElementById("scoring");
const words = JSON.parse(document.getElementById("scoring-words").textContent);

/** The fields of the report as they stand in the form: an unanswered item is "". */
function read() {
  const fields = {};
  for (const control of form.elements) {
    if (!/^(answer|remark|finding|point)-/.test(control.name) || control.disabled) continue;
    if (control.type !== "radio") fields[control.name] = control.value;
    else if (control.checked) fields[control.name] = control.value;
    else fields[control.name] ??= "";
  }
  return fields;
}

/** Put a text into a field, as if it had been typed. */
function write(field, text) {
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
  const whole = Number(form.dataset.whole);
  const done = Object.entries(read()).filter(([name, value]) => name.startsWith("answer-") && value).length;
  document.getElementById("progress").value = done;
  const said = words.progress.replace("{done}", done).replace("{whole}", whole);
  document.getElementById("progress-words").textContent = said;
}

const conflicts = new Conflicts(document.getElementById("elsewhere"), form, words, { read, write });
const autosave = new Autosave(form, words, { read, write, conflicts, changed: showProgress });
conflicts.settled = () => autosave.touch();

form.addEventListener("input", () => {
  showProgress();
  autosave.touch();
});
form.addEventListener("submit", () => autosave.leave());
listen(form);
