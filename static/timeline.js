// The chart of a timeline with its numbers under the pointer, and a window chosen by dragging over it.
// The server has drawn the same chart, and the form below it takes the same window typed in.

"use strict";

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
    padding: [8, 0, 0, 0],
    legend: { mount: (_u, table) => figure.querySelector(".chart-values").append(table) },
    cursor: { drag: { x: true, y: false, setScale: false } },
    scales: { y: { range: (_u, _low, high) => [0, Math.max(1, high)] } },
    axes: [{ ...axis, show: false }, { ...axis, size: 48 }],
    series: [
      { label: time, value: (_u, at) => (at == null ? "–" : localTime(at, zone).replace("T", " ")) },
      { label: offered, paths: stepped, width: 2, points: { show: false }, stroke: () => colour(figure, "--free") },
      { label: held, paths: stepped, points: { show: false }, stroke: () => colour(figure, "--held"), fill: () => colour(figure, "--held") },
      { label: free, paths: () => null, points: { show: false } },
    ],
    hooks: { setSelect: [onSelect] },
  };
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
