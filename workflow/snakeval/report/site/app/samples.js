"use strict";
// The samples of one model on one benchmark: filtered, searched, as a file.
(function () {
  const h = SV.h;

  // Samples that a query asks for, in the order of problems; the same for the list and for previous and next.
  SV.samples = async function (benchmark, model, query) {
    const key = SV.key(benchmark, model);
    const [data, index] = await Promise.all([SV.load(`b/${SV.key(benchmark)}`), SV.load(`s/${key}`)]);
    if (!index.order) {
      const rows = Uint32Array.from(index.problem, (_, i) => i);
      index.order = rows.sort((a, b) => index.problem[a] - index.problem[b] || index.sample[a] - index.sample[b]);
    }
    const graders = Object.keys(index.graders);
    const grader = graders.includes(query.grader) ? query.grader : graders[0];
    const graded = index.graders[grader];
    const words = (query.q || "").toLowerCase();
    const verdict = query.verdict && query.verdict !== "wrong" ? SV.run.verdicts.indexOf(query.verdict) : null;
    const correct = SV.run.verdicts.indexOf("correct");
    const ending = query.ending ? index.endings.indexOf(query.ending) : null;
    const memory = JSON.stringify([grader, words, query.verdict, query.ending]);
    if (!index.last || index.last.memory !== memory) {
      const rows = [];
      for (const row of index.order) {
        if (ending !== null && index.ending[row] !== ending) continue;
        if (query.verdict && graded && (query.verdict === "wrong" ? graded.verdict[row] === correct : graded.verdict[row] !== verdict)) continue;
        if (words) {
          const i = index.problem[row];
          const text = `${data.ids[i]} ${data.previews[i]} ${graded?.extracted[row] ?? ""}`;
          if (!text.toLowerCase().includes(words)) continue;
        }
        rows.push(row);
      }
      index.last = { memory, rows };
    }
    return { data, index, grader, graded, rows: index.last.rows };
  };
  SV.asked = (query) => ({ grader: query.grader || "", verdict: query.verdict || "", ending: query.ending || "", q: query.q || "" });

  SV.verdict = (found, row) => (found.graded ? SV.run.verdicts[found.graded.verdict[row]] : "");
  SV.badge = (verdict) => h("span", { class: `badge ${verdict}` }, verdict.replaceAll("_", " "));

  SV.views.samples = async function (root, [id, slug], query) {
    const benchmark = SV.benchmark(id) || SV.run.benchmarks[0];
    const model = benchmark.models.includes(slug) ? slug : benchmark.models[0];
    if (!model) { SV.add(root, h("h1", {}, benchmark.label), h("p", {}, "There are no samples of this benchmark.")); return; }
    let found = await SV.samples(benchmark.id, model, query);
    const { data, index } = found;
    let asked = SV.asked(query);
    const open = (row) => SV.go(SV.link("sample", [benchmark.id, model, data.ids[index.problem[row]], index.sample[row]], asked));
    const list = SV.list([
      { name: "problem", width: "minmax(5rem, 1.2fr)", text: true, cell: (row) => data.ids[index.problem[row]] },
      { name: "sample", width: "4rem", cell: (row) => index.sample[row] },
      found.grader ? { name: "verdict", width: "minmax(6rem, 1fr)", text: true, cell: (row) => SV.badge(SV.verdict(found, row)) } : null,
      found.grader ? { name: "answer", width: "minmax(5rem, 1.5fr)", text: true, cell: (row) => found.graded.extracted[row] ?? "" } : null,
      { name: "ending", width: "6rem", text: true, cell: (row) => index.endings[index.ending[row]] },
      { name: "tokens", width: "5rem", cell: (row) => SV.count(index.tokens[row]) },
      { name: "asked", width: "minmax(6rem, 3fr)", text: true, cell: (row) => data.previews[index.problem[row]] },
    ].filter(Boolean), { label: "Samples", open });
    const said = h("span", { role: "status" });
    const refresh = async (change) => {
      asked = { ...asked, ...change };
      history.replaceState(null, "", SV.link("samples", [benchmark.id, model], asked));
      found = await SV.samples(benchmark.id, model, asked);
      list.show(found.rows);
      said.replaceChildren(`${SV.count(found.rows.length)} of ${SV.count(index.problem.length)} samples`);
    };
    SV.mounted.push(() => { list.mount(); refresh({}); list.element.focus({ preventScroll: true }); });
    const models = benchmark.models.map((name) => [name, SV.label("model", name)]);
    SV.add(root, h("h1", {}, `${SV.label("model", model)} on ${benchmark.label}`),
      h("div", { class: "bar" },
        SV.choice("Benchmark", SV.run.benchmarks.filter((each) => each.models.length).map((each) => [each.id, each.label]), benchmark.id, (value) => SV.go(SV.link("samples", [value, model]))),
        SV.choice("Model", models, model, (value) => SV.go(SV.link("samples", [benchmark.id, value], asked))),
        found.grader ? SV.choice("Grader", Object.keys(index.graders).map((name) => [name, name]), found.grader, (value) => refresh({ grader: value })) : null,
        found.grader ? SV.choice("Verdict", [["", "all"], ["wrong", "all but correct"], ...SV.run.verdicts.map((name) => [name, name.replaceAll("_", " ")])], asked.verdict, (value) => refresh({ verdict: value })) : null,
        SV.choice("Ending", [["", "all"], ...index.endings.map((name) => [name, name])], asked.ending, (value) => refresh({ ending: value })),
        SV.search("Search problems and answers", asked.q, (value) => refresh({ q: value })),
        h("button", { type: "button", onclick: () => save(benchmark.id, model, found) }, "CSV"), said),
      list.element);
  };

  function save(benchmark, model, { data, index, grader, graded, rows }) {
    const header = ["problem_id", "sample_index", "verdict", "reward", "extracted", "ending", "tokens", "problem"];
    const lines = rows.map((row) => [data.ids[index.problem[row]], index.sample[row], graded ? SV.run.verdicts[graded.verdict[row]] : "",
      graded ? graded.reward[row] : "", graded ? graded.extracted[row] : "", index.endings[index.ending[row]], index.tokens[row], data.previews[index.problem[row]]]);
    SV.download(`${benchmark}-${model}${grader ? `-${grader}` : ""}.csv`, SV.csv(header, lines));
  }
})();
