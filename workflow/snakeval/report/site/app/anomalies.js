"use strict";
// What a careful reader would ask about, each with samples to look at.
(function () {
  const h = SV.h;
  SV.views.anomalies = function (root, parts, query) {
    const kinds = [...new Set(SV.run.anomalies.map((each) => each.kind))].sort();
    const place = h("div");
    let kind = kinds.includes(query.kind) ? query.kind : "", words = query.q || "";
    const draw = () => {
      const shown = SV.run.anomalies.filter((each) => (!kind || each.kind === kind)
        && `${each.text} ${each.benchmark} ${each.model ?? ""}`.toLowerCase().includes(words.toLowerCase()));
      place.replaceChildren(shown.length ? SV.table([
        { name: "what", text: true, cell: (each) => each.kind },
        { name: "benchmark", text: true, cell: (each) => h("a", { href: SV.link("benchmark", [each.benchmark]) }, SV.label("benchmark", each.benchmark)), value: (each) => each.benchmark },
        { name: "model", text: true, cell: (each) => (each.model ? h("a", { href: SV.link("model", [each.model]) }, SV.label("model", each.model)) : ""), value: (each) => each.model },
        { name: "found", text: true, cell: (each) => each.text },
        { name: "look at", text: true, value: (each) => each.links.length, cell: (each) => [
          each.links.map(([model, problem, sample]) => [h("a", { href: SV.link("sample", [each.benchmark, model, problem, sample]) }, problem), " "]),
          each.kind === "worse than its parent" ? h("a", { href: SV.link("compare", [each.benchmark, SV.benchmark(each.benchmark).graders[0], each.model, SV.model(each.model).parent]) }, "compare") : null] },
      ], shown, { caption: "Anomalies", className: "anomalies" }) : h("p", {}, SV.run.anomalies.length ? "None of these." : "Nothing odd was found."));
    };
    draw();
    SV.add(root, h("h1", {}, "Anomalies"),
      h("p", { class: "note" }, "Signs, not verdicts: none of them changes a score."),
      h("div", { class: "bar" },
        SV.choice("Kind", [["", `all ${SV.run.anomalies.length}`], ...kinds.map((each) => [each, each])], kind, (value) => { kind = value; draw(); }),
        SV.search("Search", words, (value) => { words = value; draw(); })), place);
  };
})();
