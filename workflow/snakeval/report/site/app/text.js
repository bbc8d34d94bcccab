"use strict";
// What a model wrote -> elements: code coloured, formulas typeset, all else as it stands. Nothing of it is markup.
(function () {
  const h = SV.h;
  const LONGEST = { code: 20000, formula: 2000, formulas: 400 };
  // Fenced code, then formulas as \[..\], \(..\), $$..$$ and $..$ that no digit follows, then code in a line.
  const PIECES = /```([^\n`]*)\n([\s\S]*?)(?:\n```|$(?![\s\S]))|\\\[([\s\S]+?)\\\]|\\\(([\s\S]+?)\\\)|\$\$([\s\S]+?)\$\$|\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\d)|`([^`\n]+)`|(\\boxed\{(?:[^{}\n]|\{[^{}\n]*\})+\})/g;

  // Pieces of a text: {kind, text, raw, language, start}.
  SV.pieces = function (text) {
    const found = [];
    let last = 0;
    const plain = (from, to) => { if (to > from) found.push({ kind: "text", raw: text.slice(from, to), start: from }); };
    for (const match of text.matchAll(PIECES)) {
      plain(last, match.index);
      const [raw, language, code, bracket, paren, dollars, dollar, ticks, boxed] = match;
      const display = bracket ?? dollars;
      // A box without dollars around it may hold a word, which is no product of letters.
      const formula = display ?? paren ?? dollar ?? boxed?.replace(/^\\boxed\{([A-Za-z][A-Za-z .,'-]+)\}$/, "\\boxed{\\text{$1}}");
      if (code !== undefined) found.push({ kind: "code", text: code, language: language.trim(), raw, start: match.index });
      else if (ticks !== undefined) found.push({ kind: "ticks", text: ticks, raw, start: match.index });
      else found.push({ kind: "formula", text: formula, display: display !== undefined, raw, start: match.index });
      last = match.index + raw.length;
    }
    plain(last, text.length);
    return found;
  };

  // Elements of a text. `marked` is the part that a grader compared: its last place in the text is marked.
  SV.rich = function (text, marked, rendered = true) {
    const block = h("div", { class: "rich" });
    const from = marked ? text.lastIndexOf(marked) : -1;
    const to = from < 0 ? -1 : from + marked.length;
    if (!rendered) { SV.add(block, parts(text, 0, from, to)); block.classList.add("raw"); return block; }
    let formulas = 0, blocks = false; // a block ends its line by itself
    for (const piece of SV.pieces(text)) {
      if (blocks && piece.kind === "text" && piece.raw.startsWith("\n")) { piece.raw = piece.raw.slice(1); piece.start += 1; }
      blocks = piece.kind === "code" || piece.display === true;
      const end = piece.start + piece.raw.length;
      const holds = from >= 0 && from < end && to > piece.start;
      if (piece.kind === "text" || (piece.kind === "formula" && ++formulas > LONGEST.formulas)) {
        SV.add(block, parts(piece.raw, piece.start, from, to));
        continue;
      }
      const element = piece.kind === "code" ? SV.code(piece.text, piece.language)
        : piece.kind === "ticks" ? h("code", {}, piece.text) : formula(piece);
      if (holds) element.classList.add("extracted");
      block.append(element);
    }
    return block;
  };

  function parts(text, start, from, to) {
    const a = Math.max(0, from - start), b = Math.min(text.length, to - start);
    if (from < 0 || b <= 0 || a >= text.length) return [text];
    return [text.slice(0, a), h("mark", { class: "extracted" }, text.slice(a, b)), text.slice(b)];
  }

  function formula(piece) {
    const element = h(piece.display ? "div" : "span", { class: "formula" }, piece.raw);
    if (piece.text.length > LONGEST.formula) return element;
    SV.vendored("katex", true).then(() => {
      const set = document.createElement("span");
      try {
        katex.render(piece.text, set, { displayMode: piece.display, throwOnError: true, trust: false, maxExpand: 200, maxSize: 20, strict: "ignore" });
      } catch { return; } // it stays as it was written
      element.replaceChildren(set);
      element.title = SV.visible(piece.raw);
    }).catch(() => {});
    return element;
  }

  SV.code = function (text, language) {
    const code = h("code", {}, text);
    const block = h("pre", { class: "code" }, code);
    if (text.length <= LONGEST.code) {
      SV.vendored("highlight").then(() => {
        const known = language && hljs.getLanguage(language.toLowerCase());
        const found = known ? hljs.highlight(SV.visible(text), { language: language.toLowerCase(), ignoreIllegals: true })
          : hljs.highlightAuto(SV.visible(text), ["python", "cpp", "java", "javascript", "bash", "json", "rust", "go"]);
        code.replaceChildren(...coloured(new DOMParser().parseFromString(found.value, "text/html").body));
      }).catch(() => {});
    }
    return block;
  };

  // Of what the highlighter returns, its spans with their classes and the text: made anew, nothing is adopted.
  function coloured(parent) {
    return [...parent.childNodes].map((node) => {
      if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data);
      const span = document.createElement("span");
      span.className = [...node.classList].filter((name) => /^hljs-[\w-]+$|^[a-z]+_$/.test(name)).join(" ");
      span.append(...coloured(node));
      return span;
    });
  }

  SV.fold = (title, open, ...children) => h("details", { open: open || null }, h("summary", {}, title), ...children);
})();
