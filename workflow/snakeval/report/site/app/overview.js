"use strict";
// Models x benchmarks, and what was run.
(function () {
  const h = SV.h;
  // Where a cause of validity leads: samples that ended so, or with that verdict.
  SV.cause = (benchmark, model, cause, grader) => {
    if (cause === "truncated") return SV.link("samples", [benchmark, model], { ending: "truncated" });
    if (SV.run.verdicts.includes(cause)) return SV.link("samples", [benchmark, model], { verdict: cause, grader });
    return SV.link("benchmark", [benchmark], {});
  };

  SV.flags = function (score) {
    const causes = Object.entries(score.validity);
    return [
      ...causes.map(([cause, count]) => h("a", { class: "flag", href: SV.cause(score.benchmark, score.model, cause, score.grader),
        title: `${count} of ${score.requested} samples: ${cause.replaceAll("_", " ")}` }, `${cause.replaceAll("_", " ")} ${SV.percent(count / score.requested)} %`)),
      score.flags.includes("unsafe") ? h("span", { class: "flag" }, "no sandbox") : null,
    ];
  };

  const METRICS = {
    pass1: ["pass@1", (score) => score.passes["1"]],
    best: ["pass@k, largest k", (score) => Object.values(score.passes).at(-1)],
    reward: ["mean reward", (score) => score.reward],
    maj: ["maj@n", (score) => (score.maj === null ? null : [score.maj])],
  };

  SV.views.overview = function (root, parts, query) {
    const metric = METRICS[query.metric] ? query.metric : "pass1";
    const [name, figure] = METRICS[metric];
    const shown = SV.run.benchmarks.filter((each) => each.graders.length && (!query.benchmark || each.id === query.benchmark));
    const columns = shown.flatMap((each) => each.graders.map((grader) => ({ benchmark: each, grader })));
    const scores = new Map(SV.run.scores.map((score) => [JSON.stringify([score.model, score.benchmark, score.grader]), score]));
    const of = (model, column) => scores.get(JSON.stringify([model.id, column.benchmark.id, column.grader]));
    const models = SV.run.models.filter((model) => columns.some((column) => of(model, column)));
    const stay = (change) => SV.go(SV.link("overview", [], { ...query, ...change }));
    const place = h("div");
    const draw = (asked) => {
      const rows = models.filter((model) => `${model.label} ${model.id}`.toLowerCase().includes(asked.toLowerCase()));
      place.replaceChildren(SV.table([
        { name: "model", text: true, cell: (model) => h("a", { href: SV.link("model", [model.id]) }, model.label), value: (model) => model.label },
        ...columns.map((column) => ({
          name: SV.titled(column.benchmark, column.grader),
          value: (model) => { const found = of(model, column); const values = found && figure(found); return values ? values[0] : null; },
          cell: (model) => {
            const score = of(model, column), values = score && figure(score);
            if (!values) return "";
            return [
              h("a", { class: "score", href: SV.link("samples", [column.benchmark.id, model.id], { grader: column.grader }) }, SV.percent(values[0])),
              values.length > 1 ? h("span", { class: "interval" }, `${SV.percent(values[1])} to ${SV.percent(values[2])}`) : null,
              SV.flags(score),
            ];
          },
        })),
      ], rows, { caption: "Scores", className: "scores" }));
    };
    draw(query.q || "");
    SV.add(root,
      h("h1", {}, "Overview"),
      columns.length ? [
        h("p", { class: "note" }, `${name} in percent with 95% intervals of a bootstrap over problems. Figures lead to the samples, marks to the samples that caused them.`),
        h("div", { class: "bar" },
          SV.choice("Show", Object.entries(METRICS).map(([key, [text]]) => [key, text]), metric, (value) => stay({ metric: value })),
          SV.choice("Benchmark", [["", "all"], ...SV.run.benchmarks.filter((each) => each.graders.length).map((each) => [each.id, each.label])], query.benchmark || "", (value) => stay({ benchmark: value })),
          SV.search("Search models", query.q || "", draw)),
        place,
      ] : h("p", {}, "No benchmark of this run is graded."),
      h("h2", {}, "Benchmarks"),
      h("ul", { class: "plainlist" }, SV.run.benchmarks.map((each) => h("li", {}, h("a", { href: SV.link("benchmark", [each.id]) }, each.label),
        each.published ? null : h("span", { class: "note" }, " texts are not shown, as its authors ask")))),
      SV.run.tables.map((table) => [h("h2", {}, table.title), SV.plain(table)]),
      h("h2", {}, "What was run"),
      SV.run.models.map((model) => SV.fold(model.label, SV.run.models.length === 1, about(model))));
  };

  SV.views.model = function (root, [id]) {
    const model = SV.model(id);
    if (!model) { SV.add(root, h("h1", {}, "No such model"), h("p", {}, id)); return; }
    const scores = SV.run.scores.filter((score) => score.model === id);
    SV.add(root, h("h1", {}, model.label), h("h2", {}, "Scores"),
      SV.table([
        { name: "benchmark", text: true, cell: (s) => (s.benchmark ? h("a", { href: SV.link("benchmark", [s.benchmark]) }, SV.label("benchmark", s.benchmark)) : "all"), value: (s) => s.benchmark || "" },
        { name: "grader", text: true, cell: (s) => s.grader },
        { name: "problems", cell: (s) => SV.count(s.problems), value: (s) => s.problems },
        { name: "samples", cell: (s) => SV.count(s.samples), value: (s) => s.samples },
        { name: "pass@1, %", cell: (s) => SV.percent(s.passes["1"][0]), value: (s) => s.passes["1"][0] },
        { name: "95% interval", cell: (s) => `${SV.percent(s.passes["1"][1])} to ${SV.percent(s.passes["1"][2])}`, value: (s) => s.passes["1"][1] },
        { name: "invalid", text: true, cell: (s) => (s.benchmark ? SV.flags(s) : ""), value: (s) => s.flags },
      ], scores, { caption: "Scores of the model" }),
      h("h2", {}, "What was run"), about(model));
  };

  function about(model) {
    const say = (value) => (typeof value === "object" ? JSON.stringify(value) : String(value));
    return [
      h("dl", {}, Object.entries(model.serving).map(([key, [value, from]]) => [h("dt", {}, key.replaceAll("_", " ")), h("dd", {}, say(value), h("span", { class: "note" }, from ? ` (${from})` : ""))])),
      Object.entries(model.runs).map(([benchmark, run]) => [
        h("h3", {}, h("a", { href: SV.link("samples", [benchmark, model.id]) }, SV.label("benchmark", benchmark))),
        h("dl", {}, h("dt", {}, "prompt"), h("dd", {}, SV.benchmark(benchmark).prompt),
          Object.entries(run).map(([key, value]) => [h("dt", {}, key), h("dd", {}, say(value))])),
      ]),
    ];
  }
})();
