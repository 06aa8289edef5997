// Publishes one plain CloudEvent `action-proposed` for demo/noop and prints the decision and the
// execution that come back. Nothing of Countersign's is in here: kafkajs and the contract, no more.
//
//   npm ci && KAFKA=localhost:9092 node propose.mjs
//
// Exit 0: executed; 1: answered with a no, or it failed; 2: no answer within the time.
import {randomUUID} from 'node:crypto';
import {Kafka, logLevel} from 'kafkajs';

const broker = process.env.KAFKA ?? 'localhost:9092';
const patienceMs = Number(process.env.PATIENCE_SECONDS ?? 30) * 1000;
const actionId = process.env.ACTION_ID ?? randomUUID();

const kafka = new Kafka({clientId: 'acme-agents', brokers: broker.split(','), logLevel: logLevel.ERROR});
const producer = kafka.producer();
// One group for the platform, which keeps its name: what is answered while nobody reads is read at the next start. Whoever of a
// platform reads an answer keeps it for the agent that waits; this one has one agent, so that two at once need two groups.
const consumer = kafka.consumer({groupId: process.env.GROUP ?? 'acme-agents'});
let answered;
const answer = new Promise((resolve) => (answered = resolve));

// Read before writing: an answer that comes fast is not missed. A group that is new begins with what is there.
await consumer.connect();
await consumer.subscribe({topics: ['decision', 'expired', 'execution'], fromBeginning: true});
const listening = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
await consumer.run({
  eachMessage: async ({topic, message}) => {
    if (message.key?.toString() !== actionId) {
      return; // somebody else's
    }
    const event = JSON.parse(message.value.toString());
    console.log(JSON.stringify({topic, type: message.headers.ce_type?.toString(), event}));
    if (topic === 'execution') {
      answered(event.status === 'succeeded' ? 0 : 1);
    } else if (topic === 'expired' || event.outcome !== 'approved') {
      answered(1);
    }
  },
});
await listening;

await producer.connect();
await producer.send({
  topic: 'action-proposed',
  messages: [
    {
      key: actionId,
      headers: {
        ce_specversion: '1.0',
        ce_id: randomUUID(),
        ce_source: 'urn:acme:agents',
        ce_type: 'countersign.action-proposed.v1',
        ce_subject: actionId,
        'content-type': 'application/json',
      },
      value: JSON.stringify({
        actionId,
        agent: {id: 'stock-client', platform: 'acme-agents'},
        tool: {toolset: 'demo', name: 'noop'},
        parameters: {note: 'hello from node'},
        intent: {summary: 'See that the gate answers'},
      }),
    },
  ],
});
console.log(JSON.stringify({topic: 'action-proposed', actionId}));

let timer;
const timeout = new Promise((resolve) => (timer = setTimeout(() => resolve(2), patienceMs)));
const code = await Promise.race([answer, timeout]);
clearTimeout(timer);
if (code === 2) {
  console.error(`no answer about ${actionId} within ${patienceMs / 1000} s`);
}
await Promise.allSettled([producer.disconnect(), consumer.disconnect()]);
process.exit(code);
