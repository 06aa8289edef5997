// Requests an approval and waits for the answer, as an agent does: prints each answer as a line of JSON.
//   node request.mjs URL REVISION KEY [CALL as JSON]
import {connect, say} from "./clients.mjs";

const [url, revision, key, call] = process.argv.slice(2);
const wanted = call
  ? JSON.parse(call)
  : {toolset: "payments", tool: "wire_transfer", parameters: {amount: "250.00", currency: "EUR"}};
const door = await connect(url, revision);
say({tools: door.tools.map((each) => each.name)});
let result = await door.call("request_approval", {
  ...wanted,
  reason: "due today",
  idempotency_key: key,
  session: `run-${key}`,
});
const answer = () => ({isError: result.isError ?? false, ...result.structuredContent});
say(answer());
// Until people have answered: what comes of a yes is the next question.
while (["received", "waiting", "unreachable"].includes(answer().status)) {
  result = await door.call("check_approval", {action_id: answer().action_id, wait_seconds: 45});
  say(answer());
}
await door.close();
