/** Follows the rows of a CSV file while it comes in, so that it can be gone on with where it was cut off. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const QUOTE = 0x22;
  const COMMA = 0x2c;
  const NEWLINE = 0x0a;
  const LONGEST_KEY = 64;

  class Rows {
    /** @param {{headed: boolean}} how whether the first line names the columns */
    constructor({ headed }) {
      this.header = headed;
      /** How many whole rows came. */
      this.count = 0;
      /** How many bytes came. */
      this.size = 0;
      /** How many of them are whole rows and the header. */
      this.whole = 0;
      /** The first cell of the last whole row; empty before there is one. */
      this.key = "";
      this.quoted = false;
      this.cell = true;
      this.letters = /** @type {number[]} */ ([]);
    }

    /** @param {Uint8Array} bytes */
    add(bytes) {
      for (let i = 0; i < bytes.length; i += 1) {
        const byte = bytes[i];
        if (byte === QUOTE) this.quoted = !this.quoted;
        else if (byte === NEWLINE && !this.quoted) this.end(this.size + i + 1);
        else if (byte === COMMA && !this.quoted) this.cell = false;
        else if (this.cell && byte !== 0x0d && this.letters.length < LONGEST_KEY) this.letters.push(byte);
      }
      this.size += bytes.length;
    }

    /** @param {number} at */
    end(at) {
      if (this.header) this.header = false;
      else {
        this.count += 1;
        this.key = String.fromCharCode(...this.letters);
      }
      this.whole = at;
      this.letters.length = 0;
      this.cell = true;
    }

    /** Forget the row that is not whole: what comes next begins with another one. */
    cut() {
      this.size = this.whole;
      this.quoted = false;
      this.cell = true;
      this.letters.length = 0;
    }
  }

  northstar.Rows = Rows;
}
