// Covering names: marks made in the player become the rows of the form, and the rows are drawn on the waveform.

const form = document.getElementById("spans");
const player = document.querySelector("[data-player]");
const swapped = Number(form?.dataset.swapped ?? 0); // the waveform shows the employee first
const said = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}.${String(ms % 1000).padStart(3, "0")}`;
const FORM = /^(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5})(?:[.,](\d{1,3}))?$/;

function moment(typed) {
  const found = FORM.exec(typed.trim());
  if (!found) return null;
  const [, hours, minutes, seconds, rest] = found;
  return ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds)) * 1000 + Number((rest ?? "").padEnd(3, "0"));
}

const fields = (row) => [row.querySelector("[name^=begins-]"), row.querySelector("[name^=ends-]")];
const rows = () => [...form.querySelectorAll(".kcc-span")];

/** A row more at the end, so that there is always one to fill. */
function another() {
  const last = rows().at(-1);
  const number = rows().length;
  const fresh = last.cloneNode(true);
  fresh.querySelectorAll(".rvo-form-feedback").forEach((told) => told.remove());
  for (const field of fresh.querySelectorAll("input, select")) {
    field.name = field.name.replace(/\d+$/, number);
    field.id = field.name;
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    field.previousElementSibling.htmlFor = field.id;
  }
  last.after(fresh);
  return fresh;
}

function draw() {
  const spans = rows().flatMap((row) => {
    const [begins, ends] = fields(row).map((field) => moment(field.value));
    const side = row.querySelector("select")?.value ?? "";
    return begins !== null && ends !== null && begins < ends ? [{ from: begins, to: ends, row: side === "" ? null : Math.abs(Number(side) - swapped) }] : [];
  });
  const ms = rows().flatMap((row) => fields(row)).map((field) => moment(field.value)).filter((one) => one !== null);
  player?.dispatchEvent(new CustomEvent("kcc:marks", { detail: { ms, spans } }));
}

/** The first mark is a row's beginning, the next its end. */
function mark(ms) {
  const open = rows().find((row) => fields(row)[0].value.trim() && !fields(row)[1].value.trim());
  const row = open ?? rows().find((one) => fields(one).every((field) => !field.value.trim())) ?? another();
  const [begins, ends] = fields(row);
  const field = open ? ends : begins;
  field.value = said(ms);
  if (open && moment(begins.value) > ms) [begins.value, ends.value] = [ends.value, begins.value];
  draw();
}

if (form) {
  document.querySelectorAll("[data-with-script]").forEach((told) => {
    told.hidden = false;
  });
  form.addEventListener("input", draw);
  player?.addEventListener("kcc:mark", (event) => {
    event.preventDefault();
    mark(Math.round(event.detail.ms));
  });
  player?.addEventListener("play", draw, true);
  player?.addEventListener("loadedmetadata", draw, true);
}
