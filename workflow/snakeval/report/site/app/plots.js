"use strict";
// Lines with bands, bars and a map of squares; all drawn again when light turns to dark.
(function () {
  const h = SV.h;
  // Okabe and Ito's colours, which stay apart under any colour vision; the last for dark and light each.
  const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7f7f7f"];
  SV.colour = (i) => COLOURS[i % COLOURS.length];
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = new Set();
  const alive = (plot) => plot.element.isConnected || (drawn.delete(plot), false);
  SV.redraw = () => [...drawn].filter(alive).forEach((plot) => plot.draw());
  window.addEventListener("resize", () => SV.redraw());

  // series: {label, xs, ys, lower, upper, colour, dash, wide}; x: {label, log, ticks, texts}; y: {label}.
  SV.lines = function ({ title, series, x, y, height = 280 }) {
    const place = h("div", { class: "plot", role: "img", "aria-label": title });
    const hidden = new Set();
    const legend = h("div", { class: "legend" }, series.map((each, i) => {
      const sign = h("i", { style: { borderTop: `${each.wide ? 5 : 2}px ${each.dash ? "dashed" : "solid"} ${each.colour}`, opacity: each.wide ? 0.55 : 1 } });
      const button = h("button", { type: "button", "aria-pressed": "true", onclick: () => {
        if (!hidden.delete(i)) hidden.add(i);
        button.setAttribute("aria-pressed", String(!hidden.has(i)));
        plot.draw();
      } }, sign, each.label);
      return button;
    }));
    const xs = [...new Set(series.flatMap((each) => each.xs))].sort((a, b) => a - b);
    const aligned = (each, values) => { const at = new Map(each.xs.map((v, i) => [v, values[i]])); return xs.map((v) => at.get(v) ?? null); };
    let chart = null;
    const plot = { element: place, draw() {
      if (chart) chart.destroy();
      const shown = series.filter((_, i) => !hidden.has(i));
      const ink = style("--soft"), grid = { stroke: style("--line"), width: 1 };
      const data = [xs], lines = [{}], bands = [];
      for (const each of shown) {
        const at = lines.length;
        data.push(aligned(each, each.upper), aligned(each, each.lower), aligned(each, each.ys));
        lines.push({ width: 0, stroke: "transparent", points: { show: false } }, { width: 0, stroke: "transparent", points: { show: false } },
          { stroke: each.wide ? `${each.colour}8c` : each.colour, width: each.wide ? 6 : 2, dash: each.dash, spanGaps: true, points: { show: xs.length <= 32 && !each.wide, size: 5 } });
        bands.push({ series: [at, at + 1], fill: `${each.colour}22` });
      }
      chart = new uPlot({
        width: Math.max(260, place.clientWidth || 480), height, legend: { show: false }, cursor: { drag: { x: false, y: false } }, padding: x.texts ? [null, 70, null, 24] : undefined,
        scales: { x: { time: false, distr: x.log ? 3 : 1, log: 2, range: xs.length === 1 ? [xs[0] * 0.5, xs[0] * 1.5 + 0.5] : [xs[0], xs.at(-1)] }, y: { range: (u, low, high) => [Math.max(0, Math.floor((low ?? 0) - 2)), Math.min(100, Math.ceil((high ?? 100) + 2))] } },
        axes: [
          { label: x.label || undefined, stroke: ink, grid, ticks: grid, splits: x.ticks && (() => x.ticks), values: (u, found) => found.map((v) => (v === null ? "" : x.texts ? x.texts[v] ?? "" : String(v))) },
          { label: y.label, stroke: ink, grid, ticks: grid, size: 54 },
        ],
        series: lines, bands,
      }, data, place);
    } };
    drawn.add(plot);
    SV.mounted.push(() => plot.draw());
    return h("figure", {}, h("figcaption", {}, title), place, legend);
  };
  SV.mounted = []; // what waits for its element to be part of the page

  SV.bars = function (values, labels, title) {
    const most = Math.max(1, ...values);
    return h("div", { class: "bars", role: "img", "aria-label": title }, values.map((value, i) =>
      h("span", { title: `${labels[i]}: ${value}`, style: { height: `${Math.max(value ? 2 : 0, 48 * value / most)}px` } })));
  };

  // rows x columns of shares in [0, 1] or null; open(row, column) where a square is chosen.
  SV.heat = function ({ title, rows, columns, value, open, tell }) {
    const canvas = h("canvas", { class: "heat", tabindex: "0", role: "img", "aria-label": title });
    const said = h("p", { class: "said", role: "status" }, "Point at a square, or move with the arrow keys; Enter opens it.");
    let at = [0, 0], wide = 1, focused = false;
    const tall = rows.length > 40 ? 8 : 18;
    const plot = { element: canvas, draw() {
      const width = canvas.parentElement.clientWidth || 600, scale = window.devicePixelRatio || 1;
      wide = width / columns.length;
      Object.assign(canvas.style, { width: `${width}px`, height: `${tall * rows.length}px` });
      canvas.width = width * scale; canvas.height = tall * rows.length * scale;
      const pen = canvas.getContext("2d");
      pen.scale(scale, scale);
      const dark = SV.theme === "dark";
      rows.forEach((row, r) => columns.forEach((column, c) => {
        const share = value(row, column);
        pen.fillStyle = share === null ? (dark ? "#333" : "#ddd") : `hsl(${22 + 182 * share} ${60 - 15 * share}% ${dark ? 28 + 26 * share : 86 - 44 * share}%)`;
        pen.fillRect(c * wide, r * tall, Math.max(1, wide - (wide > 4 ? 1 : 0)), tall - 1);
      }));
      if (focused) { pen.strokeStyle = style("--ink"); pen.lineWidth = 2; pen.strokeRect(at[1] * wide, at[0] * tall, Math.max(3, wide), tall - 1); }
    } };
    const say = () => said.replaceChildren(SV.visible(tell(rows[at[0]], columns[at[1]])));
    const point = (event) => {
      const box = canvas.getBoundingClientRect();
      at = [Math.min(rows.length - 1, Math.max(0, Math.floor((event.clientY - box.top) / tall))), Math.min(columns.length - 1, Math.max(0, Math.floor((event.clientX - box.left) / wide)))];
      say();
    };
    canvas.addEventListener("mousemove", point);
    canvas.addEventListener("click", (event) => { point(event); open(rows[at[0]], columns[at[1]]); });
    canvas.addEventListener("focus", () => { focused = true; plot.draw(); });
    canvas.addEventListener("blur", () => { focused = false; plot.draw(); });
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    canvas.addEventListener("keydown", (event) => {
      if (event.key === "Enter") return open(rows[at[0]], columns[at[1]]);
      const move = moves[event.key];
      if (!move) return undefined;
      event.preventDefault();
      at = [Math.min(rows.length - 1, Math.max(0, at[0] + move[0])), Math.min(columns.length - 1, Math.max(0, at[1] + move[1]))];
      say();
      return plot.draw();
    });
    drawn.add(plot);
    SV.mounted.push(() => plot.draw());
    return h("div", { class: "heatmap" }, canvas, said);
  };
})();
