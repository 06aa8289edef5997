// Keeps a copy of the whole log from the topic `audit` and checks it against the checkpoints that stand there. Nothing
// of Countersign's is in here: kafkajs, node's own crypto, and RFC 6962.
//
//   npm ci && KAFKA=localhost:9092 VKEY="$(curl -s localhost:8085/vkey)" node copy.mjs
//
// Exit 0: every entry is there, in one tree whose checkpoints the log signed; 1: the first thing that is wrong.
import {createHash, createPublicKey, randomUUID, verify} from 'node:crypto';
import {Kafka, logLevel} from 'kafkajs';

const broker = process.env.KAFKA ?? 'localhost:9092';
const patienceMs = Number(process.env.PATIENCE_SECONDS ?? 30) * 1000;
// name+id+key, and base64 has pluses of its own.
const [name, , ...rest] = process.env.VKEY.trim().split('+');
const raw = Buffer.from(rest.join('+'), 'base64').subarray(1);
const key = createPublicKey({
  key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw]),
  format: 'der',
  type: 'spki',
});

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
const wrong = (sentence) => {
  console.error(sentence);
  process.exit(1);
};

// The topic from its beginning to where it ends now.
const kafka = new Kafka({clientId: 'compliance', brokers: broker.split(','), logLevel: logLevel.ERROR});
const admin = kafka.admin();
await admin.connect();
const ends = new Map((await admin.fetchTopicOffsets('audit')).map((it) => [it.partition, BigInt(it.high)]));
await admin.disconnect();
const entries = new Map();
const consumer = kafka.consumer({groupId: `compliance-${randomUUID()}`});
await consumer.connect();
await consumer.subscribe({topics: ['audit'], fromBeginning: true});
const missing = new Set([...ends].filter(([, high]) => high > 0n).map(([partition]) => partition));
await new Promise((resolve) => {
  if (missing.size === 0) {
    resolve();
  }
  consumer.run({
    eachMessage: async ({partition, message}) => {
      const event = JSON.parse(message.value.toString());
      // What the log sends again after a crash is the same entry under the same index.
      entries.set(event.index, event);
      if (BigInt(message.offset) + 1n >= ends.get(partition)) {
        missing.delete(partition);
        if (missing.size === 0) {
          resolve();
        }
      }
    },
  });
});

// The tree, as RFC 6962 has it: the hashes of the perfect subtrees so far, the largest first.
const subtrees = [];
let checkpoints = 0;
let proven = 0;
let index = 0;
const check = ({entry, leafHash, checkpoint}) => {
  // Canonical (RFC 8785) as it is published, and node keeps it so.
  let hash = sha256(Buffer.of(0), JSON.stringify(entry));
  if (`sha256:${hash.toString('hex')}` !== leafHash) {
    wrong(`entry ${index}: it is not the one that was hashed`);
  }
  for (let size = index; size % 2 === 1; size = (size - 1) / 2) {
    hash = sha256(Buffer.of(1), subtrees.pop(), hash);
  }
  subtrees.push(hash);
  if (checkpoint) {
    const [text, signatures] = checkpoint.split('\n\n');
    const [origin, size, root] = text.split('\n');
    const whole = subtrees.reduceRight((right, left) => sha256(Buffer.of(1), left, right));
    if (origin !== name || Number(size) !== index + 1 || root !== whole.toString('base64')) {
      wrong(`entry ${index}: the checkpoint after it is of another tree`);
    }
    const line = signatures.split('\n').find((it) => it.startsWith(`\u2014 ${name} `));
    const signature = Buffer.from(line?.split(' ')[2] ?? '', 'base64').subarray(4);
    if (!verify(null, Buffer.from(`${text}\n`), key, signature)) {
      wrong(`entry ${index}: the checkpoint after it is not signed by the log`);
    }
    checkpoints++;
    proven = index + 1;
  }
};
// Partitions are read one after the other: what belongs between two entries may come a moment later.
const wanted = Math.max(-1, ...entries.keys()) + 1;
const until = Date.now() + patienceMs;
while (proven < wanted) {
  for (; entries.has(index); index++) {
    check(entries.get(index));
  }
  if (proven < wanted) {
    if (Date.now() > until) {
      wrong(`entry ${index}: ${entries.has(index) ? 'no checkpoint covers it' : 'it is missing'}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
await consumer.disconnect();
console.log(JSON.stringify({entries: proven, checkpoints}));
process.exit(0);
