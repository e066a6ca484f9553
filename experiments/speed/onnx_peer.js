// ONNX Runtime's side of `go run ./experiments/speed`, which starts it and documents the
// protocol (serve.go): a job in the first line on stdin, {"runs": n} in every other one.
const readline = require('node:readline');
const ort = require('onnxruntime-node');
const { version } = require('onnxruntime-node/package.json');

const answer = fields => console.log(JSON.stringify(fields));

function open(job) {
  return ort.InferenceSession.create(job.model, {
    intraOpNumThreads: job.cores, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all',
  });
}

async function main() {
  process.on('SIGINT', () => {}); // it ends with the program that asks
  let session, feed;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (!session) {
      session = await open(request);
      const ids = BigInt64Array.from(request.ids.flat(), BigInt);
      feed = { ids: new ort.Tensor('int64', ids, [request.ids.length, request.ids[0].length]) };
      answer({ version: `ONNX Runtime ${version}, onnxruntime-node` });
      continue;
    }
    const start = performance.now();
    let result;
    for (let i = 0; i < request.runs; i++) result = await session.run(feed);
    answer({ seconds: (performance.now() - start) / 1e3 / request.runs, outputs: Array.from(result.logits.data) });
  }
}

main().catch(error => { console.error(error); process.exit(1); });
