/** A client of the store, such as Alice: what she has seen goes with her from node to node. */
export class DemoSession {
  readonly name: string;
  /** Every answer brings a new one. */
  token = 'new';

  constructor(name: string) {
    this.name = name;
  }
}
