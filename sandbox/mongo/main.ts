import { runProgram } from "../program.js";
import { startMongo } from "./server.js";

await runProgram(["port", "data-dir"], async ({ port, "data-dir": dataDir }) => {
  const mongo = await startMongo({
    port: Number(port ?? 0),
    censusDir: process.env.MONGO_CENSUS,
    ...(dataDir === undefined ? {} : { dataDir }),
  });
  return { announcement: { service: "mongodb", uri: mongo.uri }, close: () => mongo.close() };
});
