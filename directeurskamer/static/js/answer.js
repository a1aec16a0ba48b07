// What is told about a form that was sent gets the focus, once the browser has gone to the place
// that the address names: that takes focus away.

const told = "#errors, #hints, #sent, #unsent, #preview, #conflict:not([hidden])";

addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => {
  document.querySelector(told)?.focus();
})));
