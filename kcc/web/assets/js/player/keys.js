// Keys of the player: they never take a letter from a text field, nor space or an arrow from a control that needs it.
// Single-letter keys can be switched off (WCAG 2.1.4); the choice stays in this browser.

const STORED = "kcc-player-keys";
const TYPING = "input:not([type=range],[type=radio],[type=checkbox],[type=button],[type=submit]),textarea,select,[contenteditable]";
const OWN_KEYS = "a[href],button,summary,input,select,textarea,[contenteditable]";

export const enabled = () => localStorage.getItem(STORED) !== "off";
export const enable = (on) => localStorage.setItem(STORED, on ? "on" : "off");

const LETTERS = {
  j: ["jump", -10], l: ["jump", 10], k: ["toggle"], m: ["mark"], "?": ["help"],
  "+": ["faster", 1], "=": ["faster", 1], "-": ["faster", -1], "−": ["faster", -1],
};
const PLAIN = { " ": ["toggle"], ArrowLeft: ["jump", -5], ArrowRight: ["jump", 5] };

/** An answer in a form that says so leaves space, ← and → to the player: ↑, ↓ and the form's own keys choose there. */
const yields = (target) => target.type === "radio" && target.closest("[data-yields]");

/** The command for a key press, or undefined when the key is not ours here. */
export function command(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return undefined;
  const { target } = event;
  if (target.dataset?.seek !== undefined && event.key.startsWith("Arrow")) return PLAIN[event.key];
  if (PLAIN[event.key]) return target.closest?.(OWN_KEYS) && !yields(target) ? undefined : PLAIN[event.key];
  const letter = LETTERS[event.key.toLowerCase()];
  return letter && enabled() && !target.closest?.(TYPING) ? letter : undefined;
}
