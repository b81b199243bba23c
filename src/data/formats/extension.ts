/** The part of a format's `detect` that goes by the file's name. In: a name and extensions without the dot. Out: whether it ends in one. */
export function hasExtension(name: string, extensions: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return extensions.some((extension) => lower.endsWith(`.${extension}`));
}
