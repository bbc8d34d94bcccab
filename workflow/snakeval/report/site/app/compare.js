"use strict";
// Two models on the same problems: what one has and the other has not, and whether that could be chance.
(function () {
  const h = SV.h;
  SV.views.compare = async function (root, [id, name, left, right], query) {
    const able = SV.run.benchmarks.filter((each) => each.graders.length && each.models.length > 1);
    const benchmark = able.find((each) => each.id === id) || able[0];
    if (!benchmark) { SV.add(root, h("h1", {}, "Compare"), h("p", {}, "No benchmark of this run has two models.")); return; }
    const grader = benchmark.graders.includes(name) ? name : benchmark.graders[0];
    const data = await SV.load(`b/${SV.key(benchmark.id)}`);
    const models = benchmark.models.filter((model) => data.graders[grader].rates[model]);
    const other = models.includes(right) ? right : models[0];
    const model = models.includes(left) ? left : models.find((each) => each !== other);
    const go = (change) => {
      const to = { benchmark: benchmark.id, grader, model, other, ...change };
      SV.go(SV.link("compare", [to.benchmark, to.grader, to.model, to.other], query));
    };
    const named = models.map((each) => [each, SV.label("model", each)]);
    SV.add(root, h("h1", {}, `${SV.label("model", model)} against ${SV.label("model", other)}`),
      h("div", { class: "bar" },
        SV.choice("Benchmark", able.map((each) => [each.id, each.label]), benchmark.id, (value) => go({ benchmark: value })),
        SV.choice("Grader", benchmark.graders.map((each) => [each, each]), grader, (value) => go({ grader: value })),
        SV.choice("Model", named, model, (value) => go({ model: value })),
        SV.choice("Against", named, other, (value) => go({ other: value })),
        h("button", { type: "button", onclick: () => go({ model: other, other: model }) }, "⇄ exchange")),
      test(data.graders[grader].comparisons, model, other), flips(data, benchmark, grader, model, other, query));
  };

  function test(rows, model, other) {
    let row = rows.find((each) => each.model === model && each.other === other);
    const mirrored = row ? null : rows.find((each) => each.model === other && each.other === model);
    if (mirrored) row = { ...mirrored, value: mirrored.other_value, other_value: mirrored.value, difference: -mirrored.difference, lower: -mirrored.upper, upper: -mirrored.lower, better: mirrored.worse, worse: mirrored.better };
    if (!row) return h("p", { class: "note" }, model === other ? "Choose two models." : "So many models were run that not all pairs are tested here: name this one under compare.pairs and run snakemake compare.");
    const points = (value) => `${value < 0 ? "−" : "+"}${SV.percent(Math.abs(value))}`;
    return h("dl", { class: "facts" },
      h("dt", {}, "pass@1"), h("dd", {}, `${SV.percent(row.value)} % against ${SV.percent(row.other_value)} %`),
      h("dt", {}, "difference"), h("dd", {}, `${points(row.difference)} points, 95% interval ${points(row.lower)} to ${points(row.upper)}`),
      h("dt", {}, "paired test"), h("dd", {}, `p ${row.p < 0.0001 ? "< 0.0001" : `= ${row.p.toFixed(4)}`} (${row.test}, over ${row.problems} problems, not corrected for other comparisons)`),
      h("dt", {}, "minimum detectable effect"), h("dd", {}, row.detectable === null ? "not known: the models do not differ on any problem, or all differ alike" : `${SV.percent(row.detectable)} points: a true difference of this size is found at 5% in four of five such sets`),
      h("dt", {}, "problems better, worse"), h("dd", {}, `${row.better}, ${row.worse}`));
  }

  function flips(data, benchmark, grader, model, other, query) {
    const kinds = { worse: "right there, wrong here", better: "wrong there, right here", same: "no difference" };
    const all = data.ids.map((_, i) => ({ i, here: SV.rate(data, grader, model, i), there: SV.rate(data, grader, other, i) })).filter((each) => each.here !== null && each.there !== null);
    const kindOf = (each) => (each.here < each.there ? "worse" : each.here > each.there ? "better" : "same");
    let kind = kinds[query.kind] ? query.kind : "worse", words = "";
    const said = h("span", { role: "status" });
    const list = SV.list([
      { name: "problem", width: "minmax(5rem, 1fr)", text: true, cell: (each) => data.ids[each.i] },
      { name: "here, %", width: "5rem", cell: (each) => SV.percent(each.here, 0) },
      { name: "there, %", width: "5rem", cell: (each) => SV.percent(each.there, 0) },
      { name: "asked", width: "minmax(6rem, 4fr)", text: true, cell: (each) => data.previews[each.i] },
    ], { label: "Problems on which the two differ", open: (each) => both(each) });
    const pane = h("div", { class: "both" });
    const draw = () => {
      const shown = all.filter((each) => kindOf(each) === kind && `${data.ids[each.i]} ${data.previews[each.i]}`.toLowerCase().includes(words))
        .sort((a, b) => Math.abs(b.here - b.there) - Math.abs(a.here - a.there));
      list.show(shown);
      said.replaceChildren(`${shown.length} of ${all.length} problems`);
      if (shown.length) both(shown[0]); else pane.replaceChildren();
    };
    async function both(each) {
      const sides = await Promise.all([[model, kindOf(each) !== "worse"], [other, kindOf(each) === "worse"]].map(([name, right]) => side(data, benchmark, grader, name, each.i, right)));
      pane.replaceChildren(...sides);
    }
    SV.mounted.push(() => { list.mount(); draw(); });
    return [h("h2", {}, "Flips"),
      h("div", { class: "bar" }, SV.choice("Show", Object.entries(kinds), kind, (value) => { kind = value; draw(); }), SV.search("Search problems", "", (value) => { words = value.toLowerCase(); draw(); }), said),
      list.element, pane];
  }

  // One side's answer: a right one where it is the better side, else a wrong one.
  async function side(data, benchmark, grader, model, problem, right) {
    const found = await SV.samples(benchmark.id, model, { grader });
    const rows = [...found.index.order].filter((row) => found.index.problem[row] === problem);
    const row = rows.find((each) => (SV.verdict(found, each) === "correct") === right) ?? rows[0];
    const link = SV.link("sample", [benchmark.id, model, data.ids[problem], found.index.sample[row]], { grader });
    const text = benchmark.published ? await SV.rowOf(`t/${SV.key(benchmark.id, model)}`, found.index.starts, row) : {};
    return h("section", {}, h("h3", {}, h("a", { href: link }, `${SV.label("model", model)}, ${data.ids[problem]}, sample ${found.index.sample[row]}`), " ", SV.badge(SV.verdict(found, row))),
      text.answer !== undefined ? SV.rich(text.answer, text.grades?.[grader]?.extracted) : h("p", { class: "note" }, "No answer to show."));
  }
})();
