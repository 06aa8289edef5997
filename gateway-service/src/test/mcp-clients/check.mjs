// Asks how an action stands, by its id alone: prints the answer as a line of JSON.
//   node check.mjs URL REVISION ACTION_ID
import {connect, say} from "./clients.mjs";

const [url, revision, actionId] = process.argv.slice(2);
const door = await connect(url, revision);
const result = await door.call("check_approval", {action_id: actionId});
say({isError: result.isError ?? false, ...result.structuredContent});
await door.close();
