/** SHA-256 of bytes that come in pieces: what a browser offers itself wants all of them at once, and a secure connection. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const BLOCK = 64;

  /** The first 32 bits of the fractions of `root` of the first primes. @param {number} count @param {(prime: number) => number} root */
  function fractions(count, root) {
    const found = [];
    for (let number = 2; found.length < count; number += 1) {
      let prime = true;
      for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) prime = false;
      if (prime) found.push(((root(number) % 1) * 2 ** 32) | 0);
    }
    return Int32Array.from(found);
  }

  const START = fractions(8, Math.sqrt);
  const ROUND = fractions(64, Math.cbrt);

  class Digest {
    constructor() {
      this.state = START.slice();
      this.words = new Int32Array(64);
      this.rest = new Uint8Array(BLOCK);
      this.filled = 0;
      this.size = 0;
    }

    /** @param {Uint8Array} bytes */
    add(bytes) {
      this.size += bytes.length;
      let at = 0;
      if (this.filled) {
        at = Math.min(BLOCK - this.filled, bytes.length);
        this.rest.set(bytes.subarray(0, at), this.filled);
        this.filled += at;
        if (this.filled < BLOCK) return;
        this.block(this.rest, 0);
        this.filled = 0;
      }
      for (; at + BLOCK <= bytes.length; at += BLOCK) this.block(bytes, at);
      this.rest.set(bytes.subarray(at));
      this.filled = bytes.length - at;
    }

    /** The digest of all that came so far, as 64 hexadecimal digits. */
    hex() {
      const { size } = this;
      const end = new Uint8Array(this.filled < 56 ? BLOCK - this.filled : 2 * BLOCK - this.filled);
      end[0] = 0x80;
      const view = new DataView(end.buffer);
      view.setUint32(end.length - 8, Math.floor(size / 2 ** 29));
      view.setUint32(end.length - 4, (size * 8) >>> 0);
      const ended = Object.assign(new Digest(), { state: this.state.slice(), rest: this.rest.slice(), filled: this.filled });
      ended.add(end);
      return [...ended.state].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
    }

    /** @param {Uint8Array} bytes @param {number} at */
    block(bytes, at) {
      const { words, state } = this;
      for (let i = 0, j = at; i < 16; i += 1, j += 4) words[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = words[i - 15];
        const y = words[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, h] = state;
      for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const one = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g;
        g = f;
        f = e;
        e = (d + one) | 0;
        d = c;
        c = b;
        b = a;
        a = (one + two) | 0;
      }
      state[0] += a;
      state[1] += b;
      state[2] += c;
      state[3] += d;
      state[4] += e;
      state[5] += f;
      state[6] += g;
      state[7] += h;
    }
  }

  northstar.Digest = Digest;
}
