/* A map of hexagons through time on a 2-D canvas. Needs h3-js before it. twinMap(root, data) draws into `root` and asks nobody for anything. */
"use strict";
async function twinMap(root, D) {
  const el = (tag, props = {}, ...children) => { const e = Object.assign(document.createElement(tag), props); e.append(...children); return e; };
  const unpack = async (text, Type) => {
    const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0));
    return new Type(await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  };
  const mx = lng => (lng + 180) / 360;
  const my = lat => { const s = Math.sin(Math.max(-85, Math.min(85, lat)) * Math.PI / 180); return .5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI); };
  const number = v => v === 0 ? "0" : Math.abs(v) >= 100 ? Math.round(v).toLocaleString("en") : String(+v.toPrecision(3));

  /* ---- decode ---- */
  const began = performance.now(), N = D.n, T = D.months.length;
  const [lo, hi] = await Promise.all([unpack(D.cells.lo, Uint32Array), unpack(D.cells.hi, Uint32Array)]);
  const ids = new Array(N), rowOf = new Map(), centre = new Float64Array(2 * N), corner = new Float32Array(14 * N), corners = new Uint8Array(N);
  let west = 9, north = 9, east = -9, south = -9, size = 0;
  for (let i = 0, h = 0, l = 0; i < N; i++) {
    l += lo[i]; h += hi[i]; if (l > 4294967295) { l -= 4294967296; h++; }
    const id = ids[i] = h.toString(16) + l.toString(16).padStart(8, "0"), ring = h3.cellToBoundary(id), mid = h3.cellToLatLng(id);
    rowOf.set(id, i);
    const x = centre[2 * i] = mx(mid[1]), y = centre[2 * i + 1] = my(mid[0]), n = corners[i] = Math.min(7, ring.length);
    for (let j = 0; j < n; j++) {
      let dx = mx(ring[j][1]) - x; if (dx > .5) dx -= 1; else if (dx < -.5) dx += 1;   /* across the date line */
      corner[14 * i + 2 * j] = dx; corner[14 * i + 2 * j + 1] = my(ring[j][0]) - y;
    }
    if (i % 97 === 0 || N < 500) size = Math.max(size, 2 * Math.hypot(corner[14 * i], corner[14 * i + 1]));
    west = Math.min(west, x); east = Math.max(east, x); north = Math.min(north, y); south = Math.max(south, y);
  }
  west -= size / 2; east += size / 2; north -= size / 2; south += size / 2;
  const lines = [];
  for (const layer of D.layers) {
    const [n, d] = await Promise.all([unpack(layer.n, Int32Array), unpack(layer.d, Int32Array)]), half = d.length / 2, list = [];
    let k = 0;
    for (const c of n) {
      const a = new Float64Array(2 * c + 4); let X = 0, Y = 0, x0 = 9, y0 = 9, x1 = -9, y1 = -9;
      for (let j = 0; j < c; j++, k++) {
        X += d[k]; Y += d[half + k]; const x = mx(X / layer.q), y = my(Y / layer.q); a[4 + 2 * j] = x; a[5 + 2 * j] = y;
        x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y);
      }
      a[0] = x0; a[1] = y0; a[2] = x1; a[3] = y1; list.push(a);
    }
    lines.push({ role: layer.role, list });
  }
  const towns = D.places.map(p => ({ name: p[0], x: mx(p[1]), y: my(p[2]), people: p[3] }));
  for (const c of D.columns) c.level = Float64Array.from(c.levels);
  const framesOf = async c => {
    if (!c.data) { const f = await unpack(c.frames, Uint8Array); for (let i = N; i < f.length; i++) f[i] += f[i - N]; c.data = f; c.frames = ""; }
    return c.data;
  };

  /* ---- the page ---- */
  const canvas = el("canvas", { tabIndex: 0 }), tip = el("div", { className: "map-tip", hidden: true }), legend = el("div", { className: "map-legend" });
  const tabs = el("div", { className: "map-tabs" }), status = el("p", { className: "map-status" }), label = el("output", { className: "map-month" });
  const slider = el("input", { type: "range", min: 0, max: T - 1, step: 1, value: T - 1 }), play = el("button", { type: "button", className: "map-play" });
  const zoom = el("div", { className: "map-zoom" }), stage = el("div", { className: "map-stage" }, canvas, legend, zoom, tip);
  tabs.setAttribute("role", "radiogroup"); tabs.setAttribute("aria-label", "what the map shows");
  canvas.setAttribute("role", "application"); slider.setAttribute("aria-label", "month"); status.setAttribute("aria-live", "polite");
  root.append(tabs, stage, el("div", { className: "map-time", hidden: T < 2 }, play, slider, label), status);
  const buttons = D.columns.map((c, i) => {
    const b = el("button", { type: "button", textContent: c.label, onclick: () => choose(i) });
    b.setAttribute("role", "radio"); b.onkeydown = e => { const s = { ArrowRight: 1, ArrowLeft: -1 }[e.key]; if (s) { const k = (i + s + D.columns.length) % D.columns.length; choose(k); buttons[k].focus(); } };
    tabs.append(b); return b;
  });
  for (const [text, name, act] of [["+", "zoom in", () => around(1.5)], ["−", "zoom out", () => around(1 / 1.5)], ["⤢", "whole area", () => { fit(); later(); }]]) {
    const b = el("button", { type: "button", textContent: text, title: name, onclick: act }); b.setAttribute("aria-label", name); zoom.append(b);
  }

  /* ---- state ---- */
  const g = canvas.getContext("2d");
  let W = 0, H = 0, dpr = 1, s = 1, ox = 0, oy = 0, t = T - 1, col = D.columns[0], data = await framesOf(col), colours = {}, dark = false, waiting = 0, timer = 0, pinned = -1, moved = false;
  const order = new Uint32Array(N), starts = new Uint32Array(17), dot = Math.max(1.1, Math.min(8, 80 / Math.sqrt(N)));   /* least side of a cell, pixels: a few cities must be seen on the globe */
  const css = name => getComputedStyle(root).getPropertyValue(name).trim();
  const theme = () => {
    for (const k of ["sea", "land", "coast", "cell", "border", "street", "main-street", "edge", "law", "town", "halo", "pick"]) colours[k] = css("--map-" + k);
    dark = css("--map-dark") === "1"; paintLegend();
  };
  const fit = () => { s = .94 * Math.min(W / (east - west), H / (south - north)); ox = W / 2 - s * (west + east) / 2; oy = H / 2 - s * (north + south) / 2; };
  const resize = () => {
    const first = !W, cx = (W / 2 - ox) / s, cy = (H / 2 - oy) / s, was = W; dpr = devicePixelRatio || 1;
    W = canvas.width = Math.round(stage.clientWidth * dpr); H = canvas.height = Math.round(stage.clientHeight * dpr);
    if (first) fit(); else { s *= W / (was || W); ox = W / 2 - s * cx; oy = H / 2 - s * cy; }
    draw();
  };
  const later = () => { if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; draw(); }); };

  /* ---- drawing ---- */
  const trace = a => { g.moveTo(a[4] * s + ox, a[5] * s + oy); for (let j = 6; j < a.length; j += 2) g.lineTo(a[j] * s + ox, a[j + 1] * s + oy); };
  const seen = a => a[2] * s + ox > 0 && a[0] * s + ox < W && a[3] * s + oy > 0 && a[1] * s + oy < H;
  const stroke = (role, colour, width) => {
    g.strokeStyle = colour; g.lineWidth = width * dpr; g.lineJoin = "round";
    for (const layer of lines) if (layer.role === role) { let k = 0; g.beginPath(); for (const a of layer.list) if (seen(a)) { trace(a); if (++k % 60 === 0) { g.stroke(); g.beginPath(); } } g.stroke(); }
  };
  const hexagons = (from, to, small, scale) => {
    let k = 0; g.beginPath();
    for (let m = from; m < to; m++) {
      const i = order[m], x = centre[2 * i] * s + ox, y = centre[2 * i + 1] * s + oy;
      if (x < -small || y < -small || x > W + small || y > H + small) continue;
      const o = 14 * i, f = s * scale; g.moveTo(x + corner[o] * f, y + corner[o + 1] * f);
      for (let j = 1; j < corners[i]; j++) g.lineTo(x + corner[o + 2 * j] * f, y + corner[o + 2 * j + 1] * f);
      g.closePath();
      if (++k === 24) { g.fill(); g.beginPath(); k = 0; }   /* one path for all of them costs the square of their number */
    }
    g.fill();
  };
  const squares = (from, to, side) => {
    for (let m = from; m < to; m++) { const i = order[m], x = centre[2 * i] * s + ox, y = centre[2 * i + 1] * s + oy; if (x > -side && y > -side && x < W + side && y < H + side) { g.fillRect(x - side / 2, y - side / 2, side, side); if (dot > 3) g.strokeRect(x - side / 2, y - side / 2, side, side); } }
  };
  const draw = () => {
    const q = performance.now(), base = t * N, classes = col.classes, ramp = dark ? col.dark : col.light, n = ramp.length + 1;
    g.setTransform(1, 0, 0, 1, 0, 0); g.fillStyle = colours.sea; g.fillRect(0, 0, W, H);
    g.fillStyle = colours.land;
    for (const layer of lines) if (layer.role === "land") { g.beginPath(); for (const a of layer.list) if (seen(a)) trace(a); g.fill("evenodd"); }
    starts.fill(0);
    for (let i = 0; i < N; i++) starts[classes[data[base + i]] + 1]++;
    for (let k = 1; k <= n; k++) starts[k] += starts[k - 1];
    const at = starts.slice();
    for (let i = 0; i < N; i++) order[at[classes[data[base + i]]]++] = i;
    const px = size * s, tiny = px < Math.max(3.2, dot) * dpr, gap = px > 16 * dpr ? .94 : px > 9 * dpr ? .97 : 1.03;
    g.strokeStyle = colours.town; g.lineWidth = .8 * dpr;
    for (let k = D.empty ? 0 : 1; k < n; k++) {
      g.fillStyle = k ? ramp[k - 1] : colours.cell;
      if (tiny) squares(starts[k], starts[k + 1], Math.max(px, (dot + .22 * k) * dpr)); else hexagons(starts[k], starts[k + 1], px, gap);
    }
    const zoomed = Math.max(.6, Math.min(2.2, px / (22 * dpr)));
    stroke("street", colours.street, .45 * zoomed); stroke("main_street", colours["main-street"], 1.1 * zoomed);
    stroke("land", colours.coast, .8); stroke("border", colours.border, .7); stroke("edge", colours.edge, 1.4); stroke("law", colours.law, 1.8);
    if (pinned >= 0) { const o = 14 * pinned, x = centre[2 * pinned] * s + ox, y = centre[2 * pinned + 1] * s + oy; g.beginPath(); for (let j = 0; j < corners[pinned]; j++) g.lineTo(x + corner[o + 2 * j] * s, y + corner[o + 2 * j + 1] * s); g.closePath(); g.strokeStyle = colours.pick; g.lineWidth = 2.2 * dpr; g.stroke(); }
    names(); say(); root.dataset.frameMs = (performance.now() - q).toFixed(1);
  };
  const names = () => {
    const boxes = []; let shown = 0; g.font = `600 ${11.5 * dpr}px system-ui, sans-serif`; g.textAlign = "center"; g.lineWidth = 3 * dpr; g.lineJoin = "round";
    for (const p of towns) {
      const x = p.x * s + ox, y = p.y * s + oy; if (x < 0 || y < 0 || x > W || y > H || shown > 16) continue;
      const w = g.measureText(p.name).width / 2 + 6 * dpr, b = [x - w, y - 16 * dpr, x + w, y + 6 * dpr];
      if (b[0] < 0 || b[2] > W || boxes.some(c => b[0] < c[2] && b[2] > c[0] && b[1] < c[3] && b[3] > c[1])) continue;
      boxes.push(b); shown++; g.strokeStyle = colours.halo; g.fillStyle = colours.town; g.strokeText(p.name, x, y - 5 * dpr); g.fillText(p.name, x, y - 5 * dpr);
      g.beginPath(); g.arc(x, y, 1.9 * dpr, 0, 7); g.fill();
    }
  };

  /* ---- words ---- */
  const monthName = text => new Date(text + "-15T12:00:00Z").toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" });
  const shownValue = (c, code) => { const v = c.level[code]; return c.kind === "share" ? (100 * v).toFixed(v && v < .1 ? 1 : 0) + "%" : (c.kind === "whole" && c.level.length < 255 ? "" : v ? "≈ " : "") + number(v); };
  const say = () => {
    let cells = 0, sum = 0; for (let i = t * N, e = i + N; i < e; i++) if (data[i]) { cells++; sum += col.level[data[i]]; }
    const total = col.kind === "share" ? "" : col.name === "pay_usd" ? (cells ? ` · mean ${number(sum / cells)} ${col.unit}` : "") : ` · ${number(sum)} in all`;
    const text = `${monthName(D.months[t])}: ${col.label[0].toLowerCase() + col.label.slice(1)} in ${cells.toLocaleString("en")} of ${N.toLocaleString("en")} cells${total}`;
    status.textContent = text; label.textContent = monthName(D.months[t]); slider.setAttribute("aria-valuetext", text);
    canvas.setAttribute("aria-label", `Map, ${text}. Arrow keys move, plus and minus zoom, 0 shows the whole area, comma and full stop change the month, Enter reads the cell in the middle.`);
  };
  const paintLegend = () => {
    legend.replaceChildren(el("b", { textContent: col.label }), el("span", { textContent: col.unit }));
    const ramp = dark ? col.dark : col.light;
    col.labels.forEach((text, k) => { const i = el("i"); i.style.background = ramp[k]; legend.append(el("div", {}, i, text)); });
    if (D.empty) { const i = el("i"); i.style.background = colours.cell; legend.append(el("div", {}, i, "none")); }
  };
  const choose = async i => {
    col = D.columns[i]; buttons.forEach((b, k) => { b.setAttribute("aria-checked", k === i); b.tabIndex = k === i ? 0 : -1; });
    data = await framesOf(col); paintLegend(); draw(); if (pinned >= 0) read(pinned);
  };
  const read = async (i, x, y) => {
    for (const c of D.columns) if (!c.data) await framesOf(c);
    tip.replaceChildren(el("b", { textContent: ids[i] }));
    for (const c of D.columns) tip.append(el("div", { className: c === col ? "on" : "" }, el("span", { textContent: c.label }), shownValue(c, c.data[t * N + i])));
    tip.hidden = false; x = x ?? centre[2 * i] * s / dpr + ox / dpr; y = y ?? centre[2 * i + 1] * s / dpr + oy / dpr;
    tip.style.left = Math.max(4, Math.min(x + 14, stage.clientWidth - tip.offsetWidth - 4)) + "px"; tip.style.top = Math.max(4, Math.min(y + 14, stage.clientHeight - tip.offsetHeight - 4)) + "px";
  };
  const cellAt = (x, y) => {
    const X = (x * dpr - ox) / s, Y = (y * dpr - oy) / s, lat = 90 - 360 * Math.atan(Math.exp((Y - .5) * 2 * Math.PI)) / Math.PI;
    if (!(Math.abs(lat) < 90)) return -1;
    const i = rowOf.get(h3.latLngToCell(lat, X * 360 - 180, h3.getResolution(ids[0])));
    if (i !== undefined || size * s >= dot * dpr) return i ?? -1;
    let near = -1, least = dot * dpr / 2 / s;   /* drawn larger than it is: what lies under the hand is the dot */
    for (let j = 0; j < N; j++) { const away = Math.max(Math.abs(centre[2 * j] - X), Math.abs(centre[2 * j + 1] - Y)); if (away <= least) { least = away; near = j; } }
    return near;
  };
  const show = i => { pinned = i; if (i < 0) tip.hidden = true; later(); };

  /* ---- hands ---- */
  const at = (f, x, y) => { const z = Math.max(20, Math.min(s * f, W * 4e5)) / s; ox = x - (x - ox) * z; oy = y - (y - oy) * z; s *= z; tip.hidden = true; later(); };
  const around = f => at(f, W / 2, H / 2);
  const step = d => { t = (t + d + T) % T; slider.value = t; draw(); if (pinned >= 0 && !tip.hidden) read(pinned); };
  const fingers = new Map();
  canvas.onpointerdown = e => { canvas.setPointerCapture(e.pointerId); fingers.set(e.pointerId, [e.offsetX, e.offsetY]); moved = false; };
  canvas.onpointermove = e => {
    const was = fingers.get(e.pointerId);
    if (was) {
      if (fingers.size === 2) { const other = [...fingers].find(f => f[0] !== e.pointerId)[1], d = p => Math.hypot(p[0] - other[0], p[1] - other[1]); at(d([e.offsetX, e.offsetY]) / Math.max(d(was), 1), (e.offsetX + other[0]) / 2 * dpr, (e.offsetY + other[1]) / 2 * dpr); }
      else { ox += (e.offsetX - was[0]) * dpr; oy += (e.offsetY - was[1]) * dpr; tip.hidden = true; later(); }
      fingers.set(e.pointerId, [e.offsetX, e.offsetY]); moved = true; return;
    }
    const i = cellAt(e.offsetX, e.offsetY); if (i !== pinned) show(i); if (i >= 0) read(i, e.offsetX, e.offsetY);
  };
  canvas.onpointerup = canvas.onpointercancel = e => { fingers.delete(e.pointerId); if (!moved) { const i = cellAt(e.offsetX, e.offsetY); show(i); if (i >= 0) read(i, e.offsetX, e.offsetY); } };
  canvas.onpointerleave = () => { if (!fingers.size) show(-1); };
  canvas.addEventListener("wheel", e => { if (!D.full && !e.ctrlKey && document.activeElement !== canvas) return; e.preventDefault(); at(Math.exp(-e.deltaY * .0016), e.offsetX * dpr, e.offsetY * dpr); }, { passive: false });
  canvas.ondblclick = e => at(2, e.offsetX * dpr, e.offsetY * dpr);
  canvas.onkeydown = e => {
    const pan = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[e.key];
    if (pan) { ox += pan[0] * W / 12; oy += pan[1] * H / 12; later(); }
    else if (e.key === "+" || e.key === "=") around(1.4); else if (e.key === "-") around(1 / 1.4); else if (e.key === "0") { fit(); later(); }
    else if (e.key === "," || e.key === ".") step(e.key === "." ? 1 : -1);
    else if (e.key === "Enter") { const x = W / 2 / dpr, y = H / 2 / dpr, i = cellAt(x, y); show(i); if (i >= 0) read(i); status.textContent = tip.textContent; }
    else if (e.key === "Escape") { show(-1); canvas.blur(); } else return;
    e.preventDefault();
  };
  slider.oninput = () => { t = +slider.value; draw(); if (pinned >= 0 && !tip.hidden) read(pinned); };
  const setPlay = on => { clearInterval(timer); timer = 0; play.textContent = on ? "❚❚" : "▶"; play.setAttribute("aria-label", on ? "pause" : "play through the months"); if (on) { if (t === T - 1) t = T - 2 < 0 ? 0 : -1; timer = setInterval(() => { if (t >= T - 1) return setPlay(false); step(1); }, Math.max(90, Math.min(320, 16000 / T))); if (t < 0) { t = T - 1; step(1); } } };
  play.onclick = () => setPlay(!timer);

  theme(); resize(); await choose(0); setPlay(false);
  new ResizeObserver(() => { if (Math.round(stage.clientWidth * dpr) !== W || Math.round(stage.clientHeight * dpr) !== H) resize(); }).observe(stage);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { theme(); draw(); });
  root.dataset.ready = (performance.now() - began).toFixed(0);
  return { step, choose, draw };
}
