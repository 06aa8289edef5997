// An agent of the OpenAI Agents SDK whose tool goes through the gate.
import {Agent, tool} from '@openai/agents';
import {z} from 'zod';
import type {Answer, Countersign} from '../src/index.js';
import {guardedExecute} from '../src/openai-agents.js';

/** @param session names the run @param tell hears what the user should know while people are asked */
export function cleaner(gate: Countersign, session: string, tell: (answer: Answer) => void) {
  return new Agent({
    name: 'Cleaner',
    instructions: 'Delete what the user names, and pass on what say_to_user says.',
    tools: [
      tool({
        name: 'delete_files',
        description: 'Deletes files for good, once a person has approved where that is needed.',
        parameters: z.object({paths: z.array(z.string()).min(1)}),
        execute: guardedExecute(gate, 'files/delete_files', {session, tell}),
        // What is wrong with the call ends the run: the model must not take it for an answer.
        errorFunction: null,
      }),
    ],
  });
}
