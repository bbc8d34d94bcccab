"use strict";
// What all views share: elements made of text alone, chunks of data by script tags, places as hashes.
const SV = { views: {}, run: null, theme: "light" };

(function () {
  const waiting = new Map();
  const kept = new Map();
  const MOST_TEXTS = 40; // chunks of texts in memory

  // Control characters, escape sequences among them, and marks that turn the direction of text, as signs.
  const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
  SV.visible = function (text) {
    return String(text).replace(HIDDEN, (sign) => {
      const code = sign.codePointAt(0);
      if (code === 13) return "";
      return code < 32 ? String.fromCodePoint(0x2400 + code) : `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
    });
  };

  // An element. Children are elements, or become text: no string is ever read as markup.
  SV.h = function (tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (name === "style") Object.assign(element.style, value);
      else element.setAttribute(name, value === true ? "" : SV.visible(value));
    }
    SV.add(element, ...children);
    return element;
  };

  SV.add = function (element, ...children) {
    for (const child of children.flat(Infinity)) {
      if (child === null || child === undefined || child === false) continue;
      element.append(child instanceof Node ? child : document.createTextNode(SV.visible(child)));
    }
    return element;
  };

  // Called by each chunk.
  SV.put = function (key, packed) {
    const asked = waiting.get(key);
    if (!asked) return;
    waiting.delete(key);
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    new Response(stream).json().then(asked.resolve, asked.reject);
  };

  SV.load = function (key) {
    if (!kept.has(key)) {
      const promise = new Promise((resolve, reject) => {
        if (typeof DecompressionStream === "undefined") reject(new Error("This browser is too old: it has no DecompressionStream."));
        waiting.set(key, { resolve, reject });
        script(`data/${key}.js`).catch(() => reject(new Error(`The file data/${key}.js is missing; the folder must be copied whole.`)));
      });
      promise.catch(() => kept.delete(key));
      kept.set(key, promise);
      forget();
    } else {
      const promise = kept.get(key); // the last asked for is the last forgotten
      kept.delete(key);
      kept.set(key, promise);
    }
    return kept.get(key);
  };

  function forget() {
    const texts = [...kept.keys()].filter((key) => /^[tgp]\//.test(key));
    for (const key of texts.slice(0, Math.max(0, texts.length - MOST_TEXTS))) kept.delete(key);
  }

  function script(source) {
    return new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = source;
      element.onload = () => { element.remove(); resolve(); };
      element.onerror = () => { element.remove(); reject(new Error(source)); };
      document.head.append(element);
    });
  }

  // A vendored library that not every view needs, and its style sheet.
  const vendored = new Map();
  SV.vendored = function (name, styled) {
    if (!vendored.has(name)) {
      if (styled) document.head.append(SV.h("link", { rel: "stylesheet", href: `vendor/${name}.css` }));
      vendored.set(name, script(`vendor/${name}.js`));
    }
    return vendored.get(name);
  };

  SV.link = function (view, parts, query) {
    const path = [view, ...(parts || [])].map(encodeURIComponent).join("/");
    const asked = new URLSearchParams(Object.entries(query || {}).filter(([, value]) => value !== "" && value !== null));
    return `#/${path}${asked.size ? `?${asked}` : ""}`;
  };

  SV.place = function () {
    const [path, asked] = location.hash.replace(/^#\/?/, "").split("?");
    const parts = path.split("/").filter((part) => part !== "").map((part) => {
      try { return decodeURIComponent(part); } catch { return part; }
    });
    return { view: parts[0] || "overview", parts: parts.slice(1), query: Object.fromEntries(new URLSearchParams(asked || "")) };
  };

  SV.go = function (hash) { location.hash = hash; };

  SV.benchmark = (id) => SV.run.benchmarks.find((each) => each.id === id);
  SV.model = (id) => SV.run.models.find((each) => each.id === id);
  SV.label = (kind, id) => ((SV[kind](id) || {}).label) || id;
  SV.titled = (benchmark, grader) => benchmark.label + (benchmark.graders.length > 1 ? ` (${grader})` : "");
  SV.score = (model, benchmark, grader) => SV.run.scores.find((each) => each.model === model && each.benchmark === benchmark && each.grader === grader);
  SV.key = (benchmark, model) => {
    const b = SV.run.benchmarks.findIndex((each) => each.id === benchmark);
    return model === undefined ? `${b}` : `${b}-${SV.run.models.findIndex((each) => each.id === model)}`;
  };

  SV.percent = (value, digits = 1) => (value === null || value === undefined ? "" : (100 * value).toFixed(digits));
  SV.count = (value) => (value === null || value === undefined ? "" : Math.round(value).toLocaleString("en"));
  // The number of the chunk that holds a row, of chunks that start with these rows.
  SV.chunkOf = function (starts, row) {
    let low = 0, high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= row) low = middle; else high = middle - 1;
    }
    return low;
  };
  SV.rowOf = async function (prefix, starts, row) {
    const chunk = SV.chunkOf(starts, row);
    return (await SV.load(`${prefix}-${chunk}`))[row - starts[chunk]];
  };

  SV.choice = function (label, options, chosen, change) {
    const select = SV.h("select", { onchange: () => change(select.value) },
      options.map(([value, text]) => SV.h("option", { value, selected: value === chosen }, text)));
    return SV.h("label", { class: "field" }, SV.h("span", {}, label), select);
  };

  SV.search = function (label, value, change) {
    const input = SV.h("input", { type: "search", value, placeholder: label, "aria-label": label, class: "search" });
    let timer = 0;
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => change(input.value), 120); });
    return input;
  };
})();
