"use strict";
// An arena under one judge: standings, win rates, the judge itself, and every game.
(function () {
  const h = SV.h;
  const figure = (value, digits = 1) => (value === null || value === undefined ? "" : value.toFixed(digits));
  SV.views.arena = async function (root, [number], query) {
    if (!SV.run.arenas.length) { SV.add(root, h("h1", {}, "Arena"), h("p", {}, "This run has no arena.")); return; }
    const at = Math.min(Number(number) || 0, SV.run.arenas.length - 1);
    const { board, games, starts } = await SV.load(`a/${at}`);
    SV.add(root, h("h1", {}, `${SV.run.arenas[at].label}, judged by ${board.judge}`),
      h("div", { class: "bar" }, SV.choice("Arena", SV.run.arenas.map((each, i) => [String(i), `${each.label}, ${each.judge}`]), String(at), (value) => SV.go(SV.link("arena", [value])))),
      h("h2", {}, "Leaderboard"), h("p", { class: "note" }, `Win probability against ${SV.label("model", board.baseline)} in percent (Bradley-Terry) with 95% intervals; convention ${board.convention}.`),
      standings(board.standings),
      board.tables.map((table) => SV.fold(`${table.category || "All questions"}${table.control.length ? `, with ${table.control.join(" and ")} held constant` : ""}`, false, standings(table.standings))),
      board.matrix ? [h("h2", {}, "Win rates"), matrix(board.matrix)] : null,
      h("h2", {}, "The judge"), card(board),
      h("h2", {}, "Games"), list(at, board, games, starts, query));
  };

  function standings(rows) {
    return SV.table([
      { name: "rank", cell: (row) => row.rank },
      { name: "model", text: true, cell: (row) => SV.label("model", row.model) },
      { name: "score", cell: (row) => figure(row.score), value: (row) => row.score },
      { name: "95% interval", cell: (row) => (row.lower === null ? "" : [`${figure(row.lower)} to ${figure(row.upper)}`, range(row)]), value: (row) => row.lower },
      { name: "questions", cell: (row) => SV.count(row.questions), value: (row) => row.questions },
      { name: "games", cell: (row) => SV.count(row.games), value: (row) => row.games },
      { name: "no verdict", cell: (row) => SV.count(row.null_games), value: (row) => row.null_games },
      { name: "failed", cell: (row) => SV.count(row.failed_games), value: (row) => row.failed_games },
      { name: "tokens", cell: (row) => SV.count(row.tokens), value: (row) => row.tokens },
    ], rows, { caption: "Leaderboard" });
  }
  const range = (row) => h("span", { class: "range", "aria-hidden": "true" }, h("i", { style: { left: `${row.lower}%`, width: `${Math.max(1, row.upper - row.lower)}%` } }), h("b", { style: { left: `${row.score}%` } }));

  function matrix({ models, percent }) {
    const rows = models.map((model, i) => ({ model, values: percent[i] }));
    return SV.table([{ name: "wins of … against", text: true, cell: (row) => SV.label("model", row.model) },
      ...models.map((model, i) => ({ name: SV.label("model", model), cell: (row) => figure(row.values[i]), value: (row) => row.values[i] }))], rows, { caption: "Win rates as fitted, in percent" });
  }

  const TOLD = {
    null: "no verdict", "position.flip": "other preference when the places are exchanged", "position.contradiction": "clear preference for both", "position.prefers_first": "points to the answer in place A",
    "retest.same_preference": "same preference when asked again", "retest.same_label": "same label when asked again", "retest.kappa": "kappa of asking again", "length.longer": "prefers the longer answer", "length.effect": "effect of length, logits",
  };
  function card(board) {
    if (!board.instrument) return h("p", { class: "note" }, "Nothing is known of the judge on these games.");
    const rows = [];
    const walk = (value, path) => {
      if (value === null || typeof value !== "object") { if (value !== null) rows.push([path, value]); return; }
      if ("value" in value && "lower" in value) { rows.push([path, value]); return; }
      for (const [key, each] of Object.entries(value)) walk(each, path ? `${path}.${key}` : key);
    };
    walk(board.instrument, "");
    return SV.table([
      { name: "what", text: true, cell: ([path]) => TOLD[path] || path.replaceAll("_", " ").replaceAll(".", ", ") },
      { name: "value", cell: ([, value]) => (Number.isInteger(value) ? SV.count(value) : figure(typeof value === "object" ? value.value : value, 3)) },
      { name: "95% interval", cell: ([, value]) => (typeof value === "object" && value.lower !== null ? `${figure(value.lower, 3)} to ${figure(value.upper, 3)}` : "") },
      { name: "of", cell: ([, value]) => (typeof value === "object" && value.of ? `${value.count} of ${value.of}` : "") },
    ], rows, { caption: "The judge's instrument card" });
  }

  // The preference of a game for the model: 2 clear win ... -2 clear loss; null without a verdict.
  const worth = ([label, swapped]) => {
    const found = { "A>>B": 2, "A>B": 1, "A=B": 0, "B=A": 0, "B>A": -1, "B>>A": -2, "A<B": -1, "A<<B": -2 }[label];
    return found === undefined ? null : swapped ? found : -found;
  };
  const outcome = (game) => { const value = worth(game); return value === null ? "no verdict" : value > 0 ? "win" : value < 0 ? "loss" : "tie"; };

  function list(at, board, games, starts, query) {
    const models = [...new Set(games.map((game) => game.model))];
    let model = models.includes(query.model) ? query.model : "", kind = query.kind || "", words = query.q || "";
    const said = h("span", { role: "status" }), pane = h("div", { class: "game" });
    const table = SV.list([
      { name: "question", width: "minmax(6rem, 2fr)", text: true, cell: (i) => games[i].question },
      { name: "model", width: "minmax(6rem, 2fr)", text: true, cell: (i) => SV.label("model", games[i].model) },
      { name: "category", width: "minmax(4rem, 1fr)", text: true, cell: (i) => games[i].category ?? "" },
      { name: "games", width: "minmax(8rem, 2fr)", text: true, cell: (i) => games[i].labels.map((game) => h("span", { class: `badge ${outcome(game).replace(" ", "_")}` }, `${outcome(game)} `)) },
    ], { label: "Games", open: show });
    const flipped = (i) => { const worths = games[i].labels.map(worth); return worths.length === 2 && worths[0] * worths[1] < 0; };
    const draw = () => {
      const rows = games.map((_, i) => i).filter((i) => (!model || games[i].model === model)
        && (!kind || (kind === "flip" ? flipped(i) : games[i].labels.some((game) => outcome(game) === kind)))
        && `${games[i].question} ${games[i].category ?? ""}`.toLowerCase().includes(words.toLowerCase()));
      table.show(rows);
      said.replaceChildren(`${SV.count(rows.length)} of ${SV.count(games.length)} questions`);
      if (rows.length) show(rows[0]); else pane.replaceChildren();
    };
    async function show(i) {
      const text = await SV.rowOf(`g/${at}`, starts, i);
      const game = games[i];
      if (!text.games) { pane.replaceChildren(h("p", { class: "note" }, "The authors of the questions ask that they are not published.")); return; }
      const asked = text.games[0]?.prompt?.at(-1)?.content;
      pane.replaceChildren();
      SV.add(pane, h("h3", {}, `${game.question}: ${SV.label("model", game.model)} against ${SV.label("model", game.baseline)}`),
        h("div", { class: "both" }, [["model", game.model], ["baseline", game.baseline]].map(([side, name]) => h("section", {}, h("h4", {}, SV.label("model", name)), text[side] ? SV.rich(text[side]) : h("p", { class: "note" }, "The answer is in no file of this run.")))),
        text.games.map((each, n) => h("section", {}, h("h4", {}, `Game ${n + 1}: ${each.swapped ? "model in place A" : "baseline in place A"}, verdict ${each.score ?? "none"} `, h("span", { class: `badge ${outcome([each.score, each.swapped]).replace(" ", "_")}` }, outcome([each.score, each.swapped]))),
          each.error ? h("p", { class: "flag" }, each.error) : null, each.judgment ? SV.rich(each.judgment) : h("p", { class: "note" }, "The judge wrote nothing."),
          each.retest ? SV.fold(`Asked again: ${each.retest.score ?? "none"}`, false, SV.rich(each.retest.judgment || "")) : null)),
        asked ? SV.fold("What the judge was asked in game 1", false, text.games[0].prompt.map((turn) => [h("h4", {}, turn.role), SV.rich(turn.content)])) : null);
    }
    SV.mounted.push(() => { table.mount(); draw(); });
    return [h("div", { class: "bar" },
      SV.choice("Model", [["", "all"], ...models.map((name) => [name, SV.label("model", name)])], model, (value) => { model = value; draw(); }),
      SV.choice("Games", [["", "all"], ["win", "with a win"], ["loss", "with a loss"], ["tie", "with a tie"], ["no verdict", "without a verdict"], ["flip", "that flip with the places"]], kind, (value) => { kind = value; draw(); }),
      SV.search("Search questions", words, (value) => { words = value; draw(); }), said), table.element, pane];
  }
})();
