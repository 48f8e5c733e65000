import type { BuildQuery } from "ra-data-graphql";
import { auditQueries } from "../audit/audit.queries.js";
import {
  archivedFileQueries,
  archivedFolderQueries,
  purgedMessageQueries,
  purgeQueries,
} from "../archives/archive.queries.js";
import { fileQueries } from "../files/file.queries.js";
import { folderQueries } from "../folders/folder.queries.js";
import { runQueries, runResultQueries } from "../runs/run.queries.js";
import { shareAccessQueries, shareQueries } from "../shares/share.queries.js";
import { transferQueries } from "../transfers/transfer.queries.js";
import { userQueries } from "../users/user.queries.js";
import type { ResourceQueries } from "./resource-queries.js";

const RESOURCES: Record<string, ResourceQueries> = {
  files: fileQueries,
  folders: folderQueries,
  transfers: transferQueries,
  shares: shareQueries,
  "share-accesses": shareAccessQueries,
  users: userQueries,
  audit: auditQueries,
  archivedFiles: archivedFileQueries,
  archivedFolders: archivedFolderQueries,
  purges: purgeQueries,
  purgedMessages: purgedMessageQueries,
  runs: runQueries,
  runResults: runResultQueries,
};

/** Says which GraphQL operation answers a react-admin call. */
export const buildQuery: BuildQuery = (method, resource, params) => {
  const queries = RESOURCES[resource] as Record<string, BuildQueryOf | undefined> | undefined;
  const build = queries?.[method];
  if (!build) throw new Error(`The console has no ${method} for "${resource}".`);
  return build(params);
};

type BuildQueryOf = (params: unknown) => ReturnType<BuildQuery>;
