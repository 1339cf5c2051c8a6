/**
 * An ONNX model of one node, as the bytes of its protocol buffer (onnx.proto: ModelProto, GraphProto, NodeProto, AttributeProto,
 * ValueInfoProto, TypeProto). Fields are written as [number, value]: whole numbers as varints, the rest with their length in front.
 */
const FLOAT = 1;
const INT = 2;
const INTS = 7;

function varint(n) {
  const bytes = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) | 128);
  return [...bytes, n];
}

const message = (...fields) =>
  fields.flatMap(([number, value]) => {
    if (typeof value === 'number') return [...varint(number * 8), ...varint(value)];
    const bytes = typeof value === 'string' ? [...new TextEncoder().encode(value)] : value;
    return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
  });

const valueInfo = (name, dims) => {
  const shape = message(...dims.map((d) => [1, message([1, d])]));
  return message([1, name], [2, message([1, message([1, FLOAT], [2, shape])])]);
};

/** `node`: { op, inputs, int?, ints? }; `feeds`: name → [data, dims] of each input; the output is called y. */
export function model({ op, inputs, int = {}, ints = {} }, feeds, outputDims) {
  const attributes = [
    ...Object.entries(int).map(([name, n]) => [5, message([1, name], [3, n], [20, INT])]),
    ...Object.entries(ints).map(([name, list]) => [5, message([1, name], ...list.map((n) => [8, n]), [20, INTS])]),
  ];
  const node = message(...inputs.map((name) => [1, name]), [2, 'y'], [4, op], ...attributes);
  const graph = message([1, node], [2, op], ...inputs.map((name) => [11, valueInfo(name, feeds[name][1])]), [
    12,
    valueInfo('y', outputDims),
  ]);
  return Uint8Array.from(message([1, 8], [8, message([2, 17])], [7, graph]));
}
