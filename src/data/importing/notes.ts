/** What formats noted of the files of one import. In: the notes, file by file. Out: what is said of several is said once, and what they count is added up. */

interface Noted {
  files: number;
  /** Of the number that the note begins with; 0 where it begins with none. */
  sum: number;
}

const LEADING_NUMBER = /^[\d,]+(?= )/;

export interface NoteList {
  /** The notes of one file. */
  add(notes: readonly string[]): void;
  /** `files` is how many were read. */
  list(files: number): string[];
}

export function collectNotes(): NoteList {
  const noted = new Map<string, Noted>();
  return {
    add(notes) {
      for (const note of notes) {
        const [number = ""] = LEADING_NUMBER.exec(note) ?? [];
        const rest = note.slice(number.length);
        const known = noted.get(rest) ?? { files: 0, sum: 0 };
        noted.set(rest, { files: known.files + 1, sum: known.sum + Number(number.replaceAll(",", "")) });
      }
    },
    list: (files) =>
      [...noted].map(([rest, { files: own, sum }]) => {
        const note = `${sum > 0 ? sum.toLocaleString("en") : ""}${rest}`;
        return own === files ? note : `${note.replace(/\.$/, "")} (in ${own.toLocaleString("en")} of ${files.toLocaleString("en")} files).`;
      }),
  };
}
