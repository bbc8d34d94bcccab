"use strict";
// Two tables: one that is whole and sorts by its columns, and a long one that draws the rows in sight.
(function () {
  const h = SV.h;

  // columns: {name, title, text (left-aligned), value(row) to sort by, cell(row) what to show}.
  SV.table = function (columns, rows, { caption, className } = {}) {
    let order = { column: null, down: true };
    const body = h("tbody");
    const heads = columns.map((column, i) => {
      const head = h("th", { scope: "col", class: column.text ? "text" : null, title: column.title });
      const button = h("button", { type: "button", class: "sort", onclick: () => {
        order = { column: i, down: order.column === i ? !order.down : !column.text };
        draw();
      } }, column.name);
      head.append(button);
      return head;
    });
    function draw() {
      let shown = [...rows];
      if (order.column !== null) {
        const value = columns[order.column].value || columns[order.column].cell;
        const sign = order.down ? -1 : 1;
        shown.sort((a, b) => {
          const one = value(a), two = value(b);
          if (one === null || one === undefined || one === "") return 1;
          if (two === null || two === undefined || two === "") return -1;
          return sign * (typeof one === "number" && typeof two === "number" ? one - two : String(one).localeCompare(String(two), "en", { numeric: true }));
        });
      }
      heads.forEach((head, i) => head.setAttribute("aria-sort", order.column !== i ? "none" : order.down ? "descending" : "ascending"));
      body.replaceChildren(...shown.map((row) => h("tr", {},
        columns.map((column) => h("td", { class: column.text ? "text" : null }, column.cell(row))))));
    }
    draw();
    return h("div", { class: `scroll ${className || ""}`, tabindex: "0", role: "region", "aria-label": caption || "table" },
      h("table", {}, h("thead", {}, h("tr", {}, heads)), body));
  };

  // A table as the program wrote it: header, rows of text, and which columns are no figures.
  SV.plain = function ({ title, header, rows, text }) {
    const columns = header.map((name, i) => ({
      name, text: text.includes(i), cell: (row) => row[i],
      value: (row) => (row[i] !== "" && !Number.isNaN(Number(row[i])) ? Number(row[i]) : row[i]),
    }));
    return SV.table(columns, rows, { caption: title });
  };

  // columns: {name, width (CSS grid), text, cell(row)}.
  const HEIGHT = 30; // of a row, in pixels
  SV.list = function (columns, { open, label }) {
    const template = columns.map((column) => column.width).join(" ");
    const inner = h("div", { class: "rows" });
    const scroller = h("div", { class: "list", tabindex: "0", role: "grid", "aria-label": label });
    const head = h("div", { class: "row head", role: "row", style: { gridTemplateColumns: template } },
      columns.map((column) => h("span", { role: "columnheader", class: column.text ? "text" : null, title: column.title }, column.name)));
    const body = h("div", { role: "rowgroup" }, inner);
    SV.add(scroller, head, body);
    let rows = [], at = 0;
    const virtual = new VirtualCore.Virtualizer({
      count: 0, getScrollElement: () => scroller, estimateSize: () => HEIGHT, overscan: 12,
      scrollToFn: VirtualCore.elementScroll, observeElementRect: VirtualCore.observeElementRect,
      observeElementOffset: VirtualCore.observeElementOffset, scrollPaddingStart: HEIGHT, onChange: () => draw(),
    });
    function draw() {
      inner.style.height = `${virtual.getTotalSize()}px`;
      scroller.setAttribute("aria-rowcount", rows.length + 1);
      inner.replaceChildren(...virtual.getVirtualItems().map((item) => {
        const row = rows[item.index];
        return h("div", {
          class: item.index === at ? "row at" : "row", role: "row", "aria-rowindex": item.index + 2,
          "aria-selected": item.index === at ? "true" : "false", id: `row-${item.index}`,
          style: { gridTemplateColumns: template, transform: `translateY(${item.start}px)` },
          onclick: () => { at = item.index; open(row); },
        }, columns.map((column) => h("span", { role: "gridcell", class: column.text ? "text" : null }, column.cell(row))));
      }));
      scroller.setAttribute("aria-activedescendant", rows.length ? `row-${at}` : "");
    }
    const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15, Home: -Infinity, End: Infinity, j: 1, k: -1 };
    scroller.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && rows.length) { open(rows[at]); event.preventDefault(); return; }
      if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      at = Math.max(0, Math.min(rows.length - 1, at + moves[event.key]));
      virtual.scrollToIndex(at);
      draw();
    });
    function show(found) {
      rows = found;
      at = 0;
      virtual.setOptions({ ...virtual.options, count: rows.length });
      virtual._willUpdate();
      virtual.measure();
      scroller.scrollTop = 0;
      draw();
    }
    // Once the element is part of the page.
    function mount() { virtual._didMount(); virtual._willUpdate(); }
    return { element: scroller, show, mount };
  };

  // A file for spreadsheets; a cell that one of them would take for a formula begins with an apostrophe.
  SV.csv = function (header, rows) {
    const cell = (value) => {
      let text = value === null || value === undefined ? "" : String(value).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "\ufffd");
      if (typeof value !== "number" && /^[\s]*[=+\-@|%]/.test(text)) text = `'${text}`;
      return /[",\n\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
  };
  SV.download = function (name, text) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  };
})();
