"use strict";
// Whatever came from a client is only ever set as text of a node, never as markup.
const POINTS = 300;
const WIDTH = 480, HEIGHT = 170, LEFT = 58, RIGHT = 6, TOP = 8, BOTTOM = 20;
const at = (id) => document.getElementById(id);

function node(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function short(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  for (const [size, unit] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (Math.abs(value) >= size) return Number((value / (unit === "k" ? 1e3 : size)).toPrecision(digits)) + " " + unit;
  }
  if (Math.abs(value) >= 100) return String(Math.round(value));
  return String(Number(Number(value.toPrecision(digits)).toFixed(2)));
}
const percent = (value) => short(100 * value, 2) + " %";
const milliseconds = (value) => short(value, 2) + " ms";
const count = (value) => Number(value).toLocaleString("en");

function duration(seconds) {
  const s = Math.floor(seconds);
  if (s < 120) return s + " s";
  if (s < 7200) return Math.floor(s / 60) + " min";
  if (s < 172800) return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
}

// The next of 1, 2, 5, 10, 20 ... that is not below.
function round_up(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 2, 5, 10]) if (step * power >= value * 0.999999) return step * power;
  return 10 * power;
}

// Series lie on top of each other (stacked) or are lines of their own.
class Chart {
  constructor(title, series, options) {
    this.series = series;
    this.options = {format: short, least: 1, ...options};
    this.legend = node("div", {class: "legend"});
    this.svg = shape("svg", {viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": title});
    this.cursor = null;
    this.svg.addEventListener("pointermove", (event) => {
      const box = this.svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * WIDTH / box.width;
      this.cursor = Math.min(Math.max((x - LEFT) / (WIDTH - LEFT - RIGHT), 0), 1);
      this.draw();
    });
    this.svg.addEventListener("pointerleave", () => { this.cursor = null; this.draw(); });
    at("charts").append(node("article", {}, node("h2", {}, title), this.svg, this.legend));
  }

  show(history) {
    this.history = history;
    this.draw();
  }

  draw() {
    if (!this.history) return;
    const values = this.series.map((one) => this.history[one.from].map((value) => Math.max(value || 0, 0)));
    const size = values[0].length;
    const tops = [];  // of each series, what it is drawn at
    let below = new Array(size).fill(0);
    for (const one of values) {
      const top = one.map((value, i) => value + (this.options.stacked ? below[i] : 0));
      tops.push(top);
      below = top;
    }
    const most = round_up(Math.max(this.options.least, ...tops.flat()));
    const x = (i) => (LEFT + (POINTS - size + i) * (WIDTH - LEFT - RIGHT) / (POINTS - 1)).toFixed(1);
    const y = (value) => (HEIGHT - BOTTOM - value * (HEIGHT - TOP - BOTTOM) / most).toFixed(1);
    this.svg.replaceChildren();
    for (const part of [0, 0.5, 1]) {
      this.svg.append(shape("line", {class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(part * most), y2: y(part * most)}));
      this.text(LEFT - 5, Number(y(part * most)) + 4, this.options.format(part * most), "end");
    }
    for (let minute = 5; minute >= 0; --minute) {
      const place = WIDTH - RIGHT - minute * (WIDTH - LEFT - RIGHT) / 5;
      this.text(place, HEIGHT - 5, minute === 0 ? "now" : `−${minute} min`, minute === 5 ? "start" : minute === 0 ? "end" : "middle");
    }
    for (let s = this.series.length - 1; s >= 0; --s) {
      if (size === 0) break;
      const curve = tops[s].map((value, i) => `${x(i)},${y(value)}`);
      if (this.options.stacked) {
        const floor = s === 0 ? new Array(size).fill(0) : tops[s - 1];
        const back = floor.map((value, i) => `${x(i)},${y(value)}`).reverse();
        this.svg.append(shape("path", {class: "area " + this.series[s].colour, d: "M" + curve.concat(back).join("L") + "Z"}));
      } else {
        this.svg.append(shape("path", {class: "curve " + this.series[s].colour, d: "M" + curve.join("L")}));
      }
    }
    let which = size - 1;
    if (this.cursor !== null && size !== 0) {
      which = Math.min(Math.max(Math.round(this.cursor * (POINTS - 1)) - (POINTS - size), 0), size - 1);
      this.svg.append(shape("line", {class: "cursor", x1: x(which), x2: x(which), y1: TOP, y2: HEIGHT - BOTTOM}));
    }
    this.legend.replaceChildren(...this.series.map((one, s) => {
      const value = size === 0 ? null : values[s][which];
      return node("span", {}, node("i", {class: one.colour}), one.name + " ", node("b", {}, value === null ? "–" : this.options.format(value)));
    }));
  }

  text(x, y, words, anchor) {
    const made = shape("text", {x, y, "text-anchor": anchor});
    made.textContent = words;
    this.svg.append(made);
  }
}

const charts = [
  new Chart("Handshakes per second", [
    {name: "ECDSA", from: "ecdsa", colour: "blue"},
    {name: "RSA", from: "rsa", colour: "violet"},
    {name: "resumed", from: "resumed", colour: "teal"},
  ], {stacked: true, least: 10}),
  new Chart("Refused and failed per second", [
    {name: "refused by the guard", from: "refused", colour: "red"},
    {name: "failed", from: "failed", colour: "sand"},
    {name: "of these, after work was done", from: "wasted", colour: "violet"},
  ], {least: 10}),
  new Chart("CPUs in use", [
    {name: "arithmetic", from: "cpu_arithmetic", colour: "blue"},
    {name: "the rest", from: "cpu_rest", colour: "teal"},
  ], {stacked: true}),
  new Chart("How long work waits", [
    {name: "99 of 100 less than", from: "wait_p99_ms", colour: "sand"},
    {name: "half less than", from: "wait_p50_ms", colour: "blue"},
  ], {format: milliseconds}),
  new Chart("Connections", [
    {name: "open", from: "open", colour: "teal"},
    {name: "half-open", from: "half_open", colour: "sand"},
  ], {least: 10}),
  new Chart("Application bytes per second", [
    {name: "to clients", from: "bytes_out", colour: "teal"},
    {name: "from clients", from: "bytes_in", colour: "blue"},
  ], {least: 1000}),
];

function table(id, columns, rows, nothing) {
  if (rows.length === 0) return at(id).replaceChildren(node("p", {class: "quiet"}, nothing));
  const kind = (column) => column.text ? {class: "text"} : {};
  const head = node("tr", {}, ...columns.map((column) => node("th", kind(column), column.name)));
  const body = rows.map((row) => node("tr", {}, ...columns.map((column) => node("td", kind(column), column.show(row)))));
  at(id).replaceChildren(node("table", {}, node("thead", {}, head), node("tbody", {}, ...body)));
}

function show_tiles(status) {
  const now = status.rates["1"];
  const tiles = [
    [short(now.ecdsa + now.rsa + now.resumed), "handshakes/s"],
    [short(now.refused), "refused/s"],
    [short(now.failed), "failed/s"],
    [short(now.cpu_arithmetic + now.cpu_rest, 2), `of ${status.workers.length} CPUs`],
    [milliseconds(now.wait_p99_ms), "wait at most, 99 %"],
    [now.batch_fill === 0 ? "–" : percent(now.batch_fill), "of lanes filled"],
    [count(status.totals.half_open), "half-open"],
    [count(status.totals.open), "open"],
  ];
  at("tiles").replaceChildren(...tiles.map(([value, name]) => node("div", {class: "tile"}, node("b", {}, value), node("span", {}, name))));
}

function show_tables(status) {
  const guard = status.guard;
  const off = guard.enabled ? "" : " The guard is off.";
  table("talkers", [
    {name: "", text: true, show: (row) => row.kind},
    {name: "Who", text: true, show: (row) => row.who},
    {name: "Hellos/s", show: (row) => short(row.hellos_per_s)},
    {name: "Refused/s", show: (row) => short(row.refused_per_s)},
    {name: "CPU", show: (row) => percent(row.cpu_share)},
  ], guard.talkers, "Nobody stands out." + off);
  table("blocks", [
    {name: "Who", text: true, show: (row) => row.who},
    {name: "For", show: (row) => duration(row.seconds_left)},
    {name: "Strikes", show: (row) => count(row.strikes)},
    {name: "Dropped by", show: (row) => row.in_kernel ? "kernel" : "server"},
  ], guard.blocks, "Nobody." + off);
  table("refusals", [
    {name: "Reason", text: true, show: (row) => row[0]},
    {name: "Since start", show: (row) => count(row[1])},
  ], Object.entries(guard.refusals).sort((a, b) => b[1] - a[1]), "None." + off);
  table("failures", [
    {name: "Reason", text: true, show: (row) => row.reason + (row.detail ? ` (${row.detail})` : "")},
    {name: "Since start", show: (row) => count(row.count)},
  ], status.failures, "None.");
  const used = status.operations.filter((one) => one.alone + one.lane_runs.reduce((a, b) => a + b, 0) > 0);
  table("operations", [
    {name: "Operation", text: true, show: (row) => row.name},
    {name: "Alone", show: (row) => count(row.alone)},
    {name: "Lane runs", show: (row) => count(row.lane_runs.reduce((a, b) => a + b, 0))},
    {name: "with 1 … 8", show: (row) => {
      const most = Math.max(1, ...row.lane_runs);
      const bars = row.lane_runs.map((runs, i) => {
        const bar = node("i", {title: `${i + 1} of 8: ${runs}`});
        bar.style.height = Math.max(4, 100 * runs / most) + "%";
        return bar;
      });
      return node("span", {class: "fill"}, ...bars);
    }},
  ], used, "None yet.");
  table("workers", [
    {name: "Worker", text: true, show: (row) => String(row.number)},
    {name: "CPU", show: (row) => percent(row.cpu_arithmetic + row.cpu_rest)},
    {name: "Arithmetic", show: (row) => percent(row.cpu_arithmetic)},
    {name: "Handshakes/s", show: (row) => short(row.handshakes)},
    {name: "Half-open", show: (row) => count(row.half_open)},
    {name: "Open", show: (row) => count(row.open)},
  ], status.workers.map((worker, number) => ({number, ...worker})), "");
}

function show(status) {
  at("state").textContent = status.state;
  at("state").className = "pill " + (status.state === "serving" ? "good" : "bad");
  const loaded = status.guard.under_load;
  at("load").hidden = !loaded;
  at("load").className = "pill bad";
  at("load").textContent = `under attack: an address may take ${percent(status.guard.level)}`;
  at("facts").textContent = [`version ${status.version}`, `up ${duration(status.uptime_s)}`, `listening on ${status.listen.join(" ")}`,
    status.service, `${status.arithmetic} arithmetic`, status.guard.enabled ? "guard on" : "guard off"].join(" · ");
  show_tiles(status);
  for (const chart of charts) chart.show(status.history);
  show_tables(status);
}

async function look() {
  try {
    const answer = await fetch("/status", {cache: "no-store"});
    if (!answer.ok) throw new Error("status " + answer.status);
    show(await answer.json());
    at("trouble").hidden = true;
  } catch (error) {
    at("trouble").hidden = false;
    at("trouble").textContent = `The server does not answer (${error.message}). Trying again every second.`;
  }
  setTimeout(look, 1000);
}
look();
