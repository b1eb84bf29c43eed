// What all plots have in common: colours, margins, axes, the lanes of faults.

/** The left one grows with the names of faults and nodes. */
const MARGIN = { left: 104, right: 12 };
const FONT = '12px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif';
const LANE = 16;

/** The colours of the style sheet, as they are now: light, dark, or for paper. */
function palette() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue("--" + name).trim();
  const names = ["ink", "soft", "faint", "grid", "paper", "fault", "shade", "ok", "info", "fail",
    "leader", "leader2", "leader-ink", "ring", "line"];
  return Object.fromEntries(names.map((name) => [name, of(name)]));
}

/** Makes room for the longest name that stands to the left of a plot, within reason. */
function fitMargin(names) {
  const g = document.createElement("canvas").getContext("2d");
  g.font = FONT;
  const widest = Math.max(0, ...names.map((name) => g.measureText(name).width));
  MARGIN.left = Math.min(200, Math.max(MARGIN.left, Math.ceil(widest) + 16));
}

/** A canvas within its holder, sharp on every screen, and what maps times to it. */
class Surface {
  constructor(holder) {
    this.holder = holder;
    this.canvas = document.createElement("canvas");
    holder.append(this.canvas);
  }

  begin(height, view) {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.holder.clientWidth;
    this.height = height;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.height = height + "px";
    this.view = view;
    this.left = MARGIN.left;
    this.right = this.width - MARGIN.right;
    this.colours = palette();
    this.regions = [];
    const g = this.canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, this.width, height);
    g.font = FONT;
    g.lineJoin = "round";
    this.g = g;
    return g;
  }

  x(time) {
    return this.left + ((time - this.view.from) / (this.view.to - this.view.from)) * (this.right - this.left);
  }

  time(x) {
    return this.view.from + ((x - this.left) / (this.right - this.left)) * (this.view.to - this.view.from);
  }

  text(text, x, y, colour, align = "left", font = FONT) {
    this.g.font = font;
    this.g.fillStyle = colour;
    this.g.textAlign = align;
    this.g.fillText(text, x, y);
  }

  /** A line of one pixel. */
  line(x1, y1, x2, y2, colour) {
    const g = this.g;
    const snap = (v) => Math.round(v) + 0.5;
    g.strokeStyle = colour;
    g.lineWidth = 1;
    g.beginPath();
    if (x1 === x2) {
      g.moveTo(snap(x1), y1);
      g.lineTo(snap(x2), y2);
    } else {
      g.moveTo(x1, snap(y1));
      g.lineTo(x2, snap(y2));
    }
    g.stroke();
  }

  /** Draws only within a part of the plot, which the page tells of for tests. */
  within(name, top, bottom, draw) {
    this.regions.push([name, this.left, top, this.right - this.left, bottom - top]);
    const g = this.g;
    g.save();
    g.beginPath();
    g.rect(this.left, top - 1, this.right - this.left, bottom - top + 2);
    g.clip();
    const result = draw();
    g.restore();
    return result;
  }

  /** Lanes with a bar for each fault, a lane for each kind; returns where they end. */
  faultLanes(data, hits) {
    let y = 1;
    for (const name of data.faultNames) {
      this.text(name, this.left - 10, y + 12, this.colours.soft, "right");
      this.line(this.left, y + LANE / 2, this.right, y + LANE / 2, this.colours.grid);
      for (const fault of this.visibleFaults(data)) {
        if (fault.name !== name) continue;
        const x1 = Math.max(this.left, this.x(fault.from));
        const x2 = Math.min(this.right, Math.max(x1 + 2, this.x(fault.to)));
        this.g.fillStyle = this.colours.fault;
        this.g.fillRect(x1, y + 3, x2 - x1, LANE - 6);
        hits.push({ x1, x2, y1: y, y2: y + LANE, fault });
      }
      y += LANE;
    }
    return data.faultNames.length ? y + 3 : 4;
  }

  visibleFaults(data) {
    return data.faults.filter((f) => f.to >= this.view.from && f.from <= this.view.to);
  }

  /** Shades the faults behind a plot, once where several last; returns where, in pixels. */
  shadeFaults(data, top, bottom) {
    const spans = [];
    for (const fault of this.visibleFaults(data).sort((a, b) => a.from - b.from)) {
      const x1 = Math.max(this.left, this.x(fault.from));
      const x2 = Math.min(this.right, Math.max(x1 + 1, this.x(fault.to)));
      const last = spans[spans.length - 1];
      if (last && x1 <= last[1]) last[1] = Math.max(last[1], x2);
      else spans.push([x1, x2]);
    }
    this.g.fillStyle = this.colours.shade;
    for (const [x1, x2] of spans) this.g.fillRect(x1, top, x2 - x1, bottom - top);
    return spans;
  }

  timeAxis(y) {
    const { ink, soft } = this.colours;
    this.line(this.left, y, this.right, y, soft);
    const from = this.view.from / 1000;
    const to = this.view.to / 1000;
    const step = niceStep(to - from, (this.right - this.left) / 90);
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
      const x = this.x(i * step * 1000);
      this.line(x, y, x, y + 5, soft);
      const align = x > this.right - 14 ? "right" : "center";
      this.text(tickLabel(i * step, step), align === "right" ? this.right + 8 : x, y + 19, soft, align);
    }
    this.text("time since the start of the run (s)", (this.left + this.right) / 2, y + 38, ink, "center");
  }

  /** The name of the vertical axis, upwards. */
  verticalName(text, top, bottom) {
    const g = this.g;
    g.save();
    g.translate(13, (top + bottom) / 2);
    g.rotate(-Math.PI / 2);
    this.text(text, 0, 0, this.colours.ink, "center");
    g.restore();
  }

  /** Writes into the page what was drawn and where, in pixels of the page. */
  tell(facts) {
    const box = this.canvas.getBoundingClientRect();
    const left = box.left + window.scrollX;
    const top = box.top + window.scrollY;
    const round = (v) => Math.round(v * 10) / 10;
    const set = this.holder.dataset;
    set.regions = JSON.stringify(
      this.regions.map(([name, x, y, w, h]) => [name, round(left + x), round(top + y), round(w), round(h)]));
    for (const [name, value] of Object.entries(facts)) {
      set[name] = typeof value === "object" ? JSON.stringify(value) : value;
    }
    if (facts.faults) set.faults = JSON.stringify(facts.faults.map(([a, b]) => [round(left + a), round(left + b)]));
  }
}
