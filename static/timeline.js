// The chart of a timeline with its numbers under the pointer, and a window chosen by dragging over it.
// The server has drawn the same chart, and the form below it takes the same window typed in.

"use strict";

// Nobody holds half a GPU.
const WHOLE = [1, 2, 5].flatMap((each) => Array.from({ length: 8 }, (_one, power) => each * 10 ** power)).sort((a, b) => a - b);

/** The colour that a custom property stands for in the present scheme, as a canvas takes it. */
function colour(figure, name) {
  const probe = figure.querySelector(".chart-box");
  probe.style.color = `var(${name})`;
  const found = getComputedStyle(probe).color;
  probe.style.color = "";
  return found;
}

/** What clocks in a zone show at an instant, as an input of the kind datetime-local takes it. */
function localTime(seconds, zone) {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  });
  return format.format(new Date(seconds * 1000)).replace(" ", "T");
}

/** The instant at which clocks in a zone show such a time. */
function instant(text, zone) {
  const wanted = Date.parse(`${text}Z`) / 1000;
  const shown = Date.parse(`${localTime(wanted, zone)}Z`) / 1000;
  return wanted - (shown - wanted);
}

function options(figure, series, size, onSelect) {
  const zone = figure.dataset.zone;
  const stepped = uPlot.paths.stepped({ align: 1 });
  const axis = { stroke: () => colour(figure, "--tblr-body-color"), grid: { stroke: () => colour(figure, "--tblr-border-color") } };
  const [time, offered, held, free] = series.names;
  return {
    ...size,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    padding: [8, 0, 8, 0],
    legend: { mount: (_u, table) => figure.querySelector(".chart-values").append(table) },
    cursor: { drag: { x: true, y: false, setScale: false } },
    scales: { y: { range: (_u, _low, high) => [0, Math.max(1, high)] } },
    axes: [{ ...axis, show: false }, { ...axis, size: 48, incrs: WHOLE }],
    series: [
      { label: time, value: (_u, at) => (at == null ? "–" : localTime(at, zone).replace("T", " ")) },
      { label: offered, paths: stepped, width: 2, points: { show: false }, stroke: () => colour(figure, "--free"), fill: () => colour(figure, "--free-fill") },
      { label: held, paths: stepped, points: { show: false }, stroke: () => colour(figure, "--held"), fill: () => colour(figure, "--held") },
      { label: free, paths: () => null, points: { show: false } },
    ],
    hooks: { setSelect: [onSelect], draw: [(chart) => mark(figure, series, chart)] },
  };
}

/** Outages as hatching from edge to edge, and the present as a broken line. */
function mark(figure, series, chart) {
  const pen = chart.ctx;
  const { top, height } = chart.bbox;
  pen.save();
  pen.strokeStyle = colour(figure, "--away");
  for (const [from, to] of series.outages) {
    const [left, right] = [from, to].map((at) => chart.valToPos(at, "x", true));
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, height);
    pen.clip();
    pen.beginPath();
    for (let x = left - height; x < right; x += 8) {
      pen.moveTo(x, top + height);
      pen.lineTo(x + height, top);
    }
    pen.stroke();
    pen.restore();
  }
  if (series.now) {
    const x = chart.valToPos(series.now, "x", true);
    pen.strokeStyle = colour(figure, "--tblr-body-color");
    pen.setLineDash([4, 3]);
    pen.beginPath();
    pen.moveTo(x, top);
    pen.lineTo(x, top + height);
    pen.stroke();
  }
  pen.restore();
}

function draw(figure) {
  const series = JSON.parse(figure.querySelector("script").textContent);
  const box = figure.querySelector(".chart-box");
  const form = figure.parentElement.querySelector(".chosen");
  const step = Number(figure.dataset.timeline) * 60;
  const zone = figure.dataset.zone;
  const data = [series.at, series.offered, series.held, series.offered.map((each, index) => each - series.held[index])];
  const size = () => ({ width: box.clientWidth, height: 190 });

  const onSelect = (chart) => {
    if (!form || !chart.select.width) return;
    const from = Math.floor(chart.posToVal(chart.select.left, "x") / step) * step;
    const to = Math.ceil(chart.posToVal(chart.select.left + chart.select.width, "x") / step) * step;
    form.elements.starts_at.value = localTime(from, zone);
    form.elements.ends_at.value = localTime(to, zone);
  };

  const drawn = box.firstElementChild;
  const chart = new uPlot(options(figure, series, size(), onSelect), data, box);
  chart.root.setAttribute("aria-hidden", "true");
  drawn.hidden = false;
  drawn.classList.add("visually-hidden");
  figure.classList.add("chart-live");
  new ResizeObserver(() => box.clientWidth !== chart.width && chart.setSize(size())).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.redraw());

  if (!form) return;
  form.querySelector("[data-with-pointer]").hidden = false;
  form.addEventListener("input", () => {
    const { starts_at: start, ends_at: end } = form.elements;
    if (!start.value || !end.value) return;
    const [left, right] = [start, end].map((each) => chart.valToPos(instant(each.value, zone), "x"));
    chart.setSelect({ left, width: Math.max(0, right - left), top: 0, height: chart.over.clientHeight }, false);
  });
}

if (window.uPlot) document.querySelectorAll("[data-timeline]").forEach(draw);
