// node's ws: `send` to each. node ws_server.mjs PORT SECONDS; the folder of its packages comes in NODE_MODULES.
import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(process.env.NODE_MODULES + "/")("ws");
const [port, seconds] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: "127.0.0.1", port, backlog: 2048, perMessageDeflate: false });

function text(number) {
  const start = `{"t":"bench","seq":${number},"ns":${process.hrtime.bigint()},"pad":"`;
  return start + "x".repeat(300 - start.length - 2) + '"}';
}

let number = 0;
setInterval(() => {
  number += 1;
  const message = Buffer.from(text(number));
  for (const client of server.clients) client.send(message, { binary: false });
}, seconds * 1000);
