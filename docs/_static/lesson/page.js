/* The page: one state, the values that follow from it, and what writes them. */
"use strict";
(() => {
  const L = window.lessonEngine, T = window.lessonTexts, N = window.lessonNetwork;
  const F = window.lessonFormulas, P = window.lessonPanels, St = window.lessonSteps;
  const { id, button } = P, { symbol, format } = F;
  const MOST_UNITS = 6;
  const stripped = (html) => html.replace(/<[^>]+>/g, "");
  const S = { net: L.course(), people: L.copy(L.PEOPLE), who: 0, rate: 0.1, zero: true, hand: "w31",
    hover: null, step: null, mode: "hand", rows: "one", h: 5, mistake: "", epoch: 0, next: 0,
    losses: [], old: [], first: null };
  let running = 0, V = {}, list = [], shown = {};
  const root = id("stage").closest("article"), live = document.createElement("div");
  const say = (text) => { live.textContent = text; };
  const text = (name, html) => root.querySelectorAll(`[data-text="${name}"]`).forEach((e) => {
    if (e.innerHTML !== html) e.innerHTML = html;
  });
  const shift = (x, sign) => [x[0] + sign * L.MEANS[0], x[1] + sign * L.MEANS[1], ...x.slice(2)];

  // ----- The values that all numbers of the page are taken from
  function gradients(into, prefix, g) {
    L.names(S.net).forEach((name) => { into[prefix + name] = L.get(g, name); });
  }
  function values() {
    const { net, people, who, rate } = S, n = people.length, x = people[who];
    const all = L.forward(net, people), units = L.units(net);
    const one = L.backward(net, [x], n), whole = L.backward(net, people, n);
    const V = { all, one, whole, x1: x[0], x2: x[1], label: x[2], n, eta: rate, y: all.y[who], net5: all.z2[who], d5: one.d2[0] };
    const raw = S.zero ? shift(x, 1) : x;
    [V.r1, V.r2] = raw;
    V.s5 = V.y * (1 - V.y);
    V.dEdy = (-2 / n) * (V.label - V.y);
    V.Ep = (V.label - V.y) ** 2 / n;
    V.E = L.loss(net, people, n);
    units.forEach((j, k) => {
      const a = all.a1[who][k];
      Object.assign(V, { ["net" + j]: all.z1[who][k], ["a" + j]: a, ["s" + j]: a * (1 - a), ["d" + j]: one.d1[0][k] });
    });
    gradients(V, "", net);
    gradients(V, "g:", one.gradient);
    gradients(V, "G:", whole.gradient);
    L.names(net).forEach((w) => { V["fd:" + w] = L.difference(net, w, people, n, 1e-5).slope; });
    V.hand = S.hover || S.hand;
    const { up, down, slope } = L.difference(net, V.hand, [x], n, 10 ** -S.h);
    Object.assign(V, { up, down, fd: slope, bp: V["g:" + V.hand] });
    V.rel = Math.abs(V.fd - V.bp) / Math.max(Math.abs(V.fd), Math.abs(V.bp), 1e-300);
    V["new:" + V.hand] = V[V.hand] - rate * V.bp;
    L.NEW_PEOPLE.forEach((p, i) => { V["new" + i] = L.forward(net, [S.zero ? shift(p, -1) : p]).y[0]; });
    return V;
  }

  // ----- What is built again when the structure changes
  function once(key, value, make) {
    if (shown[key] !== value) { shown[key] = value; make(); }
  }
  function buildStage() {
    id("stage").innerHTML = `<div class="stays"><fieldset class="bar who"><legend>${T.whoLegend}</legend>${S.people.map((_, i) =>
      `<label><input type="radio" name="who" value="${i}" data-act="who"${i ? "" : " checked"}><span data-text="who${i}"></span></label>`).join("")}</fieldset>
      <div class="bar"><label class="port rate" data-id="eta"><span>${T.rate} η</span><input type="number" step="any" data-q="eta" aria-label="${T.rate} η"></label>
      <label class="switch"><input type="checkbox" role="switch" data-act="zero" checked> ${T.zeroMean}</label>
      <label>${T.weights} <select data-act="preset"><option value="">…${T.presets.map((p, i) => `<option value="${i}">${p}`).join("")}</select></label>
      ${button("add", T.addUnit)}${button("remove", T.removeUnit)}</div>
      <div class="net" role="group" aria-label="${T.netLabel}"></div>
      <p class="status" data-text="judged"></p>
      <div class="bar" id="lesson-steps">${button("fwd", T.stepForward)}${button("back-step", T.stepBackward)}${button("undo", T.undo)}
      <label>${T.weightInHand} <select data-act="hand"></select></label></div><div data-text="now" class="panel"></div></div>`;
    id("forms").innerHTML = `<div class="bar">${button("add", T.addUnit)}${button("remove", T.removeUnit)}
      <label>${T.rowsLabel} <select data-act="rows"><option value="one">${T.rowsOne}<option value="all">${T.rowsAll}</select></label></div>
      <p class="status" data-text="counts"></p><div class="forms"><div><h3>${T.scalarTitle}</h3><ol data-text="scalar"></ol></div>
      <div><h3>${T.vectorTitle}</h3><ol data-text="vector"></ol></div></div>`;
    P.buildCheck(T); P.buildTrain(T); P.buildBreak(T); P.buildQuestions(T);
    root.lang = T.lang; live.className = "lesson-live"; live.setAttribute("aria-live", "polite");
    root.append(live);
  }
  const box = () => id("stage").querySelector(".net");

  function structure() {
    const H = S.net.W2.length, rows = S.rows === "all" ? S.people.length : 1;
    once("net", `${H} ${box().clientWidth}`, () => N.build(box(), S.net, T));
    once("H", H, () => {
      list = St.steps(S.net);
      const names = L.names(S.net), select = id("steps").querySelector("select");
      select.innerHTML = names.map((w) => `<option>${w}</option>`).join("");
      text("scalar", St.scalarForm(S.net));
      text("counts", T.counts(names.length, St.countFactors(S.net)));
      root.querySelectorAll("[data-act=add]").forEach((b) => { b.disabled = H >= MOST_UNITS; });
      root.querySelectorAll("[data-act=remove]").forEach((b) => { b.disabled = H <= 1; });
    });
    once("vector", `${H} ${rows}`, () => text("vector", St.vectorForm(S.net, rows)));
    once("now", `${H} ${stepping() ? S.step : ""} ${V.hand}`, () => {
      const step = stepping();
      text("now", !step ? St.chain(S.net, V.hand, T)
        : `<p class="title">${where(step)}</p>${St.line(step)}<p>${T.step[step.kind](step.q.slice(-1), symbol(step.q.replace("g:", "")))}</p>${
          S.step === list.length - 1 ? T.update(St.line({ q: "new:" + V.hand, formula: `{${V.hand}} − {eta} · {g:${V.hand}}` })) : ""}`);
      id("steps").querySelector("select").value = V.hand;
      root.querySelectorAll("[data-hand]").forEach((e) => e.classList.toggle("chosen", e.dataset.hand === V.hand));
      const disable = (act, off) => { id("steps").querySelector(`[data-act=${act}]`).disabled = off; };
      disable("back-step", S.step === list.length - 1);
      disable("undo", S.step === null);
    });
  }
  // The step whose formula is shown; none while a weight is.
  const stepping = () => S.mode === "step" && !S.hover && list[S.step];
  function where(step) {
    const same = list.filter((s) => s.phase === step.phase);
    return T.where[step.phase](same.indexOf(step) + 1, same.length);
  }

  // ----- Writing
  const MATRICES = () => {
    const r = S.who, one = S.rows === "one", column = (v) => v.map((x) => [x]);
    const { all } = V, back = one ? V.one : V.whole, g = back.gradient;
    const pick = (m) => (one ? [m[r]] : m);
    return { z1: pick(all.z1), a1: pick(all.a1), z2: column(pick(all.z2)), y: column(pick(all.y)), d2: column(back.d2),
      d1: back.d1, dW2: column(g.W2), db2: [g.b2], dW1: g.W1, db1: [g.b1] };
  };
  function paint() {
    V = values();
    structure();
    root.querySelectorAll("b[data-q]").forEach((e) => {
      const v = V[e.dataset.q], shown = format(v, +e.dataset.d || 6);
      e.textContent = e.hasAttribute("data-p") && v < 0 ? `(${shown})` : shown;
    });
    root.querySelectorAll("input[data-q]").forEach((e) => {
      if (e !== document.activeElement || !e.typed) e.value = F.short(V[e.dataset.q], e.closest(".narrow") ? 3 : 4);
    });
    const matrices = MATRICES();
    root.querySelectorAll("[data-matrix]").forEach((e) => {
      e.innerHTML = matrices[e.dataset.matrix].map((row) => `<tr>${row.map((v) => `<td>${format(v, 4)}`).join("")}`).join("");
    });
    S.people.forEach((p, i) => text("who" + i, `${i + 1}: ${P.person(p, S)}, ${T.labels[p[2]]}`));
    text("judged", T.judged(format(V.y, 4), T.verdict(V.y), T.labels[V.label], format(V.E)));
    P.paintCheck(S, V, T, text);
    P.paintTrain(S, V, T, text);
    clearTimeout(paint.later);
    paint.later = setTimeout(() => P.paintBreak(S, T, text), S.mistake ? 120 : 0);
    light();
  }
  function light() {
    N.paint(box(), V);
    const step = stepping(), pale = new Set(step ? list.slice(S.step + 1).map((s) => s.q) : []);
    N.light(box(), step ? step.lit : St.path(V.hand), step ? step.phase : "fwd", pale);
  }

  // ----- Changes
  function change(q, value) {
    if (!Number.isFinite(value)) return;
    if (q === "eta") S.rate = Math.max(0, value);
    else if (q === "label") S.people[S.who][2] = value >= 0.5 ? 1 : 0;
    else if (q[0] === "x") S.people[S.who][q[1] - 1] = value;
    else L.set(S.net, q, value);
    paint();
  }
  function restart(net) {
    if (S.losses.length > 1) S.old = S.losses;
    running++;
    Object.assign(S, { net, losses: [], epoch: 0, next: 0, first: null });
  }
  function begin() {
    if (S.losses.length) return;
    S.first = L.copy(S.net);
    S.losses = [V.E];
  }
  function oneStep() {
    begin();
    L.step(S.net, S.people, S.next, S.rate);
    S.next += 1;
    if (S.next < S.people.length) return;
    S.next = 0; S.epoch += 1;
    S.losses.push(L.loss(S.net, S.people, S.people.length));
  }
  function train(epochs) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches, run = ++running;
    const frame = () => {
      if (run !== running) return;
      for (let i = calm ? epochs : Math.min(25, epochs); i > 0; i--, epochs--)
        for (let k = 0; k < S.people.length; k++) oneStep();
      paint();
      if (epochs > 0) requestAnimationFrame(frame);
      else say(stripped(T.trained(S.epoch, S.next, format(V.E))));
    };
    frame();
  }
  const draw = () => Math.round(Math.random() * 100 - 50) / 100 || 0.1;
  function preset(i) {
    const net = i === 2 ? L.copy(S.net) : L.course();
    if (i) L.names(net).forEach((w) => L.set(net, w, i === 1 ? 0.1 : draw()));
    restart(net);
    if (!L.names(net).includes(S.hand)) S.hand = "w31";
  }
  function resize(more) {
    restart(L.copy(S.net));
    if (more) L.addUnit(S.net, draw); else L.removeUnit(S.net);
    Object.assign(S, { step: null, hover: null, mode: "hand" });
    if (!L.names(S.net).includes(S.hand)) S.hand = "w31";
    paint();
    say(stripped(T.counts(L.names(S.net).length, St.countFactors(S.net))));
  }
  function go(step) {
    Object.assign(S, { step, mode: step === null ? "hand" : "step", hover: null });
    paint();
    say(id("steps").nextElementSibling.textContent.replace(/\s+/g, " "));
  }
  const lastForward = () => list.findIndex((s) => s.phase === "back") - 1;
  const ACTS = {
    who: (e) => { S.who = +e.value; },
    zero: (e) => { S.zero = e.checked; S.people = S.people.map((p) => shift(p, e.checked ? -1 : 1)); restart(S.net); },
    preset: (e) => { preset(+e.value); e.value = ""; }, rows: (e) => { S.rows = e.value; }, h: (e) => { S.h = +e.value; },
    hand: (e) => { S.hand = e.value; S.mode = "hand"; }, mistake: (e) => { S.mistake = e.value; },
  };
  const CLICKS = {
    add: () => resize(true), remove: () => resize(false),
    fwd: () => go(S.step === null || S.step >= lastForward() ? 0 : S.step + 1),
    "back-step": () => go(Math.min(Math.max(S.step ?? 0, lastForward()) + 1, list.length - 1)),
    undo: () => go(S.step ? S.step - 1 : null),
    one: () => { running++; oneStep(); paint(); say(stripped(T.trained(S.epoch, S.next, format(V.E)))); },
    epoch: () => train(1), thousand: () => train(1000),
    back: () => { if (S.first) restart(S.first); paint(); },
  };

  // ----- Hands: keyboard, mouse, finger
  const unitOf = (q) => (q === "eta" ? 0.005 : q === "label" ? 0.02 : q[0] === "x" ? 0.1 : 0.01);
  const tidy = (v) => +v.toFixed(4);
  const isWeight = (q) => q && /^w\d\w$/.test(q);
  function listen() {
    root.addEventListener("input", (event) => {
      const e = event.target;
      if (e.dataset.q && e.value !== "") { e.typed = true; change(e.dataset.q, +e.value); }
      if (e.dataset.act === "h") { ACTS.h(e); paint(); }
    });
    root.addEventListener("change", (event) => {
      const act = ACTS[event.target.dataset.act];
      if (act) { act(event.target); paint(); }
    });
    root.addEventListener("focusout", (event) => { if (event.target.dataset.q) { event.target.typed = false; paint(); } });
    root.addEventListener("focusin", (event) => {
      const q = event.target.dataset.q;
      if (isWeight(q)) { Object.assign(S, { hand: q, hover: null, mode: "hand" }); paint(); }
    });
    root.addEventListener("click", (event) => {
      const b = event.target.closest("[data-act]"), item = event.target.closest("[data-hand]");
      if (b && CLICKS[b.dataset.act]) CLICKS[b.dataset.act]();
      if (item) { S.hand = item.dataset.hand; S.mode = "hand"; paint(); }
    });
    root.addEventListener("keydown", (event) => {
      const { target: e, key } = event, by = { ArrowUp: 1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[key];
      if (e.dataset.q && by) {
        event.preventDefault();
        e.typed = false;
        const unit = unitOf(e.dataset.q) * (e.dataset.q === "label" ? 50 : e.dataset.q[0] === "x" ? 10 : 1);
        change(e.dataset.q, tidy(V[e.dataset.q] + by * unit * (event.shiftKey ? 10 : 1)));
      }
      if (e.closest("#lesson-steps button") && /^Arrow(Right|Left)$/.test(key)) CLICKS[key === "ArrowRight" ? "fwd" : "back-step"]();
    });
    const over = (event, q) => {
      if (event.pointerType !== "mouse" || !isWeight(q) || drag) return;
      S.hover = event.type === "pointerover" ? q : null;
      paint();
    };
    ["pointerover", "pointerout"].forEach((type) => box().addEventListener(type, (event) =>
      over(event, event.target.closest(".port")?.dataset.id)));
    let drag = null;
    root.addEventListener("pointerdown", (event) => {
      const port = event.target.closest(".port"), e = port?.querySelector("input");
      if (!e || e === document.activeElement || event.button) return;
      if (event.pointerType === "mouse") event.preventDefault();
      drag = { port, e, q: e.dataset.q, x: event.clientX, from: V[e.dataset.q], moved: false };
      port.setPointerCapture(event.pointerId);
    });
    root.addEventListener("pointermove", (event) => {
      if (!drag) return;
      const dx = event.clientX - drag.x;
      if (Math.abs(dx) > 3 && !drag.moved) {
        drag.moved = true;
        drag.port.classList.add("dragged");
        if (isWeight(drag.q)) Object.assign(S, { hand: drag.q, hover: null, mode: "hand" });
      }
      if (drag.moved) change(drag.q, tidy(drag.from + dx * unitOf(drag.q)));
    });
    const drop = (event) => {
      if (!drag) return;
      drag.port.classList.remove("dragged");
      if (!drag.moved && event.type === "pointerup") { drag.e.focus(); drag.e.select(); }
      drag = null;
    };
    ["pointerup", "pointercancel"].forEach((type) => root.addEventListener(type, drop));
    const size = (name, e) => id("stage").style.setProperty(name, `${e?.offsetHeight || 0}px`);
    const stays = id("stage").firstChild;
    new ResizeObserver(() => size("--tall", stays)).observe(stays);
    new ResizeObserver(() => { size("--header", document.querySelector(".bd-header")); paint(); }).observe(box());
  }

  buildStage();
  listen();
  paint();
  const state = () => JSON.parse(JSON.stringify({ ...S, values: V, names: L.names(S.net), steps: list,
    matrices: MATRICES(), checks: Object.fromEntries(["", ...L.MISTAKES].map((m) => [m, L.checks(S.net, S.people, S.rate, m)])) }));
  window.lesson = { state, say };
})();
