// ONNX Runtime behind an HTTP server, as `go run ./experiments/serve` starts it: a job in the first
// line on stdin, {"model": file, "tokenizer": file, "max_length": n, "labels": [...], "cores": n,
// "batch": n}; the answer has the port. POST /predict {"inputs": text} gives the scores of the
// labels, the highest first.
//
// Texts that arrive while a batch runs pass together in the next one, padded to the longest.
const http = require('node:http');
const readline = require('node:readline');
const { readFileSync } = require('node:fs');
const ort = require('onnxruntime-node');
const { Tokenizer } = require('tokenizers');
const { version } = require('onnxruntime-node/package.json');
const tokenizers = require('tokenizers/package.json').version;

class Server {
  constructor(job, session, tokenizer) {
    Object.assign(this, { job, session, tokenizer, waiting: [], busy: false });
  }

  async predict(text) {
    const encoding = await this.tokenizer.encode(text);
    const scores = await new Promise((resolve, reject) => {
      this.waiting.push({ ids: encoding.getIds(), resolve, reject });
      this.work();
    });
    return scores;
  }

  async work() {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.job.batch);
      try {
        const { data } = (await this.session.run(feed(batch.map(item => item.ids)))).logits;
        const n = this.job.labels.length;
        batch.forEach((item, i) => item.resolve(this.scores(data.subarray(i * n, (i + 1) * n))));
      } catch (error) {
        batch.forEach(item => item.reject(error));
      }
    }
    this.busy = false;
  }

  scores(logits) {
    const top = Math.max(...logits);
    const exp = Array.from(logits, v => Math.exp(v - top));
    const sum = exp.reduce((a, b) => a + b);
    return exp.map((v, i) => ({ score: v / sum, label: this.job.labels[i] })).sort((a, b) => b.score - a.score);
  }
}

// feed is the inputs of the model, (batch, length) each.
function feed(batch) {
  const length = Math.max(...batch.map(ids => ids.length));
  const shape = [batch.length, length];
  const ids = new BigInt64Array(batch.length * length);
  const mask = new BigInt64Array(ids.length);
  batch.forEach((row, i) => row.forEach((id, k) => { ids[i * length + k] = BigInt(id); mask[i * length + k] = 1n; }));
  return {
    input_ids: new ort.Tensor('int64', ids, shape),
    attention_mask: new ort.Tensor('int64', mask, shape),
    token_type_ids: new ort.Tensor('int64', new BigInt64Array(ids.length), shape),
  };
}

function answer(server, request, response) {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', async () => {
    let code = 200, body;
    try {
      body = await server.predict(JSON.parse(Buffer.concat(chunks).toString()).inputs);
    } catch (error) {
      code = 500;
      body = { error: String(error) };
    }
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
}

async function main() {
  process.on('SIGINT', () => {}); // it ends when stdin does
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('close', () => process.exit(0));
  const job = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
  const session = await ort.InferenceSession.create(job.model, {
    intraOpNumThreads: job.cores, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
  });
  const tokenizer = Tokenizer.fromString(readFileSync(job.tokenizer, 'utf8'));
  tokenizer.setTruncation(job.max_length, { strategy: 'LongestFirst' });
  const server = new Server(job, session, tokenizer);
  const listener = http.createServer((request, response) => answer(server, request, response));
  listener.listen(0, '127.0.0.1', () => {
    const { port } = listener.address();
    console.log(JSON.stringify({ url: `http://127.0.0.1:${port}/predict`, version: `ONNX Runtime ${version}, tokenizers ${tokenizers}` }));
  });
}

main().catch(error => { console.error(error); process.exit(1); });
