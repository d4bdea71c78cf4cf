// Calls the gRPC servers by grpc-js in several ways, as it is told line by line on its standard input, and answers each line with one of JSON.
// GRPC_XDS_BOOTSTRAP_CONFIG says where the control plane is.
//
//   node client.js load.proto PORT,PORT,…
'use strict';

const readline = require('node:readline');
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');
require('@grpc/grpc-js-xds').register();

const { Target } = grpc.loadPackageDefinition(loadSync(process.argv[2], { keepCase: true })).load;
const ports = process.argv[3].split(',');
const credentials = grpc.credentials.createInsecure();
const roundRobin = { 'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }) };
const clients = {
  direct: new Target(`127.0.0.1:${ports[0]}`, credentials),
  round_robin: new Target(`ipv4:${ports.map((port) => `127.0.0.1:${port}`).join()}`, credentials, roundRobin),
  xds: new Target('xds:///canary:80', credentials),
  single: new Target('xds:///single:80', credentials),
  ejecting: new Target('xds:///ejecting:80', credentials),
};

const echo = (client, metadata) => new Promise((resolve, reject) => {
  client.Echo({ text: 'hello' }, metadata || new grpc.Metadata(), (error, reply) => (error ? reject(error) : resolve(reply.port)));
});
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const now = () => performance.now();

async function window(client, concurrency, milliseconds) {
  const before = process.cpuUsage();
  const start = now();
  let calls = 0;
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (now() - start < milliseconds) {
      await echo(client);
      calls++;
    }
  }));
  const { user, system } = process.cpuUsage(before);
  return { rate: calls / (now() - start), cpu: (user + system) / calls };
}

// Windows in turn, each against the mean of its neighbours.
async function ratio(a, b, concurrency, seconds) {
  await window(b, concurrency, 350);
  await window(a, concurrency, 350);
  const [rates, cpu] = [[], []];
  const start = now();
  let before = await window(a, concurrency, 350);
  do {
    const between = await window(b, concurrency, 350);
    const after = await window(a, concurrency, 350);
    rates.push((2 * between.rate) / (before.rate + after.rate));
    cpu.push((2 * between.cpu) / (before.cpu + after.cpu));
    before = after;
  } while (now() - start < seconds * 1000);
  return { rate: median(rates), cpu: median(cpu) };
}

// Who answers how many of so many calls, 32 at a time.
async function count(client, calls, metadata) {
  const counts = {};
  let left = calls;
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (left-- > 0) {
      const port = await echo(client, metadata);
      counts[port] = (counts[port] || 0) + 1;
    }
  }));
  return counts;
}

// So many calls a second whatever becomes of them: when they were sent, and who answered, 0 for nobody.
function watch(client, seconds, rate) {
  return new Promise((resolve) => {
    const answers = [];
    const start = now();
    let sent = 0;
    const timer = setInterval(() => {
      for (; sent < ((now() - start) / 1000) * rate && sent < seconds * rate; sent++) {
        const at = (now() - start) / 1000;
        answers.push(echo(client).then((port) => ({ at, port }), () => ({ at, port: 0 })));
      }
      if (sent >= seconds * rate) {
        clearInterval(timer);
        resolve(Promise.all(answers));
      }
    }, 2);
  });
}

const commands = {
  ratio: (a, b, concurrency, seconds) => ratio(clients[a], clients[b], Number(concurrency), Number(seconds)),
  count: (client, calls) => count(clients[client], Number(calls)),
  canary: (client, calls) => {
    const metadata = new grpc.Metadata();
    metadata.set('x-canary', 'true');
    return count(clients[client], Number(calls), metadata);
  },
  watch: (client, seconds, rate) => watch(clients[client], Number(seconds), Number(rate)),
};

(async () => {
  // Connections and configuration are there before anything is measured.
  for (const client of Object.values(clients)) {
    await count(client, 100);
  }
  console.log('ready');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [name, ...rest] = line.split(' ');
    console.log(JSON.stringify(await commands[name](...rest)));
  }
  process.exit(0);
})();
