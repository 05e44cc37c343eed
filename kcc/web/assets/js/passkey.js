// Passkeys: asks the browser for one and puts its answer in the form, which is then sent as any other form.

const able = Boolean(
  window.PublicKeyCredential?.parseCreationOptionsFromJSON && window.PublicKeyCredential.parseRequestOptionsFromJSON,
);

function say(form, word) {
  for (const line of form.querySelectorAll("[data-passkey-said]")) line.hidden = line.dataset.passkeySaid !== word;
}

async function optionsOf(form) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  const answer = await fetch(form.dataset.options, { method: "POST", headers });
  if (!answer.ok) throw new Error("stale");
  return answer.json();
}

async function credentialFor(form) {
  const options = await optionsOf(form);
  if (form.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

async function fill(form) {
  const button = form.querySelector("button");
  button.disabled = true;
  say(form, "");
  try {
    const credential = await credentialFor(form);
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  } catch (fault) {
    say(form, fault.message === "stale" ? "stale" : "cancelled");
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.hidden = !able;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    fill(form);
  });
}
for (const line of document.querySelectorAll("[data-passkey-without]")) line.hidden = able;
for (const line of document.querySelectorAll("[data-passkey-scriptless]")) line.hidden = true;
