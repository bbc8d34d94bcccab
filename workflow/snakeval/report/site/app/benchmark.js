"use strict";
// One benchmark: curves, the map of solve rates, kinds of problems, lengths and how samples ended.
(function () {
  const h = SV.h;
  SV.views.benchmark = async function (root, [id], query) {
    const benchmark = SV.benchmark(id) || SV.run.benchmarks[0];
    const data = await SV.load(`b/${SV.key(benchmark.id)}`);
    const grader = benchmark.graders.includes(query.grader) ? query.grader : benchmark.graders[0];
    SV.add(root, h("h1", {}, benchmark.label),
      h("div", { class: "bar" },
        SV.choice("Benchmark", SV.run.benchmarks.map((each) => [each.id, each.label]), benchmark.id, (value) => SV.go(SV.link("benchmark", [value]))),
        grader ? SV.choice("Grader", benchmark.graders.map((name) => [name, name]), grader, (value) => SV.go(SV.link("benchmark", [benchmark.id], { grader: value }))) : null,
        h("span", {}, `${data.ids.length} problems`),
        benchmark.models.length > 1 && grader ? h("a", { href: SV.link("compare", [benchmark.id, grader, benchmark.models[1], benchmark.models[0]]) }, "compare two models") : null),
      benchmark.published ? null : h("p", { class: "note" }, "Its authors ask that its problems are not published: no text is in this folder."),
      data.curves.length ? [h("h2", { id: "curves" }, "pass@k"), curves(data, benchmark)] : null,
      grader ? [h("h2", {}, "Solve rate by problem"), rates(data, benchmark, grader)] : null,
      grader && data.graders[grader].kinds.length ? [h("h2", {}, "By kind of problem"), kinds(data.graders[grader].kinds)] : null,
      h("h2", {}, "Lengths, truncation and tokens"), lengths(data, benchmark),
      grader ? [h("h2", {}, "Problems"), problems(data, benchmark, grader)] : null);
  };

  function curves(data, benchmark) {
    const models = [...new Set(data.curves.map((each) => each.model))];
    const order = (curve) => benchmark.graders.indexOf(curve.grader);
    const series = [...data.curves].sort((a, b) => order(a) - order(b)).map((curve) => {
      const second = order(curve);
      // The curves of graders that agree lie on one another: a wide one below, a dashed one upon it.
      return {
        label: SV.label("model", curve.model) + (benchmark.graders.length > 1 ? ` (${curve.grader})` : ""),
        xs: curve.pass.map((_, i) => i + 1), ys: curve.pass.map((v) => 100 * v), lower: curve.lower.map((v) => 100 * v), upper: curve.upper.map((v) => 100 * v),
        colour: SV.colour(models.indexOf(curve.model)), wide: second === 0 && benchmark.graders.length > 1, dash: second > 0 ? [8, 3 + 3 * second] : undefined,
      };
    });
    const most = Math.max(...series.map((each) => each.xs.length));
    const ticks = [];
    for (let k = 1; k <= most; k *= 2) ticks.push(k);
    if (series.length > 24) series.splice(24);
    return [SV.lines({ title: `pass@k on ${benchmark.label}, bands are 95% intervals`, series, x: { label: "k", log: most > 1, ticks }, y: { label: "pass@k, %" } }),
      data.curves.length > 24 ? h("p", { class: "note" }, "The first 24 curves are drawn; all figures are in the overview.") : null];
  }

  const rate = (data, grader, model, i) => {
    const found = data.graders[grader].rates[model];
    return found && found.n[i] ? found.c[i] / found.n[i] : null;
  };
  SV.rate = rate;

  function rates(data, benchmark, grader) {
    const models = benchmark.models.filter((model) => data.graders[grader].rates[model]);
    const mean = data.ids.map((_, i) => models.reduce((sum, model) => sum + (rate(data, grader, model, i) || 0), 0) / models.length);
    const columns = data.ids.map((_, i) => i).sort((a, b) => mean[a] - mean[b] || a - b);
    return [
      h("p", { class: "note" }, `One column a problem, the hardest first; one row a model: ${models.map((model) => SV.label("model", model)).join(", ")}.`),
      SV.heat({
        title: "Solve rate by problem and model", rows: models, columns, value: (model, i) => rate(data, grader, model, i),
        tell: (model, i) => `${SV.label("model", model)}, ${data.ids[i]}: ${SV.percent(rate(data, grader, model, i), 0)} % solved. ${data.previews[i]}`,
        open: (model, i) => SV.go(SV.link("sample", [benchmark.id, model, data.ids[i], 0], { grader })),
      })];
  }

  function kinds(rows) {
    const models = [...new Set(rows.flatMap((row) => Object.keys(row.models)))];
    const names = [...new Set(rows.map((row) => row.kind))];
    return names.map((kind) => [h("h3", {}, kind), SV.table([
      { name: kind, text: true, cell: (row) => row.value },
      { name: "problems", cell: (row) => SV.count(row.problems), value: (row) => row.problems },
      ...models.map((model) => ({ name: SV.label("model", model), value: (row) => row.models[model]?.[0],
        cell: (row) => (row.models[model] ? [SV.percent(row.models[model][0]), h("span", { class: "interval" }, `${SV.percent(row.models[model][1])} to ${SV.percent(row.models[model][2])}`)] : "") })),
    ], rows.filter((row) => row.kind === kind), { caption: `pass@1 by ${kind}` })]);
  }

  function lengths(data, benchmark) {
    const rows = benchmark.models.map((model) => ({ model, ...data.lengths[model], curve: data.curves.find((each) => each.model === model) }));
    const ended = [...new Set(rows.flatMap((row) => Object.keys(row.ends)))];
    return SV.table([
      { name: "model", text: true, cell: (row) => h("a", { href: SV.link("samples", [benchmark.id, row.model]) }, SV.label("model", row.model)), value: (row) => SV.label("model", row.model) },
      { name: "output tokens", cell: (row) => SV.count(row.total), value: (row) => row.total },
      { name: "mean", cell: (row) => SV.count(row.mean), value: (row) => row.mean },
      ...["10%", "median", "90%", "longest"].map((name, i) => ({ name, cell: (row) => SV.count(row.quantiles?.[i]), value: (row) => row.quantiles?.[i] })),
      { name: "by length", title: "samples by powers of two of their tokens", cell: (row) => (row.bins ? SV.bars(row.bins, row.bins.map((_, i) => `${2 ** i} to ${2 ** (i + 1) - 1} tokens`), "samples by length") : ""), value: (row) => row.mean },
      ...ended.map((name) => ({ name, value: (row) => row.ends[name] || 0, cell: (row) => (row.ends[name] ? h("a", { href: SV.link("samples", [benchmark.id, row.model], { ending: name }) }, SV.count(row.ends[name])) : "0") })),
      { name: "seconds a sample", cell: (row) => (row.curve?.mean_seconds ?? null) === null ? "" : row.curve.mean_seconds.toFixed(2), value: (row) => row.curve?.mean_seconds },
      { name: "pass@1 bounds, %", title: "if all truncated samples had been wrong, and if right", cell: (row) => (row.ends.truncated && row.curve ? `${SV.percent(row.curve.bounds[0])} to ${SV.percent(row.curve.bounds[1])}` : ""), value: (row) => row.curve?.bounds[0] },
    ], rows, { caption: "Lengths and endings" });
  }

  function problems(data, benchmark, grader) {
    const models = benchmark.models.filter((model) => data.graders[grader].rates[model]);
    const few = models.slice(0, 6);
    const list = SV.list([
      { name: "problem", width: "minmax(6rem, 1fr)", text: true, cell: (i) => data.ids[i] },
      { name: "", width: "minmax(6rem, 4fr)", text: true, cell: (i) => data.previews[i] },
      ...few.map((model) => ({ name: SV.label("model", model), width: "minmax(4rem, 1fr)", cell: (i) => SV.percent(rate(data, grader, model, i), 0) })),
    ], { label: "Problems with the models' solve rates in percent", open: (i) => SV.go(SV.link("sample", [benchmark.id, models[0], data.ids[i], 0], { grader })) });
    const all = data.ids.map((_, i) => i);
    SV.mounted.push(() => { list.mount(); list.show(all); });
    const search = SV.search("Search problems", "", (asked) => {
      const words = asked.toLowerCase();
      list.show(all.filter((i) => `${data.ids[i]} ${data.previews[i]}`.toLowerCase().includes(words)));
    });
    return [h("div", { class: "bar" }, search), list.element];
  }
})();
