// How strong a new password is, in words and as a bar, while it is typed; the server judges again when it is sent.

const PAUSE = 400; // ms of rest before asking

const shown = document.querySelector("[data-strength]");
const field = document.getElementById("password");

if (shown && field) {
  const meter = shown.querySelector("meter");
  const words = shown.querySelector("p");
  const token = document.querySelector('meta[name="csrf-token"]').content;
  let timer;
  let asking;

  const show = ({ level, sentence }) => {
    meter.value = level;
    words.textContent = sentence;
    shown.hidden = false;
  };

  const ask = async () => {
    asking = new AbortController();
    try {
      const answer = await fetch(shown.dataset.strength, {
        method: "POST",
        headers: { "X-CSRFToken": token, Accept: "application/json" },
        body: new URLSearchParams({ password: field.value }),
        signal: asking.signal,
      });
      // Asked too often, signed out, no connection: the form itself will tell; an old judgement must not stand.
      if (answer.ok) show(await answer.json());
      else shown.hidden = true;
    } catch (fault) {
      if (fault.name !== "AbortError") shown.hidden = true;
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    if (!field.value) shown.hidden = true;
    else timer = setTimeout(ask, PAUSE);
  });
}
