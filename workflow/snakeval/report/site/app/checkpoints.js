"use strict";
// A metric over the steps of a training run, all benchmarks side by side.
(function () {
  const h = SV.h;
  SV.views.checkpoints = function (root, parts, query) {
    const runs = chains();
    const metric = query.metric === "best" ? "best" : "pass1";
    const figure = (score) => (metric === "best" ? Object.values(score.passes).at(-1) : score.passes["1"]);
    SV.add(root, h("h1", {}, "Checkpoints"),
      runs.length ? null : h("p", { class: "note" }, "No model of this run is another's parent: models stand in the order of the configuration."),
      h("div", { class: "bar" }, SV.choice("Show", [["pass1", "pass@1"], ["best", "pass@k, largest k"]], metric, (value) => SV.go(SV.link("checkpoints", [], { metric: value })))));
    const shown = runs.length ? runs : [{ name: "models", models: SV.run.models }];
    const numbered = runs.length && shown.every((run) => run.models.every((model) => model.step !== null));
    const texts = numbered ? null : Object.fromEntries(shown[0].models.map((model, i) => [i, model.label.length > 18 ? `${model.label.slice(0, 17)}…` : model.label]));
    const step = (run, model) => (numbered ? model.step : run.models.indexOf(model));
    const plots = SV.run.benchmarks.flatMap((benchmark) => benchmark.graders.map((grader) => {
      const series = shown.map((run, number) => {
        const points = run.models.map((model) => [step(run, model), SV.score(model.id, benchmark.id, grader)]).filter(([, score]) => score);
        const values = points.map(([, score]) => figure(score));
        const of = (i) => values.map((value) => 100 * value[i]);
        return { label: run.name, xs: points.map(([x]) => x), ys: of(0), lower: of(1), upper: of(2), colour: SV.colour(number) };
      }).filter((each) => each.xs.length);
      if (!series.length) return null;
      return SV.lines({ title: SV.titled(benchmark, grader), series, height: 220, x: { label: numbered ? "step" : "", texts, ticks: [...new Set(series.flatMap((each) => each.xs))].slice(0, 12) }, y: { label: "%" } });
    }));
    SV.add(root, h("div", { class: "plots" }, plots));
    for (const run of shown) {
      SV.add(root, h("h2", {}, run.name), SV.table([
        { name: "model", text: true, cell: (model) => h("a", { href: SV.link("model", [model.id]) }, model.label), value: (model) => model.label },
        ...(numbered ? [{ name: "step", cell: (model) => SV.count(model.step), value: (model) => model.step }] : []),
        ...SV.run.benchmarks.flatMap((benchmark) => benchmark.graders.map((grader) => {
          const of = (model) => SV.score(model.id, benchmark.id, grader);
          return {
            name: SV.titled(benchmark, grader), value: (model) => (of(model) ? figure(of(model))[0] : null),
            cell: (model) => {
              const score = of(model);
              if (!score) return "";
              const against = model.parent ? h("a", { href: SV.link("compare", [benchmark.id, grader, model.id, model.parent]), title: "against its parent" }, " ⇄") : null;
              return [SV.percent(figure(score)[0]), h("span", { class: "interval" }, `${SV.percent(figure(score)[1])} to ${SV.percent(figure(score)[2])}`), against];
            },
          };
        })),
      ], run.models, { caption: run.name }));
    }
  };

  // Models that are each the parent of the next.
  function chains() {
    const next = new Map(SV.run.models.filter((model) => model.parent).map((model) => [model.parent, model]));
    const begins = SV.run.models.filter((model) => next.has(model.id) && !model.parent);
    return begins.map((first) => {
      const models = [first];
      while (next.has(models.at(-1).id) && models.length <= SV.run.models.length) models.push(next.get(models.at(-1).id));
      return { name: `from ${first.label}`, models };
    });
  }
})();
