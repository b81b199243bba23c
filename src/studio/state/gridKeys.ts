/**
 * The keys of a grid, by the WAI-ARIA grid pattern. In: a key and the place one is at (row −1 is the header). Out: the place it
 * leads to, or undefined where it is no key of movement.
 */
export interface GridPlace {
  readonly row: number;
  readonly column: number;
}

export interface GridSize {
  readonly rows: number;
  readonly columns: number;
  /** Rows seen at once. */
  readonly page: number;
}

export interface GridKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

export function moveInGrid({ key, ctrlKey, metaKey }: GridKey, { row, column }: GridPlace, { rows, columns, page }: GridSize): GridPlace | undefined {
  const isFar = ctrlKey || metaKey;
  const at = (nextRow: number, nextColumn: number): GridPlace => ({
    row: Math.min(rows - 1, Math.max(-1, nextRow)),
    column: Math.min(columns - 1, Math.max(0, nextColumn)),
  });
  switch (key) {
    case "ArrowUp":
      return at(isFar ? 0 : row - 1, column);
    case "ArrowDown":
      return at(isFar ? rows - 1 : row + 1, column);
    case "ArrowLeft":
      return at(row, isFar ? 0 : column - 1);
    case "ArrowRight":
      return at(row, isFar ? columns - 1 : column + 1);
    case "PageUp":
      return at(Math.max(Math.min(row, 0), row - page), column);
    case "PageDown":
      return at(row + page, column);
    case "Home":
      return isFar ? at(0, 0) : at(row, 0);
    case "End":
      return isFar ? at(rows - 1, columns - 1) : at(row, columns - 1);
    default:
      return undefined;
  }
}
