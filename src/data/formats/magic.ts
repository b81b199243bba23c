/**
 * Tells what a file that is not text is, by its first bytes. In: the head of a file. Out: a name a person knows and what to
 * do instead, or undefined when nothing is recognized. Signatures: https://en.wikipedia.org/wiki/List_of_file_signatures
 */

export interface FileLooks {
  /** "an Excel workbook", to follow "looks like". */
  readonly looks: string;
  readonly hint: string;
  /** Set where `archives/` can open it. */
  readonly archive?: "gzip" | "zip" | "tar";
}

const SAVE_AS_TEXT = "Open it in the program it belongs to, save it as plain text (.txt, UTF-8), and import that.";
const UNPACK = "Unpack it and add the files inside.";
const NESTED = "It stands inside another archive: unpack that, and add this one by itself.";
const OWN_FORMAT = "Choose that format in the import dialog.";
const NOT_TEXT = "Descent learns from text: choose a .txt file, or paste text.";
const WEIGHTS = "It holds a trained model, not text to learn from. Choose a .txt file, or paste text.";
const PICKLE = "Pickle files can run code when they are opened, so Descent never reads them. Export the text column to a .txt file.";

interface Signature extends FileLooks {
  readonly at: number;
  /** Latin-1 spelling of the bytes. */
  readonly bytes: string;
  /** The format itself may hold nothing but text; all others also show control bytes, which an essay on "GGUF" does not. */
  readonly spelledInText?: true;
}

function signature(bytes: string, looks: string, hint: string, at = 0): Signature {
  return { at, bytes, looks, hint };
}

const SIGNATURES: readonly Signature[] = [
  signature("\x89PNG\r\n\x1a\n", "a PNG image", NOT_TEXT),
  signature("\xff\xd8\xff", "a JPEG image", NOT_TEXT),
  signature("GIF87a", "a GIF image", NOT_TEXT),
  signature("GIF89a", "a GIF image", NOT_TEXT),
  signature("WEBP", "a WebP image", NOT_TEXT, 8),
  signature("WAVE", "a WAV sound", NOT_TEXT, 8),
  signature("ftyp", "a video or HEIC image", NOT_TEXT, 4),
  signature("OggS", "an Ogg sound", NOT_TEXT),
  signature("ID3", "an MP3 sound", NOT_TEXT),
  { ...signature("%PDF-", "a PDF document", "Copy its text out of a PDF viewer and paste it, or save it as plain text (.txt)."), spelledInText: true },
  { ...signature("{\\rtf", "a rich text (RTF) document", SAVE_AS_TEXT), spelledInText: true },
  signature("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel or PowerPoint document", SAVE_AS_TEXT),
  { ...signature("\x1f\x8b", "a gzip archive", NESTED), archive: "gzip" },
  signature("BZh", "a bzip2 archive", UNPACK),
  signature("\xfd7zXZ\0", "an xz archive", UNPACK),
  signature("7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
  signature("Rar!\x1a\x07", "a RAR archive", UNPACK),
  signature("\x28\xb5\x2f\xfd", "a Zstandard archive", UNPACK),
  { ...signature("ustar", "a tar archive", UNPACK, 257), archive: "tar" },
  signature("PAR1", "a Parquet table", OWN_FORMAT),
  signature("ARROW1\0\0", "an Arrow table", "Save it as Parquet (pyarrow.parquet.write_table), and import that."),
  signature("SQLite format 3\0", "an SQLite database", "Export the text you want to a .txt file and import that."),
  signature("\x93NUMPY", "a NumPy array", NOT_TEXT),
  signature("\x89HDF\r\n\x1a\n", "an HDF5 file", NOT_TEXT),
  signature("GGUF", "a GGUF model", WEIGHTS),
  signature("\0asm", "a WebAssembly program", NOT_TEXT),
  signature("\x7fELF", "a program", NOT_TEXT),
  signature("MZ\x90\0", "a Windows program", NOT_TEXT),
  signature("\xff\xfe\0\0", "UTF-32 text", "Save it as UTF-8 and import that."),
  signature("\0\0\xfe\xff", "UTF-32 text", "Save it as UTF-8 and import that."),
];

/** Zip archives that are documents are known by the names of their first parts. */
const ZIP_KINDS: readonly (readonly [part: string, FileLooks])[] = [
  ["word/", { looks: "a Word document (.docx)", hint: SAVE_AS_TEXT }],
  ["xl/", { looks: "an Excel workbook (.xlsx)", hint: "Save the sheet as CSV (UTF-8), and import that." }],
  ["ppt/", { looks: "a PowerPoint presentation (.pptx)", hint: SAVE_AS_TEXT }],
  ["application/epub", { looks: "an EPUB book", hint: "Convert it to plain text (.txt), for example with Calibre, and import that." }],
  ["application/vnd.oasis", { looks: "an OpenDocument file", hint: SAVE_AS_TEXT }],
  ["data.pkl", { looks: "a PyTorch checkpoint (.pt)", hint: PICKLE }],
  [".npy", { looks: "a NumPy archive (.npz)", hint: NOT_TEXT }],
];

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

export function recognizeBinary(head: Uint8Array): FileLooks | undefined {
  const start = latin1(head.subarray(0, 4096));
  const known = SIGNATURES.find((entry) => start.startsWith(entry.bytes, entry.at));
  if (known && (known.spelledInText || /[\0-\x08\x0e-\x1a]/.test(start))) return known;
  if (start.startsWith("PK\x03\x04") || start.startsWith("PK\x05\x06")) {
    return ZIP_KINDS.find(([part]) => start.includes(part))?.[1] ?? { looks: "a zip archive", hint: NESTED, archive: "zip" };
  }
  if (isPickle(start)) return { looks: "a Python pickle (.pkl, .pt or .bin)", hint: PICKLE };
  // safetensors: an 8-byte header length below 100 MB, then JSON.
  if (/^[^]{4}\0{4}\{\s*"/.test(start)) return { looks: "a safetensors model", hint: WEIGHTS };
  return undefined;
}

/** Protocol 2 to 5 begins with the byte 0x80 and the version, then an opcode: FRAME, or a mark, memo or container. */
function isPickle(start: string): boolean {
  return /^\x80[\x02-\x05][\x95\]}()cKX\x8aUJM\x8c]/.test(start);
}
