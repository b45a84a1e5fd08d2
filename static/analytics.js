// Draws each chart out of the table below it, which is there without this script, too.
"use strict";

(() => {
  const HEIGHT = 220;
  const COLOURS = ["--accent", "--calm", "--warn", "--line-strong"];
  const drawn = new Map();

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function read(table, most) {
    const names = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    const starts = rows.map((row) => Date.parse(`${row.cells[0].dataset.start}T00:00:00Z`) / 1000);
    const labels = rows.map((row) => row.cells[0].textContent.trim());
    const series = names.slice(0, most).map((_, at) =>
      rows.map((row) => {
        const value = row.cells[at + 1].dataset.value;
        return value === "" ? null : Number(value);
      }),
    );
    return { names: names.slice(0, most), labels, starts, series, rows };
  }

  // Each on top of those before it; drawn from the highest, the others cover it.
  function stacked(series) {
    let below = series[0].map(() => 0);
    return series.map((values) => (below = values.map((value, at) => below[at] + (value ?? 0))));
  }

  function shown(value, unit) {
    if (unit === "$") return `$${value}`;
    const text = Math.abs(value) >= 1e6 ? `${value / 1e6} M` : Math.abs(value) >= 1e4 ? `${value / 1e3} k` : value;
    return unit ? `${text} ${unit}` : `${text}`;
  }

  function tell(chart, data, at) {
    const readout = chart.querySelector(".readout");
    readout.replaceChildren();
    const parts = data.names.map((name, number) => {
      const part = document.createElement("span");
      const key = document.createElement("i");
      key.className = `key key-${number}`;
      const cell = at === null ? null : data.rows[at].cells[number + 1];
      part.append(key, cell ? `${name} ${cell.textContent.trim()}` : name);
      return part;
    });
    readout.append(at === null ? "" : data.labels[at], ...parts);
  }

  function draw(chart) {
    const table = document.getElementById(chart.dataset.table);
    const box = chart.querySelector(".canvas");
    const data = read(table, Number(chart.dataset.series) || COLOURS.length);
    const unit = chart.dataset.unit;
    const isStack = chart.dataset.chart === "stack";
    const isBars = isStack || chart.dataset.chart === "bars";
    const order = data.names.map((_, number) => number);
    const values = isStack ? stacked(data.series) : data.series;
    if (isStack) order.reverse();
    const axis = {
      stroke: colour("--ink-faint"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${colour("--font")}`,
    };
    drawn.get(chart)?.destroy();
    const low = chart.dataset.low;
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        cursor: { y: false, drag: { x: false, y: false }, points: { show: !isBars } },
        scales: {
          x: { range: (_, from, to) => [from - 43200, to + 43200] },
          y: low === undefined ? { range: (_, from, to) => [0, Math.max(to, 0) * 1.08 || 1] } : { range: [Number(low), Number(chart.dataset.high)] },
        },
        axes: [
          { ...axis, size: 32, grid: { show: false }, values: [[86400, "{D} {MMM}"]], incrs: [86400, 172800, 345600, 604800, 1209600, 2419200, 7257600] },
          { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => shown(tick, unit)) },
        ],
        series: [
          {},
          ...order.map((number) => ({
            label: data.names[number],
            stroke: colour(COLOURS[number]),
            width: 2,
            points: { show: !isBars && data.starts.length < 45, size: 5, fill: colour(COLOURS[number]) },
            ...(isBars && {
              fill: colour(COLOURS[number]),
              width: 0,
              points: { show: false },
              paths: uPlot.paths.bars({ size: [0.72, 40] }),
            }),
          })),
        ],
        hooks: {
          setCursor: [(self) => tell(chart, data, self.cursor.idx ?? null)],
        },
      },
      [data.starts, ...order.map((number) => values[number])],
      box,
    );
    tell(chart, data, null);
    drawn.set(chart, plot);
  }

  const charts = [...document.querySelectorAll("[data-chart]")];
  const drawAll = () => charts.forEach(draw);
  drawAll();

  const resized = new ResizeObserver((entries) => {
    for (const entry of entries) {
      const chart = entry.target.closest("[data-chart]");
      const width = Math.floor(entry.contentRect.width);
      if (width && drawn.get(chart).width !== width) drawn.get(chart).setSize({ width, height: HEIGHT });
    }
  });
  charts.forEach((chart) => resized.observe(chart.querySelector(".canvas")));
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
