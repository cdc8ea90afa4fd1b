/** Where each of many items of known height begins; one more than there are items, the last being the end of all. */
export function offsetsOf(heights: number[]): Float64Array {
  const offsets = new Float64Array(heights.length + 1);
  heights.forEach((height, at) => {
    offsets[at + 1] = (offsets[at] ?? 0) + height;
  });
  return offsets;
}

/** The item at a place; the nearest where there is none. */
export function itemAt(offsets: Float64Array, place: number): number {
  let [low, high] = [0, Math.max(0, offsets.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle] ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
