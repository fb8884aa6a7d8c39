"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { load } = require("./live_world.js");

const { Component, ID } = load().transport;

class FakeSocket extends EventTarget {
  static OPEN = 1;
  constructor(url, protocols) {
    super();
    Object.assign(this, { url, protocols, readyState: 1, sent: [], closed: false });
  }
  send(text) { this.sent.push(text); }
  close() { this.closed = true; }
  hear(data) { this.dispatchEvent(Object.assign(new Event("message"), { data })); }
  end(code, reason = "") { this.dispatchEvent(Object.assign(new Event("close"), { code, reason })); }
}

/** A page whose WebSocket component does what Dash's does: it opens a socket for each new url. */
function page() {
  const global = { WebSocket: FakeSocket };
  const sockets = [];
  const component = new Component(global, "/api/pnl/ws", (id, { url }) => {
    assert.equal(id, ID);
    sockets.push(new global.WebSocket(url, undefined));
  });
  const heard = [];
  const listener = { message: (text) => heard.push(text), closed: (code, reason) => heard.push([code, reason]) };
  return { global, component, sockets, heard, listener };
}

test("every message of the socket is heard, not only the newest", () => {
  const { component, sockets, heard, listener } = page();
  component.ready();
  component.open("ws://host/api/pnl/ws?n=1", listener);
  for (let i = 0; i < 100; i += 1) sockets[0].hear(String(i));
  sockets[0].end(1012, "restart");

  assert.equal(heard.length, 101);
  assert.deepEqual(heard.at(-1), [1012, "restart"]);
});

test("a url is given to the component once it is on the page, and only the newest", () => {
  const { component, sockets, listener } = page();
  component.open("ws://host/api/pnl/ws?n=1", listener);
  component.open("ws://host/api/pnl/ws?n=2", listener);
  assert.equal(sockets.length, 0);
  component.ready();
  component.ready();

  assert.deepEqual(sockets.map((socket) => socket.url), ["ws://host/api/pnl/ws?n=2"]);
});

test("nothing is heard of a socket that was closed from here, and it is closed indeed", () => {
  const { component, sockets, heard, listener } = page();
  component.ready();
  const socket = component.open("ws://host/api/pnl/ws?n=1", listener);
  socket.send("ping");
  socket.close();
  sockets[0].hear("late");
  sockets[0].end(1000);

  assert.deepEqual(sockets[0].sent, ["ping"]);
  assert.equal(sockets[0].closed, true);
  assert.deepEqual(heard, []);
});

test("nothing is sent before the socket is open", () => {
  const { component, sockets, listener } = page();
  const socket = component.open("ws://host/api/pnl/ws?n=1", listener);
  socket.send("ping");
  component.ready();
  sockets[0].readyState = 0;
  socket.send("ping");

  assert.deepEqual(sockets[0].sent, []);
});

test("a socket that nobody waits for any more gives its place back", () => {
  const { global, component, listener } = page();
  component.open("ws://host/api/pnl/ws?n=1", listener).close();

  assert.equal(new global.WebSocket("ws://host/api/pnl/ws?n=1").closed, true);
});

test("other sockets of the page are left alone", () => {
  const { global, component, heard, listener } = page();
  component.open("ws://host/api/pnl/ws?n=1", listener);
  const other = new global.WebSocket("ws://host/_hot-reload", ["protocol"]);
  other.hear("theirs");

  assert.equal(other.closed, false);
  assert.deepEqual(other.protocols, ["protocol"]);
  assert.ok(other instanceof global.WebSocket && other instanceof FakeSocket);
  assert.equal(global.WebSocket.OPEN, 1);
  assert.deepEqual(heard, []);
});
