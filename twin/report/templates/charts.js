/* A reading line on every chart, a filter for the assumptions, and the section in view marked in the list. */
"use strict";
(() => {
  const box = document.getElementById("reading"), NS = "http://www.w3.org/2000/svg";
  const number = v => v === null ? "–" : v === 0 ? "0" : Math.abs(v) >= 1e6 ? v.toExponential(2).replace("e+", "e") : Math.abs(v) >= 100 ? Math.round(v).toLocaleString("en") : String(+v.toPrecision(3));
  const day = 864e5;
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const D = JSON.parse(figure.dataset.chart), svg = figure.querySelector("svg"), n = Math.max(...D.series.map(s => s.v.length)), view = svg.viewBox.baseVal;
    let line = null, at = n - 1;
    const show = (i, clientX, clientY) => {
      at = Math.max(0, Math.min(n - 1, i));
      const x = D.x0 + (at + .5) / n * (D.x1 - D.x0), frame = svg.getBoundingClientRect();
      if (!line) { line = document.createElementNS(NS, "line"); line.setAttribute("class", "cursor"); line.setAttribute("y1", 16); line.setAttribute("y2", view.height - 28); svg.append(line); }
      line.setAttribute("x1", x); line.setAttribute("x2", x); line.style.display = "";
      const from = new Date(Date.parse(D.start) + at * D.step * day), to = new Date(+from + (D.step - 1) * day), text = d => d.toISOString().slice(0, 10);
      const head = document.createElement("b"); head.textContent = D.step > 27 ? text(from).slice(0, 7) : D.step > 1 ? `${text(from)} to ${text(to)}` : text(from);
      box.replaceChildren(head, ...D.series.map(s => { const row = document.createElement("div"), name = document.createElement("span"), dot = document.createElement("i"), value = document.createElement("span"); dot.style.background = `var(--${s.c})`; name.append(dot, s.n); value.textContent = D.share && s.v[at] !== null ? +(100 * s.v[at]).toPrecision(3) + "%" : number(s.v[at]); row.append(name, value); return row; }));
      const unit = document.createElement("small"); unit.textContent = D.unit; box.append(unit); box.hidden = false;
      const px = clientX ?? frame.left + x / view.width * frame.width, py = clientY ?? frame.top + 30;
      box.style.left = Math.max(6, px + 18 + box.offsetWidth > innerWidth ? px - box.offsetWidth - 18 : px + 18) + "px"; box.style.top = Math.max(6, Math.min(py + 12, innerHeight - box.offsetHeight - 6)) + "px";
    };
    const hide = () => { if (line) line.style.display = "none"; box.hidden = true; };
    svg.addEventListener("pointermove", e => { const f = svg.getBoundingClientRect(), x = (e.clientX - f.left) / f.width * view.width; if (x < D.x0 || x > D.x1) return hide(); show(Math.floor((x - D.x0) / (D.x1 - D.x0) * n), e.clientX, e.clientY); });
    svg.addEventListener("pointerleave", hide); svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", e => { const by = { ArrowLeft: -1, ArrowRight: 1, PageDown: 12, PageUp: -12 }[e.key]; if (by) { e.preventDefault(); show(at + by); } else if (e.key === "Escape") hide(); });
  }
  const filter = document.getElementById("filter");
  if (filter) filter.addEventListener("input", () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const part of document.querySelectorAll("details.assumptions")) {
      let shown = 0; for (const row of part.querySelectorAll("tbody tr")) { const fits = row.textContent.toLowerCase().includes(wanted); row.hidden = !fits; shown += fits; }
      part.hidden = !shown; if (wanted) part.open = shown > 0;
    }
  });
  const links = new Map([...document.querySelectorAll("nav a")].map(a => [a.hash.slice(1), a]));
  const watch = new IntersectionObserver(entries => { for (const e of entries) if (e.isIntersecting) { for (const a of links.values()) a.classList.remove("on"); links.get(e.target.id)?.classList.add("on"); } }, { rootMargin: "-10% 0px -75% 0px" });
  for (const id of links.keys()) { const s = document.getElementById(id); if (s) watch.observe(s); }
})();
