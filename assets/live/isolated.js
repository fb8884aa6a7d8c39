/** Texts of others inside our own: none of them turns around the letters that stand beside it. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  /** Marks that are not seen, and say which way what follows is read. */
  const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  /** Letters that are read from right to left. */
  const LEFTWARD = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

  /** A text as its letters alone say it. @param {string} text */
  northstar.unmarked = (text) => text.replace(MARKS, "");

  /**
   * A text that somebody else wrote, as it may stand in a sentence: without such marks, and kept apart where it is read from
   * right to left. What has an element of its own needs it not: there the style sheet does the same.
   * @param {string} text
   */
  northstar.isolated = (text) => {
    const plain = northstar.unmarked(text);
    return LEFTWARD.test(plain) ? `\u2068${plain}\u2069` : plain;
  };
}
