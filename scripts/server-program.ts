import path from "node:path";
import type { Program } from "./children.js";

/**
 * V8 adds the buffers of sockets to its heap and marks all of it whenever the sum has outgrown what the last collection
 * left, soon ten times a second: uploads then cost three times as much, from the first collection after a pause on.
 * The heap that it starts with is the least that it ever marks, so there must be room for those buffers (32 MB between
 * two cheap collections) above what the server keeps (64 MB).
 */
const NODE_FLAGS = ["--initial-old-space-size=160"];

/** The server as a process: the API, a worker, or both. */
export function serverProgram(role: "api" | "worker" | "all", env: Program["env"]): Program {
  return {
    name: "server",
    file: path.resolve(import.meta.dirname, "../server/main.js"),
    nodeFlags: NODE_FLAGS,
    args: [role, "--no-env-file"],
    env,
  };
}
