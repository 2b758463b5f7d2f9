/* The two passes as a list of formulas, one a step; the chain rule of one weight; and both
   forms of the whole: one formula per weight, and matrices. */
"use strict";
window.lessonSteps = (() => {
  const L = window.lessonEngine;
  const { symbol, number, inSymbols, inNumbers } = window.lessonFormulas;

  const source = (name) => // the input that a weight receives
    name[2] === "b" ? "one" : name[1] === "5" ? "a" + name[2] : "x" + name[2];
  const DEDY = "−2/{n} · ({label} − {y})";
  const slope = (j) => (j === 5 ? "{y} (1 − {y})" : `{a${j}} (1 − {a${j}})`);

  function steps(net) {
    const units = L.units(net), list = [];
    const add = (phase, q, kind, formula, lit) => list.push({ phase, q, kind, formula, lit });
    const into = (j) => L.names(net).filter((name) => name[1] === String(j));
    for (const j of units) {
      add("fwd", `net${j}`, "net", `{w${j}1} {x1} + {w${j}2} {x2} + {w${j}b}`, [...into(j), "x1", "x2"]);
      add("fwd", `a${j}`, "a", `1 / (1 + e<sup>−{net${j}}</sup>)`, [`${j}`]);
    }
    add("fwd", "net5", "net", [...units.map((j) => `{w5${j}} {a${j}}`), "{w5b}"].join(" + "),
      [...into(5), ...units.map(String)]);
    add("fwd", "y", "y", "1 / (1 + e<sup>−{net5}</sup>)", ["5"]);
    add("fwd", "Ep", "E", "1/{n} · ({label} − {y})<sup>2</sup>", ["E", "label"]);
    add("back", "dEdy", "dEdy", DEDY, ["E", "label"]);
    add("back", "d5", "d5", `{dEdy} · ${slope(5)}`, ["E", "5"]);
    const gradient = (name) => add("back", "g:" + name, "g", `{d${name[1]}} · {${source(name)}}`,
      [name, name[1], ...(name[1] === "5" && name[2] !== "b" ? [name[2]] : [source(name)])]);
    into(5).forEach(gradient);
    for (const j of units) {
      add("back", `d${j}`, "d", `${slope(j)} · {w5${j}} {d5}`, ["5", `w5${j}`, `${j}`]);
      into(j).forEach(gradient);
    }
    return list;
  }

  // What one step shows: the formula in symbols, in numbers, and its result.
  const line = ({ q, formula }) => `<div class="formula"><div>${symbol(q)} ${q.startsWith("new:") ? "←" : "="} ${inSymbols(formula)}</div>
    <div class="numbers">= ${inNumbers(formula)}</div><div class="result">= ${number(q)}</div></div>`;

  /* The way from a weight to E: what is lit up while the weight is in hand. */
  const path = (name) => name[1] === "5" ? [name, "5", "E"]
    : [name, name[1], `w5${name[1]}`, "5", "E"];

  function factors(name) {
    const j = name[1], d = (q) => `∂${symbol(q)}`;
    const own = [`${d("net" + j)}/${d(name)}`, `{${source(name)}}`, source(name)];
    const out = [["∂<i>E</i>/∂<i>y</i>", DEDY, "dEdy"], [`∂<i>y</i>/${d("net5")}`, slope(5), "s5"]];
    const hidden = j === "5" ? [] : [[`${d("net5")}/${d("a" + j)}`, `{w5${j}}`, `w5${j}`],
      [`${d("a" + j)}/${d("net" + j)}`, slope(j), "s" + j]];
    return { out, hidden, own };
  }
  const chip = ([name, formula, q], kind) => `<span class="chip ${kind}"><small>${name}</small>
    <span>${inSymbols(formula)}</span>${q === "one" ? '<b class="num">1</b>' : number(q, 5, true)}</span>`;

  function chain(net, name, T) {
    const { out, hidden, own } = factors(name), j = name[1];
    const chips = (list, kind) => list.map((item) => chip(item, kind)).join("<i>·</i>");
    const box = (kind, q, inside, shared) => `<span class="shared ${kind}">
      <span class="chips">${inside}</span><small>${symbol(q)} = ${number(q, 5)}: ${shared}</small></span>`;
    let product = box("out", "d5", chips(out, "out"), T.inAll(L.names(net).length));
    if (hidden.length) product = box("hid", "d" + j,
      `${product}<i>·</i>${chips(hidden, "hid")}`, T.inUnit(j));
    return `<p class="title">${T.gradientOf(symbol(name))}</p><div class="formula chain"><div>${symbol("g:" + name)} =</div>
      <div class="chips">${product}<i>·</i>${chip(own, "own")}</div>
      <div class="result">= ${number("g:" + name)}</div></div>
      <div class="formula">${T.sameAsDelta} <div>${symbol("g:" + name)} =
      <span class="${j === "5" ? "out" : "hid"}">${symbol("d" + j)}</span> · ${inSymbols(`{${source(name)}}`)}
      <span class="numbers">= ${inNumbers(`{d${j}} · {${source(name)}}`)}</span>
      <span class="result">= ${number("g:" + name)}</span></div></div>`;
  }

  /* One formula per weight: the shared parts marked as in the chain. */
  function scalarForm(net) {
    return L.names(net).map((name) => {
      const { out, hidden, own } = factors(name);
      const part = (list, kind) => list.length
        ? `<span class="${kind}">${list.map(([, formula]) => inSymbols(formula)).join(" · ")}</span> · ` : "";
      return `<li data-hand="${name}"><span>${symbol("g:" + name)} =</span> ${part(out, "out")}${part(hidden, "hid")}${
        inSymbols(own[1])} <span class="result">= ${number("g:" + name)}</span></li>`;
    }).join("");
  }
  const countFactors = (net) => L.names(net).reduce((n, name) => {
    const { out, hidden } = factors(name);
    return n + out.length + hidden.length + 1;
  }, 0);

  /* The same in ten lines: text, the shapes of its arrays, and the name of its result. */
  const LINES = [
    ["z_hidden = X @ W_hidden + b_hidden", "(n, 2) (2, H) (H,)", "n, H", "z1"],
    ["a = f(z_hidden)", "(n, H)", "n, H", "a1"],
    ["z_output = a @ W_output + b_output", "(n, H) (H, 1) (1,)", "n, 1", "z2"],
    ["y = f(z_output)", "(n, 1)", "n, 1", "y"],
    ["delta_output = -2/4 * (label - y) * y * (1 - y)", "(n, 1)", "n, 1", "d2"],
    ["dW_output = a.T @ delta_output", "(H, n) (n, 1)", "H, 1", "dW2"],
    ["db_output = delta_output.sum(axis=0)", "(n, 1)", "1,", "db2"],
    ["delta_hidden = delta_output @ W_output.T * a * (1 - a)", "(n, 1) (1, H) (n, H)", "n, H", "d1"],
    ["dW_hidden = X.T @ delta_hidden", "(2, n) (n, H)", "2, H", "dW1"],
    ["db_hidden = delta_hidden.sum(axis=0)", "(n, H)", "H,", "db1"],
  ];
  function vectorForm(net, n) {
    const shape = (text) => text.replace(/\bH\b/g, net.W2.length).replace(/\bn\b/g, n);
    return LINES.map(([code, from, to, q]) => `<li><pre>${code}</pre>
      <small class="shapes">${shape(from)} → <b>(${shape(to)})</b></small>
      <table class="matrix" data-matrix="${q}" aria-label="${code.split(" ")[0]}"></table></li>`).join("");
  }
  return { steps, line, path, chain, scalarForm, vectorForm, countFactors, source };
})();
