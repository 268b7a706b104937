// What a browser knows and a server does not: the zone of its clock. Everything works without it.

"use strict";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

for (const button of document.querySelectorAll("[data-own-zone]")) {
  if (!zone || button.dataset.ownZone === zone) continue;
  button.value = zone;
  button.textContent = zone;
  button.hidden = false;
  button.form.querySelector("[data-other-zone]")?.remove();
}
