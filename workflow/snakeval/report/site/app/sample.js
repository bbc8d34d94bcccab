"use strict";
// One sample: what was asked, what came back, and what every grader made of it.
(function () {
  const h = SV.h;
  let rendered = true;

  SV.views.sample = async function (root, [id, model, problem, number], query) {
    const benchmark = SV.benchmark(id);
    if (!benchmark || !benchmark.models.includes(model)) { SV.add(root, h("h1", {}, "No such samples"), h("p", {}, `${id}, ${model}`)); return; }
    const asked = SV.asked(query);
    const found = await SV.samples(id, model, asked);
    const { data, index } = found;
    const at = data.ids.indexOf(problem);
    const row = index.order.find((each) => index.problem[each] === at && index.sample[each] === Number(number));
    if (row === undefined) { SV.add(root, h("h1", {}, "No such sample"), h("p", {}, `${problem}, sample ${number} of ${model} on ${id}`)); return; }
    const none = !benchmark.published;
    const [text, question] = none ? [{}, {}] : await Promise.all([
      SV.rowOf(`t/${SV.key(id, model)}`, index.starts, row), SV.rowOf(`p/${SV.key(id)}`, data.starts, at)]);
    const place = found.rows.indexOf(row);
    const link = (other, name = model) => SV.link("sample", [id, name, data.ids[index.problem[other]], index.sample[other]], asked);
    const before = place > 0 ? link(found.rows[place - 1]) : null;
    const after = place < found.rows.length - 1 ? link(found.rows[place + 1]) : null;
    SV.keys = { ArrowLeft: before, k: before, ArrowRight: after, j: after, u: SV.link("samples", [id, model], asked) };
    if (!none) ahead(id, model, index, found.rows[place + 1]);
    const others = benchmark.models.filter((name) => name !== model);
    SV.add(root,
      h("div", { class: "bar steps" },
        h("a", { href: SV.keys.u, title: "u" }, "↑ all samples"),
        h("a", { href: before, "aria-disabled": before ? null : "true", title: "← or k", rel: "prev" }, "← previous"),
        h("a", { href: after, "aria-disabled": after ? null : "true", title: "→ or j", rel: "next" }, "next →"),
        h("span", {}, place < 0 ? "" : `${SV.count(place + 1)} of ${SV.count(found.rows.length)}`),
        h("label", { class: "field" }, h("input", { type: "checkbox", checked: rendered, onchange: (event) => { rendered = event.target.checked; SV.show(); } }), "formulas and code")),
      h("h1", {}, `${problem}, sample ${number}`),
      h("p", { class: "note" }, h("a", { href: SV.link("benchmark", [id]) }, benchmark.label), ", ", h("a", { href: SV.link("model", [model]) }, SV.label("model", model)), facts(index, row, text)),
      none ? h("p", { class: "note" }, "Its authors ask that this benchmark is not published: texts are in results/samples and results/generations alone.") : null,
      verdicts(found, row, text, question),
      none ? null : [section("Asked", (text.messages || question.messages).map((turn) => [h("h3", {}, turn.role), SV.rich(turn.content, null, rendered)])), answer(text, found), turns(text), more(question)],
      h("h2", {}, "The same problem"),
      h("ul", { class: "chips" }, siblings(index, at).map((other) => h("li", {}, h("a", { href: link(other), "aria-current": other === row ? "page" : null },
        `sample ${index.sample[other]} `, found.graded ? SV.badge(SV.verdict(found, other)) : null))),
        others.map((name) => h("li", {}, h("a", { href: SV.link("sample", [id, name, problem, 0], asked) }, SV.label("model", name))))));
  };

  const section = (title, ...children) => h("section", {}, h("h2", {}, title), ...children);

  function facts(index, row, text) {
    const said = [index.endings[index.ending[row]] + (text.finish && text.finish !== "stop" ? ` (${text.finish})` : "")];
    if (index.tokens[row] !== null) said.push(`${SV.count(index.tokens[row])} tokens`);
    if (text.prompt_tokens !== undefined) said.push(`${SV.count(text.prompt_tokens)} tokens of prompt`);
    if (index.seconds[row] !== null) said.push(`${index.seconds[row].toFixed(1)} s`);
    if (text.seed !== undefined) said.push(`seed ${text.seed}`);
    return `: ${said.join(", ")}`;
  }

  function verdicts({ index }, row, text, question) {
    const rows = Object.entries(index.graders).map(([name, graded]) => ({ name, graded, grade: text.grades?.[name] || {} }));
    if (!rows.length) return null;
    return section("Verdicts",
      question.reference !== undefined && question.reference !== null ? h("p", { class: "golden" }, h("strong", {}, "Golden answer: "), SV.rich(question.reference.length < 400 ? plain(question.reference) : question.reference, null, rendered)) : null,
      rows.map(({ name, graded, grade }) => h("div", { class: "grade" },
        h("h3", {}, name, " ", SV.badge(SV.run.verdicts[graded.verdict[row]]), graded.reward[row] !== null && graded.reward[row] % 1 ? ` reward ${graded.reward[row].toFixed(3)}` : null),
        h("dl", {},
          grade.extracted !== undefined ? [h("dt", {}, "compared"), h("dd", {}, grade.extracted.includes("\n") ? SV.fold("program", false, SV.code(grade.extracted, "python")) : h("code", { class: "extracted" }, grade.extracted))] : null,
          grade.how ? [h("dt", {}, "found"), h("dd", {}, grade.how)] : null,
          grade.points !== undefined ? [h("dt", {}, "points"), h("dd", {}, grade.points)] : null,
          grade.parts ? [h("dt", {}, "parts"), h("dd", {}, grade.parts.map((part, i) => h("span", { class: part >= 1 ? "badge correct" : "badge incorrect" }, `${i + 1}`)))] : null,
          grade.detail ? [h("dt", {}, "detail"), h("dd", {}, h("pre", {}, grade.detail))] : null,
          grade.judge_text ? [h("dt", {}, "judge"), h("dd", {}, SV.rich(grade.judge_text, null, rendered))] : null))));
  }
  // A bare formula is set as one.
  const plain = (text) => (/^[^$`]*\\[A-Za-z]+[^$`]*$/.test(text) && !text.includes("\\(") ? `\\(${text}\\)` : text);

  function answer(text, { grader }) {
    const marked = text.grades?.[grader]?.extracted;
    const thought = [text.thought, text.answer === undefined ? null : text.before].filter(Boolean);
    return section("Answered",
      text.error ? h("p", { class: "flag" }, text.error) : null,
      thought.map((part) => SV.fold(`Reasoning, ${SV.count(part.length)} characters`, false, SV.rich(part, null, rendered))),
      text.answer !== undefined ? SV.rich(text.answer, marked, rendered)
        : text.before ? [h("p", { class: "flag" }, "The reasoning never ended: there is no answer."), SV.rich(text.before, null, rendered)] : h("p", { class: "note" }, "Nothing."),
      text.after && text.after.trim() ? SV.fold("What stands behind the answer", false, SV.rich(text.after, null, rendered)) : null);
  }

  function turns(text) {
    if (!text.turns) return null;
    return section(`Turns of the agent: ${text.turns.length}`, text.turns.map((turn) => SV.fold(
      `${turn.turn}: ${SV.count(turn.completion_tokens)} tokens, ${turn.finish_reason ?? ""}`, false,
      turn.reasoning ? SV.fold("Reasoning", false, SV.rich(turn.reasoning, null, rendered)) : null, SV.rich(turn.text, null, rendered))));
  }

  function more(question) {
    const entries = Object.entries(question.metadata || {}).filter(([, value]) => value !== null && value !== "");
    if (!entries.length) return null;
    return SV.fold("More of the problem", false, h("dl", {}, entries.map(([key, value]) => [h("dt", {}, key), h("dd", {}, typeof value === "string" ? value.slice(0, 5000) : JSON.stringify(value).slice(0, 5000))])));
  }

  function siblings(index, problem) {
    if (!index.byProblem) {
      index.byProblem = new Map();
      for (const row of index.order) {
        const rows = index.byProblem.get(index.problem[row]);
        if (rows) rows.push(row); else index.byProblem.set(index.problem[row], [row]);
      }
    }
    return (index.byProblem.get(problem) || []).slice(0, 64);
  }

  // The next sample's texts are there before they are asked for.
  function ahead(id, model, index, row) {
    if (row !== undefined) setTimeout(() => SV.rowOf(`t/${SV.key(id, model)}`, index.starts, row).catch(() => {}), 0);
  }
})();
