/* Formulas as HTML. A formula is a text with its quantities in braces: "{w31}·{x1} + {w3b}".
   It is written twice, with symbols and with numbers; the numbers are elements that page.js
   fills whenever something changes. */
"use strict";
window.lessonFormulas = (() => {
  const WORDS = { label: "label", y: "y", n: "n", eta: "η", E: "E", one: "1",
    dEdy: "∂E/∂y" };
  const LETTERS = { w: "w", x: "x", a: "a", net: "net", d: "δ" };

  function symbol(q) {
    if (q === "Ep") return "E<sub>p</sub>";
    if (WORDS[q]) return WORDS[q] === "1" ? "1" : `<i>${WORDS[q]}</i>`;
    if (/^[gG]:/.test(q)) return `∂<i>E</i>/∂${symbol(q.slice(2))}`;
    if (q.startsWith("new:")) return `${symbol(q.slice(4))}`;
    if (/^s\d/.test(q)) return `<i>f</i>′(${symbol("net" + q[1])})`;
    const [, letter, place] = /^(net|[wxad])(\w+)$/.exec(q);
    return `<i>${LETTERS[letter]}</i><sub>${place}</sub>`;
  }
  // A number to be kept up to date; p puts a negative one in parentheses.
  const number = (q, digits = 6, p = false) =>
    `<b class="num" data-q="${q}" data-d="${digits}"${p ? " data-p" : ""}></b>`;

  const inSymbols = (text) => text.replace(/\{([\w:]+)\}/g, (_, q) => symbol(q));
  const inNumbers = (text) => text.replace(/\{([\w:]+)\}/g, (_, q, at) =>
    q === "one" ? "1" : number(q, 6, at > 0));

  // For narrow places: few decimals, and an exponent for what they would round to 0.
  function short(v, digits) {
    if (v !== 0 && (Math.abs(v) < 1e-3 || Math.abs(v) >= 1e5)) return v.toExponential(1);
    return String(+(+v.toPrecision(digits)).toFixed(digits < 4 ? 3 : 4));
  }
  function format(v, digits = 6) {
    if (!Number.isFinite(v)) return "–";
    const size = Math.abs(v), extreme = v !== 0 && (size < 1e-4 || size >= 1e6);
    const text = digits <= 4 ? short(v, digits)
      : extreme ? v.toExponential(Math.min(digits - 1, 5)) : String(+v.toPrecision(digits));
    return text.replace(/-/g, "−");
  }
  return { symbol, number, inSymbols, inNumbers, format, short };
})();
