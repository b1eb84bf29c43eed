// The three plots. Each draws what the view shows, and tells how much that was.

const MARKS = {
  // Order of drawing: the many first, so that the few are seen.
  ok(g, x, y, size) {
    g.fillRect(x - size / 2, y - size / 2, size, size);
  },
  info(g, x, y) {
    g.moveTo(x, y - 4);
    g.lineTo(x + 3.8, y + 2.8);
    g.lineTo(x - 3.8, y + 2.8);
    g.closePath();
  },
  fail(g, x, y) {
    g.moveTo(x - 2.8, y - 2.8);
    g.lineTo(x + 2.8, y + 2.8);
    g.moveTo(x + 2.8, y - 2.8);
    g.lineTo(x - 2.8, y + 2.8);
  },
};

class LatencyPlot {
  constructor(holder, data) {
    this.surface = new Surface(holder);
    this.data = data;
    let low = Infinity;
    let high = 0;
    for (const latency of data.latency) {
      if (latency > 0) {
        low = Math.min(low, latency);
        high = Math.max(high, latency);
      }
    }
    if (high === 0) [low, high] = [0.1, 1000];
    this.low = 10 ** Math.floor(Math.log10(low) + 1e-6);
    this.high = Math.max(this.low * 10, 10 ** Math.ceil(Math.log10(high) - 1e-6));
    this.unanswered = data.latency.some((latency) => latency < 0);
    this.quantiles = new Quantiles(data);
  }

  draw(view, shown) {
    const { data, surface } = this;
    const panels = Math.max(1, data.kinds.length);
    const panelHeight = panels === 1 ? 300 : panels === 2 ? 210 : 150;
    const lanes = data.faultNames.length * LANE + 6;
    const strip = this.unanswered ? 28 : 6;
    const g = surface.begin(lanes + panels * (panelHeight + 22) + 46, view);
    this.hits = [];
    let top = surface.faultLanes(data, this.hits);
    const first = top;
    this.panels = [];
    const counts = [];
    let faults = [];
    for (let kind = 0; kind < panels; kind++) {
      const panel = { kind, top: top + 22, scaleTop: top + 22 + strip, bottom: top + 22 + panelHeight };
      this.panels.push(panel);
      faults = surface.shadeFaults(data, panel.top, panel.bottom);
      this.scale(panel);
      counts.push(surface.within(data.kinds[kind] ?? "", panel.top, panel.bottom, () => this.points(panel, view, shown)));
      this.rings(panel, view);
      const name = data.kinds[kind] ?? "no operations";
      const number = formatCount(counts[kind]) + (counts[kind] === 1 ? " operation" : " operations");
      surface.text(name, surface.left, panel.top - 7, surface.colours.ink, "left", "600 " + FONT);
      const width = g.measureText(name).width;
      surface.text(number, surface.left + width + 10, panel.top - 7, surface.colours.soft);
      top = panel.bottom;
    }
    surface.verticalName("latency (logarithmic)", first, top);
    surface.timeAxis(top);
    surface.tell({ points: counts.reduce((a, b) => a + b, 0), panels: counts, faults });
  }

  scale(panel) {
    const { surface } = this;
    const { grid, faint, soft } = surface.colours;
    for (let decade = this.low; decade <= this.high * 1.001; decade *= 10) {
      const y = this.y(decade, panel);
      surface.line(surface.left, y, surface.right, y, faint);
      if ((this.high / this.low <= 1e4 || Math.round(Math.log10(decade)) % 2 === 0) || panel.bottom - panel.top > 200) {
        surface.text(this.decadeLabel(decade), surface.left - 8, y + 4, soft, "right");
      }
      for (const factor of [2, 5]) {
        if (decade * factor < this.high) {
          const minor = this.y(decade * factor, panel);
          surface.line(surface.left, minor, surface.right, minor, grid);
        }
      }
    }
    if (this.unanswered) {
      surface.text("no answer", surface.left - 8, panel.top + 11, soft, "right");
    }
  }

  decadeLabel(ms) {
    if (ms < 0.999) return Math.round(ms * 1000) + "\u00a0µs";
    return ms < 999 ? Math.round(ms) + "\u00a0ms" : Math.round(ms / 1000) + "\u00a0s";
  }

  y(latency, panel) {
    if (latency < 0) return panel.top + 7;
    const part = Math.log(Math.max(latency, this.low) / this.low) / Math.log(this.high / this.low);
    return panel.bottom - part * (panel.bottom - panel.scaleTop);
  }

  points(panel, view, shown) {
    const { data, surface } = this;
    const { g, colours } = surface;
    const from = lowerBound(data.begin, view.from);
    const to = lowerBound(data.begin, view.to + 1e-6);
    // Fewer points can be larger and less transparent.
    const size = to - from > 20000 ? 2 : to - from > 3000 ? 2.5 : 3.5;
    let count = 0;
    OUTCOMES.forEach((outcome, number) => {
      if (!shown[number]) return;
      g.globalAlpha = outcome !== "ok" ? 0.9 : to - from > 20000 ? 0.45 : to - from > 3000 ? 0.6 : 0.85;
      g.fillStyle = g.strokeStyle = colours[outcome];
      g.lineWidth = 1.3;
      g.beginPath();
      for (let i = from; i < to; i++) {
        if (data.kind[i] !== panel.kind || data.outcome[i] !== number) continue;
        MARKS[outcome](g, surface.x(data.begin[i]), this.y(data.latency[i], panel), size);
        count++;
      }
      if (outcome === "info") g.fill();
      if (outcome === "fail") g.stroke();
    });
    g.globalAlpha = 1;
    this.quantileLines(panel, view);
    return count;
  }

  /** Around the operations that are part of an anomaly. */
  rings(panel, view) {
    const { data, surface } = this;
    const { g } = surface;
    g.strokeStyle = surface.colours.ring;
    g.lineWidth = 2;
    for (const i of data.marked) {
      if (data.kind[i] !== panel.kind || data.begin[i] < view.from || data.begin[i] > view.to) continue;
      g.beginPath();
      g.arc(surface.x(data.begin[i]), this.y(data.latency[i], panel), 6.5, 0, 2 * Math.PI);
      g.stroke();
    }
  }

  quantileLines(panel, view) {
    const { surface } = this;
    const { g, colours } = surface;
    for (const { dash, q } of [{ dash: [], q: 0.5 }, { dash: [5, 3], q: 0.99 }]) {
      for (const [colour, width] of [[colours.paper, 3.2], [colours.line, 1.5]]) {
        g.strokeStyle = colour;
        g.lineWidth = width;
        g.setLineDash(width > 2 ? [] : dash);
        g.beginPath();
        let pen = false;
        for (const [from, to, value] of this.quantiles.of(panel.kind, view, q)) {
          if (value === null) {
            pen = false;
            continue;
          }
          const y = this.y(value, panel);
          if (pen) g.lineTo(surface.x(from), y);
          else g.moveTo(surface.x(from), y);
          g.lineTo(surface.x(to), y);
          pen = true;
        }
        g.stroke();
      }
    }
    g.setLineDash([]);
  }

  /** The operation whose point is next to a place, if one is near; else the fault whose bar is there. */
  at(x, y) {
    const { data, surface } = this;
    const panel = this.panels.find((p) => y >= p.top - 6 && y <= p.bottom + 6);
    if (!panel) {
      const hit = this.hits.find((h) => x >= h.x1 - 2 && x <= h.x2 + 2 && y >= h.y1 && y < h.y2);
      return hit ? { fault: hit.fault } : null;
    }
    const reach = 9;
    let best = null;
    let distance = reach * reach;
    const to = lowerBound(data.begin, surface.time(x + reach));
    for (let i = lowerBound(data.begin, surface.time(x - reach)); i < to; i++) {
      if (data.kind[i] !== panel.kind || !state.shown[data.outcome[i]]) continue;
      const dx = surface.x(data.begin[i]) - x;
      const dy = this.y(data.latency[i], panel) - y;
      if (dx * dx + dy * dy < distance) {
        distance = dx * dx + dy * dy;
        best = i;
      }
    }
    return best === null ? null : { operation: best };
  }

  /** Where an operation's point is. */
  place(i) {
    const panel = this.panels[this.data.kind[i]];
    return { x: this.surface.x(this.data.begin[i]), y: this.y(this.data.latency[i], panel) };
  }
}

/** Quantiles of the latencies of operations that were ok, over time; none from few of them. */
class Quantiles {
  constructor(data) {
    this.data = data;
    this.key = null;
  }

  of(kind, view, q) {
    const key = view.from + " " + view.to;
    if (this.key !== key) {
      this.key = key;
      this.bins = new Map();
    }
    if (!this.bins.has(kind)) this.bins.set(kind, this.sorted(kind, view));
    const least = q > 0.9 ? 20 : 5;
    return this.bins.get(kind).map(([from, to, values]) =>
      [from, to, values.length < least ? null : values[Math.min(values.length - 1, Math.floor(q * values.length))]]);
  }

  /** The latencies in order, by times of equal length. */
  sorted(kind, view) {
    const { data } = this;
    const length = niceStep(view.to - view.from, 200);
    const first = Math.floor(view.from / length);
    const bins = Array.from({ length: Math.floor(view.to / length) - first + 1 }, () => []);
    const from = lowerBound(data.begin, view.from);
    const to = lowerBound(data.begin, view.to + 1e-6);
    for (let i = from; i < to; i++) {
      if (data.kind[i] !== kind || data.outcome[i] !== 0) continue;
      bins[Math.min(bins.length - 1, Math.floor(data.begin[i] / length) - first)].push(data.latency[i]);
    }
    return bins.map((values, bin) =>
      [(first + bin) * length, Math.min(data.end, (first + bin + 1) * length), Float32Array.from(values).sort()]);
  }
}

class RatePlot {
  constructor(holder, data) {
    this.surface = new Surface(holder);
    this.data = data;
    // Operations without an answer count when they were called.
    this.ended = Float64Array.from(data.begin, (begin, i) => begin + Math.max(0, data.latency[i]));
  }

  draw(view, shown) {
    const { data, surface } = this;
    const lanes = data.faultNames.length * LANE + 6;
    const g = surface.begin(lanes + 200 + 46, view);
    this.hits = [];
    const top = surface.faultLanes(data, this.hits) + 6;
    const bottom = top + 190;
    const faults = surface.shadeFaults(data, top, bottom);
    const points = this.count(view, shown);
    this.most = Math.max(1e-9, ...this.rates.flat());
    const step = niceStep(this.most, 5);
    this.most = Math.ceil(this.most / step - 1e-9) * step;
    this.frame = { top, bottom };
    for (let i = 0; i * step <= this.most * 1.0001; i++) {
      const y = this.y(i * step);
      surface.line(surface.left, y, surface.right, y, i === 0 ? surface.colours.soft : surface.colours.grid);
      surface.text(tickLabel(i * step, step), surface.left - 8, y + 4, surface.colours.soft, "right");
    }
    surface.within("rate", top, bottom, () => {
      [0, 2, 1].forEach((number) => shown[number] && this.curve(g, number));
    });
    surface.verticalName("operations per second", top, bottom);
    surface.timeAxis(bottom);
    surface.tell({ points, faults, bin: this.bin });
  }

  count(view, shown) {
    const { data } = this;
    this.bin = niceStep(view.to - view.from, 240);
    this.first = Math.floor(view.from / this.bin);
    const bins = Math.floor(view.to / this.bin) - this.first + 1;
    this.rates = OUTCOMES.map(() => new Array(bins).fill(0));
    let points = 0;
    for (let i = 0; i < data.n; i++) {
      const time = this.ended[i];
      if (time < view.from || time > view.to + 1e-3 || !shown[data.outcome[i]]) continue;
      const bin = Math.min(bins - 1, Math.floor(time / this.bin) - this.first);
      this.rates[data.outcome[i]][bin]++;
      points++;
    }
    // The bins at the ends of the run are not whole.
    this.rates.forEach((rate) => rate.forEach((n, bin) => {
      const from = Math.max(0, (this.first + bin) * this.bin);
      const to = Math.min(data.end, (this.first + bin + 1) * this.bin);
      rate[bin] = n / (Math.max(to - from, this.bin / 4) / 1000);
    }));
    return points;
  }

  y(rate) {
    return this.frame.bottom - (rate / this.most) * (this.frame.bottom - this.frame.top);
  }

  curve(g, number) {
    const { surface } = this;
    const colour = surface.colours[OUTCOMES[number]];
    const trace = () => {
      this.rates[number].forEach((rate, bin) => {
        const time = (this.first + bin) * this.bin;
        g.lineTo(surface.x(time), this.y(rate));
        g.lineTo(surface.x(Math.min(this.data.end, time + this.bin)), this.y(rate));
      });
    };
    if (number === 0) {
      g.fillStyle = colour;
      g.globalAlpha = 0.13;
      g.beginPath();
      g.moveTo(surface.x(this.first * this.bin), this.y(0));
      trace();
      g.lineTo(surface.x(Math.min(this.data.end, (this.first + this.rates[0].length) * this.bin)), this.y(0));
      g.fill();
      g.globalAlpha = 1;
    }
    g.strokeStyle = colour;
    g.lineWidth = 1.6;
    g.setLineDash(number === 1 ? [6, 2] : number === 2 ? [2, 2] : []);
    g.beginPath();
    trace();
    g.stroke();
    g.setLineDash([]);
  }

  at(x, y) {
    const hit = this.hits.find((h) => x >= h.x1 - 2 && x <= h.x2 + 2 && y >= h.y1 && y < h.y2);
    if (hit) return { fault: hit.fault };
    if (y < this.frame.top || y > this.frame.bottom) return null;
    const bin = Math.floor(this.surface.time(x) / this.bin) - this.first;
    if (bin < 0 || bin >= this.rates[0].length) return null;
    const from = (this.first + bin) * this.bin;
    return { rates: this.rates.map((rate) => rate[bin]), from, to: from + this.bin };
  }
}

class LeaderPlot {
  constructor(holder, data) {
    this.surface = new Surface(holder);
    this.data = data;
  }

  draw(view) {
    const { data, surface } = this;
    const lane = 22;
    const termHeight = 54;
    const lanes = data.faultNames.length * LANE + 6;
    const g = surface.begin(lanes + 4 + data.nodes.length * lane + 14 + termHeight + 50, view);
    const { colours } = surface;
    this.hits = [];
    const top = surface.faultLanes(data, this.hits) + 4;
    const middle = top + data.nodes.length * lane;
    const bottom = middle + 14 + termHeight;
    const faults = surface.shadeFaults(data, top, bottom);
    data.nodes.forEach((node, row) => {
      surface.text("node " + node, surface.left - 10, top + row * lane + 15, colours.ink, "right");
      surface.line(surface.left, top + (row + 1) * lane, surface.right, top + (row + 1) * lane, colours.grid);
    });
    const spans = data.leaders.filter((span) => span.to >= view.from && span.from <= view.to);
    surface.within("leaders", top, bottom, () => {
      spans.forEach((span) => this.bar(g, span, top + data.nodes.indexOf(span.node) * lane + 3, lane - 6));
    });
    this.terms(g, spans, middle + 14, bottom);
    surface.timeAxis(bottom + 4);
    surface.tell({ points: spans.length, faults });
  }

  bar(g, span, y, height) {
    const { surface } = this;
    const x1 = surface.x(span.from);
    const x2 = Math.max(x1 + 1.5, surface.x(span.to));
    // Every other term in another shade, so that a new term of the same node is seen.
    g.fillStyle = span.term % 2 ? surface.colours.leader : surface.colours.leader2;
    g.beginPath();
    g.roundRect(x1, y, x2 - x1, height, Math.min(3, (x2 - x1) / 3));
    g.fill();
    const text = "term " + span.term;
    g.font = FONT;
    const from = Math.max(x1, surface.left);
    if (g.measureText(text).width + 10 < Math.min(x2, surface.right) - from) {
      surface.text(text, from + 5, y + height / 2 + 4.5, surface.colours["leader-ink"]);
    }
    this.hits.push({ x1, x2, y1: y, y2: y + height, span });
  }

  terms(g, spans, top, bottom) {
    const { surface } = this;
    const all = this.data.leaders.map((span) => span.term);
    const low = Math.min(...all);
    const high = Math.max(...all);
    const y = (term) => (high === low ? (top + bottom) / 2 : bottom - 4 - ((term - low) / (high - low)) * (bottom - top - 8));
    for (const term of new Set([low, high])) {
      surface.line(surface.left, y(term), surface.right, y(term), surface.colours.grid);
      surface.text("term " + term, surface.left - 10, y(term) + 4, surface.colours.soft, "right");
    }
    surface.within("terms", top, bottom, () => {
      g.strokeStyle = surface.colours.line;
      g.lineWidth = 1.6;
      g.beginPath();
      let previous = null;
      for (const span of spans) {
        const x = surface.x(span.from);
        if (previous === null) g.moveTo(x, y(span.term));
        else {
          g.lineTo(x, y(previous.term));
          g.lineTo(x, y(span.term));
        }
        g.lineTo(surface.x(span.to), y(span.term));
        previous = span;
      }
      g.stroke();
    });
  }

  at(x, y) {
    const hit = this.hits.find((h) => x >= h.x1 - 2 && x <= h.x2 + 2 && y >= h.y1 && y < h.y2);
    return hit ? (hit.fault ? { fault: hit.fault } : { span: hit.span }) : null;
  }
}
