/* The picture of the network: lines and circles in SVG, and over them the numbers as HTML, so
   that each one that can be changed is a field for the keyboard, the mouse and the finger. */
"use strict";
window.lessonNetwork = (() => {
  const L = window.lessonEngine, { symbol, number } = window.lessonFormulas;
  const PORT = 40, RADIUS = 19;

  // A field: its name, what a screen reader says, and its place.
  function field(q, label, x, y, width, below = "", aria = label) {
    return `<label class="port" data-id="${q}" data-k="${q}" style="left:${x}px;top:${y}px;width:${width}px">
      <span>${label}</span><input type="number" step="any" data-q="${q}" aria-label="${aria}"
      autocomplete="off">${below}</label>`;
  }
  const plain = (html) => html.replace(/<[^>]+>/g, "");

  function sizes(width) {
    const narrow = width < 480;
    const input = narrow ? 54 : 94, port = narrow ? 68 : 96, unit = narrow ? 67 : 104;
    const gap = (width - input - 2 * port - 2 * unit) / 2;
    return { narrow, width, input, port, unit, gap,
      port1: input + gap, port2: input + gap + port + unit + gap };
  }

  function build(box, net, T) {
    const s = sizes(box.clientWidth), units = L.units(net), H = units.length;
    const height = Math.max(H * (3 * PORT + 14), 290);
    const rowOf = (k) => (height * (k + 0.5)) / H;
    const outY = Math.max(height * 0.5 - 62, (H + 1) * PORT / 2 + 2);
    let html = "", lines = "";

    const wire = (id, x1, y1, x2, y2) => {
      const m = (x1 + x2) / 2;
      lines += `<path data-id="${id}" class="wire" d="M${x1} ${y1}C${m} ${y1} ${m} ${y2} ${x2} ${y2}"/>`;
    };
    const weight = (name, x, y, from) => {
      html += field(name, symbol(name), x, y - PORT / 2 + 3, s.port,
        `<small data-k="g:${name}">∂ ${number("g:" + name, s.narrow ? 3 : 4)}</small>`,
        T.weight(plain(symbol(name)), ...from));
    };
    const circle = (j, x, y) => {
      lines += `<circle data-id="${j}" cx="${x}" cy="${y}" r="${RADIUS}"/>`;
      const a = j === 5 ? "y" : `a${j}`, digits = s.narrow ? 3 : 4;
      const line = (q) => `<span data-k="${q}">${symbol(q)} ${number(q, s.narrow && q[0] === "d" ? 2 : digits)}</span>`;
      html += `<div class="name" style="left:${x - RADIUS}px;top:${y - 12}px">${j}</div>
        <div class="unit" style="left:${x - s.unit / 2 + 9}px;top:${y + RADIUS + 4}px">
        ${line("net" + j)}${line(a)}${line("d" + j)}</div>`;
    };

    const inputY = [height * 0.3, height * 0.7];
    inputY.forEach((y, i) => {
      html += field(`x${i + 1}`, symbol(`x${i + 1}`), 0, y - PORT / 2, s.input,
        `<small><span>${T.inputs[i]}</span> <b class="num" data-q="r${i + 1}"></b> ${T.units[i]}</small>`, T.input(i));
    });
    units.forEach((j, k) => {
      const y = rowOf(k), x = s.port1 + s.port + s.unit / 2;
      ["1", "2", "b"].forEach((from, i) => {
        const py = y + (i - 1) * PORT, name = `w${j}${from}`;
        if (from === "b") {
          wire(name, s.port1 - 10, py, s.port1, py);
          html += `<span class="one" style="left:${s.port1 - 18}px;top:${py - 9}px">1</span>`;
        } else wire(name, s.input, inputY[i], s.port1, py);
        weight(name, s.port1, py, [from, j]);
        lines += `<path data-id="${name}" class="wire end" d="M${s.port1 + s.port} ${py}h5V${y - 24}H${x - RADIUS}"/>`;
      });
      circle(j, x, y - 24);
    });
    const outX = s.port2 + s.port + s.unit / 2;
    [...units, "b"].forEach((from, i) => {
      const py = outY + (i - H / 2) * PORT, name = `w5${from}`;
      if (from === "b") {
        wire(name, s.port2 - 10, py, s.port2, py);
        html += `<span class="one" style="left:${s.port2 - 18}px;top:${py - 9}px">1</span>`;
      } else wire(name, s.port1 + s.port + s.unit / 2 + RADIUS, rowOf(i) - 24, s.port2, py);
      weight(name, s.port2, py, [from, 5]);
      lines += `<path data-id="${name}" class="wire end" d="M${s.port2 + s.port} ${py}h5V${outY - 24}H${outX - RADIUS}"/>`;
    });
    circle(5, outX, outY - 24);
    const lossY = outY + 54;
    lines += `<path data-id="E" class="wire" d="M${outX} ${lossY - 10}L${outX} ${lossY + 6}"/>`;
    html += field("label", "label", outX - s.unit / 2 + 9, lossY + 8, s.unit - 10, "", T.label);
    html += `<div class="loss" data-id="E" data-k="Ep" style="left:${outX - s.unit / 2 + 9}px;top:${lossY + 46}px;width:${s.unit - 10}px">
      ${symbol("Ep")} ${number("Ep", s.narrow ? 3 : 4)}</div>`;
    const total = Math.max(height, lossY + 84);
    box.style.height = `${total}px`;
    box.classList.toggle("narrow", s.narrow);
    box.innerHTML = `<svg width="${s.width}" height="${total}" aria-hidden="true">
      <defs>${["fwd", "back"].map((c) => `<marker id="to-${c}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="9"
        markerHeight="9" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path class="${c}" d="M0 0L8 4L0 8z"/></marker>`).join("")}
      </defs>${lines}</svg>${html}`;
  }

  /* Wires as wide as their weights are large, dashed if negative; circles by saturation. */
  function paint(box, V) {
    box.querySelectorAll("path.wire").forEach((path) => {
      const w = V[path.dataset.id] ?? 0;
      path.style.strokeWidth = 1 + Math.min(3, 1.5 * Math.abs(w));
      path.classList.toggle("negative", w < 0 && path.dataset.id !== "E");
    });
    box.querySelectorAll("circle").forEach((circle) =>
      circle.style.setProperty("--full", `${Math.round(100 - 400 * V["s" + circle.dataset.id])}%`));
  }

  /* What is lit up, in which direction; what is not yet computed is pale. */
  function light(box, ids, direction, pale) {
    box.querySelectorAll("[data-id]").forEach((e) => {
      const lit = ids.includes(e.dataset.id);
      e.classList.toggle("fwd", lit && direction === "fwd");
      e.classList.toggle("back", lit && direction === "back");
    });
    box.querySelectorAll("[data-k]").forEach((e) =>
      e.classList.toggle("pale", pale.has(e.dataset.k)));
  }
  return { build, paint, light };
})();
