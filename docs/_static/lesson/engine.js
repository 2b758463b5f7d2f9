/* The numbers of the lesson: a network of two inputs, any number of hidden units and one
   output, all sigmoids. Samples are rows, as in the package: z = x W + b. E is the course's:
   the mean of (label - y)^2 over all people, also in a step that sees one of them. */
"use strict";
window.lessonEngine = (() => {
  const MEANS = [164, 62];
  const PEOPLE = [[-14, -12, 1], [-15, -11, 1], [8, -2, 0], [24, 28, 0]];
  const NEW_PEOPLE = [[190, 89], [155, 60]];
  const MISTAKES = ["sign", "slope", "transposed", "updated", "sum"];
  const TOLERANCE = { relative: 1e-5, absolute: 1e-10 };

  const f = (z) => 1 / (1 + Math.exp(-z));
  const sum = (v) => v.reduce((a, b) => a + b, 0);
  const range = (n) => Array.from({ length: n }, (_, i) => i);
  const copy = (net) => JSON.parse(JSON.stringify(net));

  // The output unit is 5, and hidden units are 3, 4, 6, 7, ...: names stay when a unit is added.
  const unit = (k) => (k < 2 ? 3 + k : 4 + k);
  const index = (name) => (name < 5 ? name - 3 : name - 4);
  const units = (net) => net.W2.map((_, k) => unit(k));
  const names = (net) => [
    ...units(net).flatMap((j) => [`w${j}1`, `w${j}2`, `w${j}b`]),
    ...units(net).map((j) => `w5${j}`), "w5b"];

  function place(net, name) {
    const [, to, from] = name;
    if (to === "5") return from === "b" ? [net.b2, 0] : [net.W2, index(+from)];
    return from === "b" ? [net.b1, index(+to)] : [net.W1[from - 1], index(+to)];
  }
  const get = (net, name) => { const [v, i] = place(net, name); return v[i]; };
  const set = (net, name, value) => { const [v, i] = place(net, name); v[i] = value; };

  const course = () => ({
    W1: [[0.1, -0.4], [-0.2, 0.5]], b1: [0.3, -0.6], W2: [0.7, -0.8], b2: [0.9] });

  function addUnit(net, draw) {
    net.W1.forEach((row) => row.push(draw()));
    [net.b1, net.W2].forEach((v) => v.push(draw()));
  }
  const removeUnit = (net) => [...net.W1, net.b1, net.W2].forEach((v) => v.pop());

  function forward(net, rows) {
    const z1 = rows.map((x) => net.b1.map((b, k) => x[0] * net.W1[0][k] + x[1] * net.W1[1][k] + b));
    const a1 = z1.map((row) => row.map(f));
    const z2 = a1.map((row) => sum(row.map((a, k) => a * net.W2[k])) + net.b2[0]);
    return { z1, a1, z2, y: z2.map(f) };
  }

  const loss = (net, rows, n) =>
    sum(forward(net, rows).y.map((y, r) => (rows[r][2] - y) ** 2)) / n;

  /* The gradient of E, right or with one of the mistakes. `rate` is for the mistake of a layer
     that takes its step before the layer below has looked at its weights. */
  function backward(net, rows, n, mistake, rate) {
    const { a1, y } = forward(net, rows);
    const factor = (mistake === "sign" ? 2 : -2) / (mistake === "sum" ? 1 : n);
    const d2 = y.map((p, r) => factor * (rows[r][2] - p) * p * (1 - p));
    const dW2 = net.W2.map((_, k) => sum(a1.map((a, r) => a[k] * d2[r])));
    const W2 = mistake === "updated" ? net.W2.map((w, k) => w - rate * dW2[k]) : net.W2;
    const d1 = a1.map((row, r) => row.map((a, k) =>
      d2[r] * W2[k] * (mistake === "slope" ? 1 : a * (1 - a))));
    let dW1 = [0, 1].map((i) => W2.map((_, k) => sum(d1.map((d, r) => rows[r][i] * d[k]))));
    if (mistake === "transposed") dW1 = W2.map((_, k) => [dW1[0][k], dW1[1][k]]);
    const db1 = W2.map((_, k) => sum(d1.map((d) => d[k])));
    return { d2, d1, gradient: { W1: dW1, b1: db1, W2: dW2, b2: [sum(d2)] } };
  }

  const fits = (net, g) => g.W1.length === 2 && g.W1[0].length === net.W2.length;
  const move = (net, g, rate) =>
    names(net).forEach((name) => set(net, name, get(net, name) - rate * get(g, name)));

  // As in the course: a step for each person in turn.
  function step(net, people, who, rate, mistake) {
    const { gradient } = backward(net, [people[who]], people.length, mistake, rate);
    move(net, gradient, rate);
  }
  function epoch(net, people, rate, mistake) {
    people.forEach((_, who) => step(net, people, who, rate, mistake));
    return loss(net, people, people.length);
  }

  function difference(net, name, rows, n, h) {
    const moved = copy(net), w = get(net, name);
    const at = (value) => { set(moved, name, value); return loss(moved, rows, n); };
    const up = at(w + h), down = at(w - h);
    return { up, down, slope: (up - down) / (2 * h) };
  }
  // True or false, or null where the rounding of E hides the difference.
  function agree(a, b) {
    const apart = Math.abs(a - b);
    if (apart <= TOLERANCE.relative * Math.max(Math.abs(a), Math.abs(b))) return true;
    return apart <= TOLERANCE.absolute ? null : false;
  }

  /* What four checks say of a backward pass: true if it passes, null if it cannot be run. */
  function checks(net, people, rate, mistake) {
    const n = people.length, { gradient: g } = backward(net, people, n, mistake, rate);
    if (!fits(net, g)) return { shapes: false, descent: null, twice: null, differences: null };
    const moved = copy(net);
    move(moved, g, 1e-3);
    const g2 = backward(net, [...people, ...people], 2 * n, mistake, rate).gradient;
    return {
      shapes: true,
      descent: loss(moved, people, n) <= loss(net, people, n),
      twice: names(net).every((name) => agree(get(g, name), get(g2, name)) !== false),
      differences: names(net).every((name) =>
        agree(get(g, name), difference(net, name, people, n, 1e-5).slope) !== false),
    };
  }

  return { MEANS, PEOPLE, NEW_PEOPLE, MISTAKES, range, copy, units, names, get, set, course,
    addUnit, removeUnit, forward, loss, backward, fits, step, epoch, difference, agree, checks };
})();
