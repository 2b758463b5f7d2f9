/* What stands around the network: the check by differences, training, mistakes, questions. */
"use strict";
window.lessonPanels = (() => {
  const L = window.lessonEngine, { symbol, number, format } = window.lessonFormulas;
  const id = (name) => document.getElementById("lesson-" + name);
  const button = (act, text, extra = "") =>
    `<button type="button" class="btn btn-sm" data-act="${act}" ${extra}>${text}</button>`;
  const mark = (passes, T) => passes === null ? `<span class="na">– ${T.notRun}</span>`
    : passes ? `<span class="pass">✓ ${T.passes}</span>` : `<span class="fail">✗ ${T.caught}</span>`;

  // ----- Check
  function buildCheck(T) {
    id("check").innerHTML = `<label>h = 10<sup data-text="h">−5</sup>
      <input type="range" min="1" max="12" value="5" data-act="h" aria-label="${T.hLabel}"></label>
      <table class="table numbers-table"><tbody>
      <tr><th>E<sub>p</sub>(w + h)<td>${number("up", 12)}<tr><th>E<sub>p</sub>(w − h)<td>${number("down", 12)}
      <tr><th>${T.byDifference}<td>${number("fd", 9)}
      <tr><th>${T.backprop} <span data-text="hand"></span><td>${number("bp", 9)}
      <tr><th>${T.relative}<td>${number("rel", 3)} <span data-text="verdict"></span></tbody></table>
      <details><summary>${T.allWeights}</summary><table class="table" data-text="all"></table></details>`;
  }
  function paintCheck(S, V, T, text) {
    text("h", `−${S.h}`);
    text("hand", symbol(V.hand));
    text("verdict", mark(L.agree(V.fd, V.bp), { ...T, caught: T.differs, notRun: T.tooSmall }));
    text("all", `<thead><tr><th>w<th>${T.backprop}<th>${T.byDifference}<td></thead><tbody>${
      L.names(S.net).map((w) => `<tr><th>${symbol(w)}<td>${format(V["G:" + w])}<td>${
        format(V["fd:" + w])}<td>${mark(L.agree(V["fd:" + w], V["G:" + w]), { notRun: "", passes: "", caught: "" })}`).join("")}</tbody>`);
  }

  // ----- Train
  function buildTrain(T) {
    id("train").innerHTML = `<div class="bar">${button("one", T.oneStep)}${button("epoch", T.oneEpoch)}${
      button("thousand", T.thousand)}${button("back", T.backToFirst)}</div>
      <p class="status" data-text="trained"></p><div class="curve" data-text="curve"></div>
      <table class="table heat" data-text="heat"></table>
      <table class="table people" data-text="people"></table>`;
  }
  function curve(S, T) {
    const W = 400, H = 180, left = 40, bottom = 30, all = [S.losses, S.old];
    const top = Math.max(0.3, ...all.flat()), n = Math.max(2, ...all.map((l) => l.length));
    const x = (i) => left + ((W - left - 8) * i) / (n - 1), y = (e) => 8 + (H - bottom - 8) * (1 - e / top);
    const every = Math.ceil(n / 250);
    const points = (list) => list.map((e, i) => (i % every && i < list.length - 1) ? "" : `${x(i).toFixed(1)},${y(e).toFixed(1)} `).join("");
    const grid = [0, 0.1, 0.2, 0.3].map((e) => `<path class="grid" d="M${left} ${y(e)}H${W - 8}"/>
      <text x="${left - 6}" y="${y(e) + 4}" text-anchor="end">${e}</text>`).join("");
    return `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="${T.curveLabel}">${grid}
      <text x="${left}" y="${H - 14}" text-anchor="middle">0</text><text x="${W - 8}" y="${H - 14}" text-anchor="end">${n - 1}</text>
      <text x="${(W + left) / 2}" y="${H - 2}" text-anchor="middle">${T.epochs}</text><text x="8" y="${H / 2 - 14}" text-anchor="middle" font-style="italic">E</text>
      <polyline class="old" points="${points(S.old)}"/><polyline class="now" points="${points(S.losses)}"/></svg>
      ${S.old.length > 1 ? `<small><span class="now">━</span> ${T.thisRun} · <span class="old">┅</span> ${T.lastRun}</small>` : ""}`;
  }
  const person = ([height, weight], S) => S.zero
    ? `${format(height + L.MEANS[0])} cm, ${format(weight + L.MEANS[1])} kg` : `${format(height)} cm, ${format(weight)} kg`;

  function paintTrain(S, V, T, text) {
    text("trained", T.trained(S.epoch, S.next, format(V.E)));
    text("curve", curve(S, T));
    text("heat", `<caption>${T.heat}</caption><thead><tr><th>${T.person}${S.people.map((_, r) =>
      `<th${r === S.who ? ' class="chosen"' : ""}>${r + 1}`).join("")}</thead><tbody>${[...L.units(S.net), 5].map((j, k) =>
      `<tr><th>${symbol("s" + j)}${S.people.map((_, r) => {
        const a = j === 5 ? V.all.y[r] : V.all.a1[r][k], s = a * (1 - a);
        return `<td style="--full:${Math.round(100 - 400 * s)}%">${format(s, 3)}${s < 0.01 ? ` <small>${T.saturated}</small>` : ""}`;
      }).join("")}`).join("")}</tbody>`);
    text("people", `<caption>${T.newPeople}</caption><tbody>${L.NEW_PEOPLE.map((p, i) =>
      `<tr><th>${p[0]} cm, ${p[1]} kg<td><i>y</i> = ${format(V["new" + i], 4)}<td>${T.verdict(V["new" + i])}`).join("")}</tbody>`);
  }

  // ----- Break it
  const CODE = {
    sign: ["delta = -2/n * (label - y) * y * (1 - y)", "delta =  2/n * (label - y) * y * (1 - y)"],
    slope: ["delta_hidden = delta @ W_output.T * a * (1 - a)", "delta_hidden = delta @ W_output.T"],
    transposed: ["dW_hidden = X.T @ delta_hidden", "dW_hidden = delta_hidden.T @ X"],
    updated: ["delta_hidden = delta @ W_output.T * a * (1 - a)\nW_output -= eta * dW_output",
      "W_output -= eta * dW_output\ndelta_hidden = delta @ W_output.T * a * (1 - a)"],
    sum: ["delta = -2/n * (label - y) * y * (1 - y)", "delta = -2   * (label - y) * y * (1 - y)"],
  };
  function buildBreak(T) {
    id("break").innerHTML = `<fieldset><legend>${T.choose}</legend>${L.MISTAKES.map((m) =>
      `<label class="choice"><input type="radio" name="mistake" value="${m}" data-act="mistake"> ${T.mistakes[m][0]}</label>`).join("")}
      </fieldset><div data-text="broken" hidden></div>`;
  }
  function paintBreak(S, T, text) {
    const m = S.mistake;
    id("break").querySelector("[data-text=broken]").hidden = !m;
    if (!m) return;
    const found = L.checks(S.net, S.people, S.rate, m);
    const caught = Object.keys(found).filter((check) => found[check] === false);
    const order = ["shapes", "descent", "twice", "differences"];
    const after = (mistake) => {
      const net = L.copy(S.net);
      let e;
      for (let i = 0; i < 1000; i++) e = L.epoch(net, S.people, S.rate, mistake);
      return format(e, 5);
    };
    text("broken", `<div class="codes"><pre class="right"><b>✓</b> ${CODE[m][0].replace("\n", "\n  ")}</pre>
      <pre class="wrong"><b>✗</b> ${CODE[m][1].replace("\n", "\n  ")}</pre></div><p>${T.mistakes[m][1]}</p>
      <table class="table checks"><tbody>${order.map((check) =>
        `<tr data-check="${check}"><th>${T.checks[check]}<td>${mark(found[check], T)}`).join("")}</tbody></table>
      <p class="caught" data-caught="${caught}"><strong>${caught.length ? T.caughtBy(caught.map((c) => T.short[c])) : T.caughtByNone}</strong>
      ${found.shapes ? T.afterTraining(after(""), after(m)) : T.cannotTrain}</p>`);
  }

  // ----- Questions: an answer is chosen first, and then there is the button.
  function buildQuestions(T) {
    document.querySelectorAll(".lesson-question").forEach((box) => {
      const name = box.dataset.question, { ask, options } = T.questions[name];
      box.innerHTML = `<fieldset><legend><b>${T.predict}</b> ${ask}</legend>${options.map((option, i) =>
        `<label class="choice"><input type="radio" name="q-${name}" value="${i}"> ${option}</label>`).join("")}
        <button type="button" class="btn btn-sm" disabled>${T.reveal}</button><p hidden></p></fieldset>`;
      const reveal = box.querySelector("button"), answer = box.querySelector("p");
      box.addEventListener("change", () => { reveal.disabled = false; answer.hidden = true; });
      reveal.addEventListener("click", () => {
        const { right, why } = T.questions[name];
        answer.innerHTML = `<b>${+box.querySelector(":checked").value === right ? T.right : T.wrong}</b> ${why}`;
        answer.hidden = false;
        window.lesson.say(answer.textContent);
      });
    });
  }
  return { id, button, person, buildCheck, paintCheck, buildTrain, paintTrain, buildBreak, paintBreak, buildQuestions };
})();
