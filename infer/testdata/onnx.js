// ONNX Runtime's side of TestExportInONNXRuntime: reads {"model": file, "batches": [...]} on
// stdin, a batch being its inputs by name, each a list (batch, length), and writes the outputs of
// each batch by name: {"shape": [...], "data": [...]}.
const { readFileSync } = require('node:fs');
const ort = require('onnxruntime-node');

async function main() {
  const job = JSON.parse(readFileSync(0, 'utf8'));
  const session = await ort.InferenceSession.create(job.model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const answers = [];
  for (const batch of job.batches) {
    const feed = {};
    for (const [name, rows] of Object.entries(batch).filter(([name]) => session.inputNames.includes(name))) {
      feed[name] = new ort.Tensor('int64', BigInt64Array.from(rows.flat(), BigInt), [rows.length, rows[0].length]);
    }
    const answer = {};
    for (const [name, output] of Object.entries(await session.run(feed))) {
      answer[name] = { shape: output.dims, data: Array.from(output.data) };
    }
    answers.push(answer);
  }
  console.log(JSON.stringify(answers));
}

main().catch(error => { console.error(error); process.exit(1); });
