import "reflect-metadata";
import { buildTelestashSchema, printTelestashSchema } from "../server/http/schema.js";
import { resolverTypes } from "./resolver-types.js";

const schema = await buildTelestashSchema((await resolverTypes()).map((type) => ({ type })));
process.stdout.write(printTelestashSchema(schema));
