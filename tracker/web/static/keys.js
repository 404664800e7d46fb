// The keyboard: j/k walk a list, Enter opens, / searches, ? helps.  Everything it does can be done without it.
"use strict";

(() => {
  const items = () => Array.from(document.querySelectorAll("[data-list] [data-item], table [data-item]")).filter((item) => item.offsetParent);
  const current = () => document.querySelector("[data-item].current");
  const goTo = (selector) => { const link = document.querySelector(selector); if (link) link.click(); };
  const focusOn = (id) => {
    const place = document.getElementById(id);
    if (!place) return;
    place.scrollIntoView({ block: "start" });
    place.setAttribute("tabindex", "-1");
    place.focus({ preventScroll: true });
  };

  const step = (by) => {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by, 0), all.length - 1)];
    if (current()) current().classList.remove("current");
    next.classList.add("current");
    const link = next.querySelector("[data-open]") || next.querySelector("a") || next;
    link.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  const help = () => { const dialog = document.getElementById("help"); if (!dialog.open) dialog.showModal(); };

  const filter = () => {
    const box = document.getElementById("filter");
    if (!box) { window.location.assign("/?filter"); return; }
    box.open = true;
    const field = box.querySelector("input:not([type=hidden]), select");
    box.scrollIntoView({ block: "nearest" });
    if (field) field.focus({ preventScroll: true });
  };

  const toggleView = () => goTo("[data-view]:not([aria-current])");

  const annotate = () => {
    focusOn("opinion");
    const field = document.querySelector(".opinion input[type=radio]:checked") || document.querySelector(".opinion input[type=radio]");
    if (field) field.focus({ preventScroll: true });
  };

  const evidence = () => {
    focusOn("evidence");
    const link = document.querySelector("[data-evidence]");
    if (link) link.focus({ preventScroll: true });
  };

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    "/": () => { const field = document.getElementById("find"); field.focus(); field.select(); },
    "?": help,
    f: filter,
    n: () => goTo("[data-next]"),
    p: () => window.history.back(),
    s: () => focusOn("texts"),
    v: toggleView,
    a: annotate,
    e: evidence,
    g: () => window.location.assign("/"),
  };

  // A fold that holds the place an address names is opened, or the reader would be taken to nothing.
  const unfold = () => {
    const place = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    const fold = place && place.closest("details");
    if (fold && !fold.open) { fold.open = true; place.scrollIntoView({ block: "center" }); }
  };

  document.addEventListener("keydown", (event) => {
    const at = event.target;
    const types = at.matches("textarea, select, [contenteditable]") || (at.matches("input") && !["checkbox", "radio", "button", "submit"].includes(at.type));
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (types) { if (event.key === "Escape") at.blur(); return; }
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && current() && (at === document.body || at === current())) { const link = current().querySelector("[data-open], a"); if (link) link.click(); return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  window.addEventListener("hashchange", unfold);
  unfold();
})();
