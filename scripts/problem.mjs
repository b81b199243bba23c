/** A failure that the person at the terminal can act on: what and why in `message`, the next step in `hint`. */
export class Problem extends Error {
  /**
   * @param {string} message
   * @param {string} [hint]
   * @param {number} [exitCode]
   */
  constructor(message, hint = "", exitCode = 1) {
    super(message);
    this.name = "Problem";
    this.hint = hint;
    this.exitCode = exitCode;
  }
}
