// The keys of the scoring form: 1, 2, 3 answer, Enter goes on, R remarks; the player has keys of its own. Who switched
// the letter keys off there has them here only on an answer that has the focus (WCAG 2.1.4).

import { enabled } from "./player/keys.js";

const ANSWERS = { 1: "yes", 2: "no", 3: "na" };

export function listen(form, notes) {
  const items = [...form.querySelectorAll("[data-item]")].filter((item) => item.querySelector("input:enabled"));

  const radio = (item) => item.querySelector("input:checked") ?? item.querySelector("input:enabled");
  const go = (item) => radio(item).focus();
  const answered = (item) => item.querySelector("input:checked") !== null;

  /** The item one was busy with last: a remark stands beside the form, and whoever leaves it goes on where they were. */
  let last;

  /** The item with the focus, else the first that has no answer. */
  function current() {
    const focused = document.activeElement?.closest?.("[data-item]");
    return items.includes(focused) ? focused : (items.find((item) => !answered(item)) ?? items[0]);
  }

  function answer(item, value) {
    const chosen = item.querySelector(`input[value="${value}"]`);
    chosen.checked = true;
    chosen.focus();
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function next(item) {
    const following = items[items.indexOf(item) + 1];
    if (following) go(following);
    else (form.querySelector("textarea[name^=finding-]") ?? form.querySelector("button")).focus();
  }

  function remark(item) {
    const details = item.querySelector("[data-remark]");
    details.open = true;
    details.querySelector("textarea").focus();
  }

  /** At the moment one hears, and about the item one is at; without a call on that item. */
  function remarkHere(item) {
    const at = item.contains(document.activeElement) ? item.dataset.item : "";
    last = item;
    if (!notes?.add(at)) remark(item);
  }

  function help() {
    const keys = document.getElementById("form-keys");
    if (keys) keys.open = true;
  }

  function press(event, item) {
    if (event.key in ANSWERS) answer(item, ANSWERS[event.key]);
    else if (event.key === "Enter") next(item);
    else if (event.key.toLowerCase() === "r") remarkHere(item);
    else return;
    event.preventDefault();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const target = event.target;
    const item = target.closest?.("[data-item]");
    if (target.matches?.("textarea")) {
      if (event.key === "Escape") go(item ?? last ?? current());
      return;
    }
    if (target.matches?.("input:not([type=radio]), select")) return;
    // Enter belongs to whatever has the focus, unless that is an answer.
    if (event.key === "Enter" && !target.matches?.("[data-item] input[type=radio]")) return;
    if (event.key === "?" && enabled()) return help(); // the player shows its own beside it
    if (event.key !== "Enter" && !item && !enabled()) return;
    press(event, current());
  });
}
