/**
 * Where rows stand in a grid that may be higher than a browser can make an element. In: rows of one height, the window one sees
 * them through, the scroll bar. Out: which rows are seen and where.
 *
 * Browsers cap an element's height (Firefox near 17.9 million px, Chrome near 33.5 million, less on some screens), so above 8
 * million the bar is shorter than the rows and its range is stretched over them. A small movement still moves by as many pixels
 * as it says: a `Position` is where the bar is and where the rows are, and only leaps are mapped from one to the other. At rest
 * `settle` brings the bar back to where the rows are.
 */
export const TALLEST = 8_000_000;

export interface Geometry {
  readonly rows: number;
  readonly rowHeight: number;
  /** Height in which rows are seen. */
  readonly viewport: number;
}

export interface Position {
  /** Of the scrolling element, in px. */
  readonly bar: number;
  /** Px of rows above the upper edge. */
  readonly top: number;
}

export const contentHeight = ({ rows, rowHeight }: Geometry): number => rows * rowHeight;
export const barHeight = (grid: Geometry): number => Math.min(contentHeight(grid), TALLEST);

const lastTop = (grid: Geometry): number => Math.max(0, contentHeight(grid) - grid.viewport);
const lastBar = (grid: Geometry): number => Math.max(0, barHeight(grid) - grid.viewport);
const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

export function topAt(grid: Geometry, bar: number): number {
  const most = lastBar(grid);
  return most === 0 ? 0 : (clamp(bar, most) / most) * lastTop(grid);
}

export function barAt(grid: Geometry, top: number): number {
  const most = lastTop(grid);
  return most === 0 ? 0 : (clamp(top, most) / most) * lastBar(grid);
}

/** The position after the bar went to `bar`. Both ends are exact, and rows never go the other way. */
export function follow(grid: Geometry, from: Position, bar: number): Position {
  const at = clamp(bar, lastBar(grid));
  if (at <= 0) return { bar: 0, top: 0 };
  // Browsers round the bar's place; within a pixel of the end is the end.
  if (at >= lastBar(grid) - 1) return { bar: at, top: lastTop(grid) };
  const moved = at - from.bar;
  if (Math.abs(moved) > grid.viewport) {
    const mapped = topAt(grid, at);
    return { bar: at, top: moved > 0 ? Math.max(from.top, mapped) : Math.min(from.top, mapped) };
  }
  return { bar: at, top: clamp(from.top + moved, lastTop(grid)) };
}

/** The bar where the rows are. */
export const settleBar = (grid: Geometry, { top }: Position): Position => ({ bar: barAt(grid, top), top: clamp(top, lastTop(grid)) });

/** The nearest position in which the whole row is seen. */
export function reveal(grid: Geometry, from: Position, row: number): Position {
  const upper = row * grid.rowHeight;
  const lower = upper + grid.rowHeight - grid.viewport;
  if (from.top > upper) return settleBar(grid, { bar: 0, top: upper });
  if (from.top < lower) return settleBar(grid, { bar: 0, top: lower });
  return from;
}

export interface RowSpan {
  /** Rows [from, to). */
  readonly from: number;
  readonly to: number;
  /** Px from the top of the scrolled content to row `from`. */
  readonly offset: number;
}

export function rowsSeen(grid: Geometry, { bar, top }: Position, overscan: number): RowSpan {
  const { rows, rowHeight, viewport } = grid;
  const from = Math.max(0, Math.floor(top / rowHeight) - overscan);
  const to = Math.min(rows, Math.ceil((top + viewport) / rowHeight) + overscan);
  return { from: Math.min(from, to), to, offset: bar - top + from * rowHeight };
}
