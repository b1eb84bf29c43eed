// The operations, from the columns that Payload.java has packed.

/** Unpacks the payload; all times are milliseconds since the start of the run. */
async function unpack(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const headerLength = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headerLength)));
  const n = header.operations;
  let offset = 4 + headerLength;
  // Copies, since the columns are not aligned.
  const column = (Type) => {
    const bytes = n * Type.BYTES_PER_ELEMENT;
    offset += bytes;
    return new Type(buffer.slice(offset - bytes, offset));
  };
  const begin = Float64Array.from(column(Uint32Array), (units) => units * header.unitMillis);
  const data = {
    n,
    begin,
    latency: column(Float32Array),
    callIndex: column(Int32Array),
    answerIndex: column(Int32Array),
    process: column(Float64Array),
    node: column(Int32Array),
    outcome: column(Uint8Array),
    kind: column(Uint8Array),
    kinds: header.kinds,
    texts: header.texts,
    marked: header.marked,
    end: header.endMillis,
    faults: header.faults.map(([name, from, to, what]) => ({ name, from, to, what })),
    leaders: header.leaders.map(([from, to, node, term]) => ({ from, to, node, term })),
  };
  data.faultNames = [...new Set(data.faults.map((fault) => fault.name))].sort();
  data.nodes = [...new Set(data.leaders.map((span) => span.node))].sort((a, b) => a - b);
  return data;
}

const OUTCOMES = ["ok", "info", "fail"];

/** The first place in a sorted column whose value is at least the given one. */
function lowerBound(column, value) {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function formatCount(n) {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

function formatMillis(ms) {
  if (ms < 1) return (ms * 1000).toFixed(0) + "\u00a0µs";
  if (ms < 10) return ms.toFixed(2) + "\u00a0ms";
  if (ms < 1000) return ms.toFixed(1) + "\u00a0ms";
  return (ms / 1000).toFixed(ms < 10000 ? 2 : 1) + "\u00a0s";
}

/** 1, 2 or 5 times a power of ten, so that a range has at most so many parts. */
function niceStep(range, parts) {
  const rough = range / Math.max(1, parts);
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => power * factor >= rough) ?? 10);
}

function tickLabel(value, step) {
  return value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
}
