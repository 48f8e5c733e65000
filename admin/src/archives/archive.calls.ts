import { graphql } from "../generated/gql.js";
import { client } from "../providers/graphql-client.js";
import type { ThingKind } from "./archive.queries.js";

const ARCHIVE = {
  file: graphql(`
    mutation ArchiveFiles($ids: [ID!]!) {
      archiveFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation ArchiveFolders($ids: [ID!]!) {
      archiveFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation ArchiveUsers($ids: [ID!]!) {
      archiveUsers(ids: $ids) {
        id
      }
    }
  `),
};

const RESTORE = {
  file: graphql(`
    mutation RestoreFiles($ids: [ID!]!) {
      restoreFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation RestoreFolders($ids: [ID!]!) {
      restoreFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation RestoreUsers($ids: [ID!]!) {
      restoreUsers(ids: $ids) {
        id
      }
    }
  `),
};

const PURGE = {
  file: graphql(`
    mutation PurgeFiles($ids: [ID!]!) {
      purgeFiles(ids: $ids) {
        id
      }
    }
  `),
  folder: graphql(`
    mutation PurgeFolders($ids: [ID!]!) {
      purgeFolders(ids: $ids) {
        id
      }
    }
  `),
  user: graphql(`
    mutation PurgeUsers($ids: [ID!]!, $handOverTo: ID) {
      purgeUsers(ids: $ids, handOverTo: $handOverTo) {
        id
      }
    }
  `),
};

/** What the data provider offers beside react-admin's own calls. */
export const archiveCalls = {
  archive: (kind: ThingKind, ids: readonly string[]) =>
    client.mutate({ mutation: ARCHIVE[kind], variables: { ids: [...ids] } }),
  restore: (kind: ThingKind, ids: readonly string[]) =>
    client.mutate({ mutation: RESTORE[kind], variables: { ids: [...ids] } }),
  /** @param handOverTo of users: who gets their files; absent: these are purged too */
  purge: (kind: ThingKind, ids: readonly string[], handOverTo?: string) =>
    kind === "user" && handOverTo !== undefined
      ? client.mutate({ mutation: PURGE.user, variables: { ids: [...ids], handOverTo } })
      : client.mutate({ mutation: PURGE[kind], variables: { ids: [...ids] } }),
};
