// Loaded before a server that would listen on all interfaces: in a test it listens on loopback.
import { Server } from 'node:net';

const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
  return listen.call(this, Number(port), '127.0.0.1', ...rest.filter((it) => typeof it === 'function'));
};
