// What the reader does: zoom, move, point, choose; and the start of it all.

const state = { view: { from: 0, to: 1 }, shown: [true, true, true], plots: [], data: null, current: -1 };
const tooltip = document.getElementById("tooltip");

function redraw() {
  for (const plot of state.plots) plot.draw(state.view, state.shown);
  const whole = state.view.from === 0 && state.view.to === state.data.end;
  document.getElementById("reset").disabled = whole;
}

/** Shows a time; never less than a tenth of a millisecond, nor beyond the run. */
function show(from, to) {
  const end = state.data.end;
  const length = Math.min(end, Math.max(0.1, to - from));
  const start = Math.min(end - length, Math.max(0, from));
  state.view = { from: start, to: start + length };
  requestDraw();
}

let requested = false;
function requestDraw() {
  if (requested) return;
  requested = true;
  requestAnimationFrame(() => {
    requested = false;
    redraw();
  });
}

function zoom(factor, around) {
  const { from, to } = state.view;
  show(around - (around - from) * factor, around + (to - around) * factor);
}

function move(part) {
  const { from, to } = state.view;
  const by = (to - from) * part;
  show(from + by, to + by);
}

function line(text, className) {
  const div = document.createElement("div");
  div.textContent = text;
  if (className) div.className = className;
  return div;
}

/** What a tooltip says of what is pointed at. */
function describe(target) {
  const { data } = state;
  const seconds = (ms) => (ms / 1000).toFixed(3) + "\u00a0s";
  if (target.fault) {
    const { name, from, to, what } = target.fault;
    return [line(name, "title"), line(`${seconds(from)} to ${seconds(to)}, for ${formatMillis(to - from)}`, "dim"), line(what)];
  }
  if (target.span) {
    const { from, to, node, term } = target.span;
    return [line(`Node ${node} leads in term ${term}`, "title"), line(`${seconds(from)} to ${seconds(to)}, for ${formatMillis(to - from)}`, "dim")];
  }
  if (target.rates) {
    return [line(`${seconds(target.from)} to ${seconds(target.to)}`, "title"),
      ...OUTCOMES.map((outcome, i) => line(`${outcome}: ${target.rates[i].toFixed(1)}/s`, "key " + outcome))];
  }
  const i = target.operation;
  const outcome = OUTCOMES[data.outcome[i]];
  const [value, error] = data.texts[i].split("\n");
  const took = data.latency[i] < 0 ? "no answer" : "took " + formatMillis(data.latency[i]);
  const events = data.answerIndex[i] < 0 ? `event ${data.callIndex[i]}` : `events ${data.callIndex[i]} and ${data.answerIndex[i]}`;
  const node = data.node[i] ? `, node ${data.node[i]}` : "";
  const lines = [line(`${outcome}, ${took}`, "title key " + outcome), line(value, "code"),
    line(`process ${data.process[i]}${node}, called at ${seconds(data.begin[i])}, ${events}`, "dim")];
  if (error) lines.push(line(error, "error"));
  return lines;
}

function showTooltip(target, clientX, clientY) {
  if (!target) {
    tooltip.hidden = true;
    return;
  }
  tooltip.replaceChildren(...describe(target));
  tooltip.hidden = false;
  const box = tooltip.getBoundingClientRect();
  const x = clientX + 14 + box.width > innerWidth ? clientX - box.width - 14 : clientX + 14;
  const y = clientY + 14 + box.height > innerHeight ? clientY - box.height - 14 : clientY + 14;
  tooltip.style.left = Math.max(4, x) + "px";
  tooltip.style.top = Math.max(4, y) + "px";
}

/** Shows the next or previous operation in view, for those who use no pointer. */
function step(by) {
  const { data, view, plots, shown } = state;
  const from = lowerBound(data.begin, view.from);
  const to = lowerBound(data.begin, view.to + 1e-6);
  let i = state.current < from || state.current >= to ? (by > 0 ? from - 1 : to) : state.current;
  do i += by;
  while (i >= from && i < to && !shown[data.outcome[i]]);
  if (i < from || i >= to) return;
  state.current = i;
  const latency = plots[0];
  const { x, y } = latency.place(i);
  const box = latency.surface.canvas.getBoundingClientRect();
  const ring = document.getElementById("focus-ring") ?? document.createElement("div");
  ring.id = "focus-ring";
  ring.style.left = x + "px";
  ring.style.top = y + "px";
  latency.surface.holder.append(ring);
  showTooltip({ operation: i }, box.left + x, box.top + y);
}

const KEYS = {
  ArrowLeft: () => move(-0.2),
  ArrowRight: () => move(0.2),
  "+": () => zoom(0.6, (state.view.from + state.view.to) / 2),
  "=": () => zoom(0.6, (state.view.from + state.view.to) / 2),
  "-": () => zoom(1 / 0.6, (state.view.from + state.view.to) / 2),
  0: () => show(0, state.data.end),
  Home: () => show(0, state.data.end),
  n: () => step(1),
  p: () => step(-1),
  Escape: () => clearPointer(),
};

function clearPointer() {
  tooltip.hidden = true;
  document.getElementById("focus-ring")?.remove();
}

function listen(plot) {
  const { surface } = plot;
  const { holder } = surface;
  holder.tabIndex = 0;
  holder.setAttribute("aria-keyshortcuts", "ArrowLeft ArrowRight + - 0 n p");
  const brush = document.createElement("div");
  brush.className = "brush";
  brush.hidden = true;
  holder.append(brush);
  let start = null;
  const local = (event) => event.clientX - surface.canvas.getBoundingClientRect().left;
  const inside = (x) => Math.min(surface.right, Math.max(surface.left, x));
  holder.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    start = inside(local(event));
    holder.setPointerCapture(event.pointerId);
  });
  holder.addEventListener("pointermove", (event) => {
    const x = local(event);
    if (start === null) {
      document.getElementById("focus-ring")?.remove();
      showTooltip(plot.at(x, event.clientY - surface.canvas.getBoundingClientRect().top), event.clientX, event.clientY);
      cursor(x >= surface.left && x <= surface.right ? surface.time(x) : null);
      return;
    }
    tooltip.hidden = true;
    brush.hidden = Math.abs(inside(x) - start) < 4;
    brush.style.left = Math.min(start, inside(x)) + "px";
    brush.style.width = Math.abs(inside(x) - start) + "px";
  });
  holder.addEventListener("pointerup", (event) => {
    if (start === null) return;
    const [x1, x2] = [start, inside(local(event))].sort((a, b) => a - b);
    start = null;
    brush.hidden = true;
    if (x2 - x1 >= 4) show(surface.time(x1), surface.time(x2));
  });
  holder.addEventListener("pointercancel", () => {
    start = null;
    brush.hidden = true;
  });
  holder.addEventListener("pointerleave", () => {
    if (start === null) tooltip.hidden = true;
    cursor(null);
  });
  holder.addEventListener("dblclick", () => show(0, state.data.end));
  holder.addEventListener("wheel", (event) => {
    // Otherwise the page scrolls, as one who only passes by expects.
    if (!event.ctrlKey && !event.shiftKey && document.activeElement !== holder) return;
    event.preventDefault();
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      move((event.deltaX || event.deltaY) / 1000);
    } else {
      zoom(2 ** (Math.max(-300, Math.min(300, event.deltaY)) / 300), surface.time(inside(local(event))));
    }
  }, { passive: false });
  holder.addEventListener("keydown", (event) => {
    const action = KEYS[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
}

/** The same time in all plots. */
function cursor(time) {
  for (const { surface } of state.plots) {
    let mark = surface.holder.querySelector(".cursor");
    if (!mark) {
      mark = document.createElement("div");
      mark.className = "cursor";
      surface.holder.append(mark);
    }
    mark.hidden = time === null;
    if (time !== null) mark.style.left = surface.x(time) + "px";
  }
}

function listenToPage() {
  document.getElementById("reset").addEventListener("click", () => show(0, state.data.end));
  for (const button of document.querySelectorAll(".legend button")) {
    button.addEventListener("click", () => {
      const number = Number(button.dataset.outcome);
      state.shown[number] = !state.shown[number];
      button.setAttribute("aria-pressed", state.shown[number]);
      requestDraw();
    });
  }
  for (const part of document.querySelectorAll("[data-op]")) {
    const target = { operation: Number(part.dataset.op) };
    part.addEventListener("pointermove", (event) => showTooltip(target, event.clientX, event.clientY));
    part.addEventListener("pointerleave", () => (tooltip.hidden = true));
  }
  for (const button of document.querySelectorAll("button.show")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const [from, to] = [Number(button.dataset.from), Number(button.dataset.to)];
      const pad = Math.max(20, (to - from) * 0.3);
      show(from - pad, to + pad);
      document.getElementById("plots").scrollIntoView({ behavior: "smooth" });
    });
  }
  new ResizeObserver(requestDraw).observe(document.querySelector("main"));
}

/** Light, dark, or as the system has it; kept nowhere, since the page may be a file. */
function listenToTheme() {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const asked = new URLSearchParams(location.search).get("theme");
  if (asked === "dark" || asked === "light") root.dataset.theme = asked;
  const button = document.getElementById("theme");
  const isDark = () => (root.dataset.theme ?? (dark.matches ? "dark" : "light")) === "dark";
  const name = () => (button.textContent = isDark() ? "Light page" : "Dark page");
  button.hidden = false;
  name();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    name();
    requestDraw();
  });
  dark.addEventListener("change", () => {
    name();
    requestDraw();
  });
  // Paper is white. The style sheet knows that; the canvas has to be drawn again, at once.
  const paper = matchMedia("print");
  paper.addEventListener("change", redraw);
  addEventListener("beforeprint", () => {
    root.classList.add("paper");
    redraw();
  });
  addEventListener("afterprint", () => {
    root.classList.remove("paper");
    redraw();
  });
}

async function start() {
  const data = await unpack(document.getElementById("payload").textContent);
  state.data = data;
  state.view = { from: 0, to: data.end };
  fitMargin([...data.faultNames, ...data.nodes.map((node) => "node " + node)]);
  for (const drawing of document.querySelectorAll("svg.static")) drawing.remove();
  const plot = (id, Plot) => {
    const holder = document.getElementById(id);
    if (holder) state.plots.push(new Plot(holder, data));
  };
  plot("latency", LatencyPlot);
  plot("rate", RatePlot);
  plot("leaders", LeaderPlot);
  document.querySelector(".toolbar").hidden = false;
  listenToTheme();
  redraw();
  state.plots.forEach(listen);
  listenToPage();
  document.documentElement.dataset.state = "drawn";
}

start().catch((error) => {
  // The drawings without a script are still there, unless it got far.
  document.documentElement.dataset.state = "failed: " + error;
  throw error;
});
