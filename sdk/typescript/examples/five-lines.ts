// A tool that the executor runs. With `./countersign up` running: npm run build && node dist/examples/five-lines.js
import {Countersign, requireSucceeded} from '../src/index.js';

const gate = new Countersign({gateway: process.env['GATEWAY'] ?? 'http://localhost:8080', agent: {id: 'cleaner'}});
const answer = await gate.guard('files/delete_files', {paths: ['reports/old-1.csv']}, {key: process.argv[2] ?? 'run-1'});
console.log(answer.sayToUser);
requireSucceeded(answer);
