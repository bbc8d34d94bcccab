"use strict";
// The way around: one view a hash, keys, light and dark.
(function () {
  const h = SV.h;
  const VIEWS = [["overview", "Overview"], ["benchmark", "Benchmark"], ["samples", "Samples"], ["compare", "Compare"], ["checkpoints", "Checkpoints"], ["arena", "Arena"], ["anomalies", "Anomalies"]];
  const main = document.getElementById("main"), nav = document.getElementById("nav");
  let number = 0;

  SV.show = async function () {
    const mine = ++number, { view, parts, query } = SV.place();
    const root = h("div", { class: `view ${view}` });
    SV.keys = {};
    SV.mounted = [];
    const mounted = SV.mounted;
    try {
      SV.run = SV.run || (await SV.load("run"));
      const make = SV.views[view];
      if (make) await make(root, parts, query);
      else SV.add(root, h("h1", {}, "There is no such page"), h("p", {}, view));
    } catch (error) {
      root.replaceChildren(h("h1", {}, "This could not be shown"), h("p", { class: "flag" }, error.message));
    }
    if (mine !== number) return; // another one was asked for meanwhile
    main.replaceChildren(root);
    mounted.forEach((each) => each());
    document.title = `${root.querySelector("h1")?.textContent ?? "Report"} · Evaluation report`;
    const current = { model: "overview", sample: "samples" }[view] || view;
    nav.replaceChildren(...VIEWS.map(([name, title], i) => h("a", { href: SV.link(name), title: `${i + 1}`, "aria-current": name === current ? "page" : null }, title)));
    document.dispatchEvent(new CustomEvent("shown", { detail: view }));
  };

  function theme(chosen) {
    SV.theme = chosen;
    document.documentElement.dataset.theme = chosen;
    SV.redraw();
  }
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const exchange = () => {
    theme(SV.theme === "dark" ? "light" : "dark");
    try { localStorage.setItem("theme", SV.theme); } catch { /* a page from file:// may have no storage */ }
  };
  let kept = null;
  try { kept = localStorage.getItem("theme"); } catch { /* as above */ }
  theme(kept === "dark" || kept === "light" ? kept : dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => theme(dark.matches ? "dark" : "light"));
  document.getElementById("theme").addEventListener("click", exchange);

  const KEYS = [["1 to 7", "the views"], ["/", "search"], ["j, k or ↓, ↑", "move in a list"], ["Enter", "open"], ["← → or k, j", "previous and next sample"], ["u", "from a sample to its list"], ["t", "light or dark"], ["?", "these keys"]];
  const help = h("dialog", { "aria-label": "Keys" }, h("h2", {}, "Keys"), h("dl", {}, KEYS.map(([key, what]) => [h("dt", {}, key), h("dd", {}, what)])), h("form", { method: "dialog" }, h("button", {}, "Close")));
  document.body.append(help);
  document.getElementById("help").addEventListener("click", () => help.showModal());

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest("input, select, textarea, canvas")) { if (event.key === "Escape") event.target.blur(); return; }
    if (event.key === "/") { const search = main.querySelector("input[type=search]"); if (search) { search.focus(); event.preventDefault(); } return; }
    if (event.key === "?") { help.showModal(); return; }
    if (event.key === "t") { exchange(); return; }
    const view = VIEWS[Number(event.key) - 1];
    if (view) { SV.go(SV.link(view[0])); return; }
    const to = SV.keys[event.key];
    if (to && !event.target.closest(".list, .scroll")) { event.preventDefault(); location.replace(to); }
  });
  window.addEventListener("hashchange", SV.show);
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => { each.dataset.was = each.open; each.open = true; }));
  window.addEventListener("afterprint", () => document.querySelectorAll("details").forEach((each) => { each.open = each.dataset.was === "true"; }));
  SV.show();
})();
