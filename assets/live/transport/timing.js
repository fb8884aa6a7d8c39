/** All the waits of the live feed, in ms. Tests may put others into `northstar.timing` before this is read. */
"use strict";
{
  const northstar = (globalThis.northstar ??= {});

  const TIMES = {
    /** The server says something every ten seconds; a socket that is silent for so long is dead. */
    silence: 30_000,
    /** A socket that has not brought its first message by then never will. */
    opening: 10_000,
    /** How much later than announced a socket may be back before a lower tier takes over. */
    comeback: 5_000,
    /** What a server that is started again gets when it said nothing of its own. */
    restart: 3_000,
    eventsSilence: 60_000,
    pollEvery: 30_000,
    /** As long as the server has no figures at all, it is asked more often. */
    pollFirst: 10_000,
    pollAnswer: 10_000,
    /** Polling that fails for so long is called offline. */
    pollPatience: 300_000,
    /** A first try again is at random before `retryBase`, each later one before twice as much, up to `retryCap`. */
    retryBase: 500,
    retryCap: 15_000,
    /** While a lower tier works, the socket is tried after `climbFirst`, then ever more seldom down to `climbLast`. */
    climbFirst: 20_000,
    climbLast: 60_000,
    pingEvery: 10_000,
    /** A connection in doubt has so long to answer a ping. */
    doubt: 5_000,
    /** One that was heard from so lately is not in doubt: a beat is due every ten seconds. */
    fresh: 12_000,
    /** A round trip above this is too slow for a socket. */
    slow: 500,
    /** After so long the socket is tried again whatever the round trip of a poll. */
    slowPatience: 600_000,
    /** The page looks at the clock so often; where it could not for `asleep`, the computer slept. */
    watchEvery: 5_000,
    asleep: 45_000,
  };

  /**
   * How many: event streams that fail in a row before polling; quick tries; round trips that tell something, and
   * that count; gaps in a row before the whole snapshot is asked for; changes that are remembered.
   */
  const COUNTS = { events: 3, quick: 4, fewest: 3, probes: 5, vain: 3, log: 50 };

  const transport = (northstar.transport ??= {});
  transport.TIMES = Object.freeze({ ...TIMES, ...northstar.timing });
  transport.COUNTS = Object.freeze(COUNTS);

  /** How often the page asks, in ms; 0 where it is told of everything at once. What is asked for now and then is older by then, and no reason for an alarm. @param {string} kind what carries */
  transport.askedEvery = (kind) => (kind === "polling" ? transport.TIMES.pollEvery : 0);
}
