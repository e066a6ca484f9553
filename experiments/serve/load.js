// The load of `go run ./experiments/serve`, which starts it: the bodies of requests in the first
// line on stdin, a turn {"url", "connections", "seconds"} in every other one; the answer to a turn
// says how the requests fared. Every connection sends one request at a time, and begins elsewhere
// among the bodies.
const readline = require('node:readline');
const autocannon = require('autocannon');
const { version } = require('autocannon/package.json');

const say = fields => console.log(JSON.stringify(fields));
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];

function turn(bodies, { url, connections, seconds }) {
  const requests = bodies.map(body => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body }));
  const took = [];
  let started = 0;
  const setupClient = client => {
    const from = Math.floor(started++ * requests.length / connections);
    client.setRequests([...requests.slice(from), ...requests.slice(0, from)]);
  };
  return new Promise((resolve, reject) => {
    const run = autocannon({ url, connections, duration: seconds, timeout: 30, setupClient }, (error, r) => {
      if (error) return reject(error);
      took.sort((a, b) => a - b);
      resolve({
        requests: r['2xx'], seconds: r.duration, p50: percentile(took, 0.5), p99: percentile(took, 0.99),
        errors: r.errors + r.timeouts + r.non2xx,
      });
    });
    run.on('response', (client, status, bytes, milliseconds) => took.push(milliseconds));
  });
}

async function main() {
  process.on('SIGINT', () => {}); // it ends with the program that asks
  let bodies;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (bodies) {
      say(await turn(bodies, request));
    } else {
      bodies = request;
      say({ version: `autocannon ${version}, Node.js ${process.version}` });
    }
  }
}

main().catch(error => { console.error(error); process.exit(1); });
