/** What the page keeps for each dataset it has looked at. In: a way to make it. Out: the same thing for the same dataset, until it is forgotten. */
export class PerDataset<Thing> {
  readonly #things = new Map<string, Thing>();
  readonly #make: (dataset: string) => Thing;

  constructor(make: (dataset: string) => Thing) {
    this.#make = make;
  }

  of(dataset: string): Thing {
    const known = this.#things.get(dataset);
    if (known !== undefined) return known;
    const made = this.#make(dataset);
    this.#things.set(dataset, made);
    return made;
  }

  forget(dataset: string): void {
    this.#things.delete(dataset);
  }
}
