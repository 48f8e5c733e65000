import buildGraphQLProvider from "ra-data-graphql";
import type { DataProvider, GetListParams, GetListResult, GetManyReferenceParams } from "react-admin";
import { OwnUsageDocument } from "../account/usage.documents.js";
import { archiveCalls } from "../archives/archive.calls.js";
import { countsOf, CountsDocument } from "../dashboard/counts.js";
import { StatsDocument } from "../dashboard/statistics.documents.js";
import { CreateZipLinkDocument, DownloadUrlDocument, PreviewDocument } from "../files/file.queries.js";
import { controlTransfer } from "./transfer-control.js";
import { RevokeShareDocument } from "../shares/share.queries.js";
import { buildQuery } from "./build-query.js";
import { readableError } from "./errors.js";
import { client } from "./graphql-client.js";
import { PageCursors } from "./page-cursors.js";

const MAX_PAGE = 100;
const cursors = new PageCursors();

// `introspection: false`: our buildQuery knows the schema from its generated types.
const base = buildGraphQLProvider({
  client,
  introspection: false,
  buildQuery: () => buildQuery,
  query: () => ({ fetchPolicy: "no-cache" }),
});

type ListMethod = "getList" | "getManyReference";

/** Turns react-admin's page number into a cursor, walking over pages that nobody has seen yet. */
async function getPage(method: ListMethod, resource: string, params: GetListParams | GetManyReferenceParams) {
  const { page, perPage } = params.pagination ?? { page: 1, perPage: 25 };
  const list = JSON.stringify([
    resource,
    { ...params, pagination: undefined, signal: undefined, meta: undefined },
  ]);
  const wanted = (page - 1) * perPage;

  const fetchAfter = async (
    at: { offset: number; cursor?: string },
    first: number,
  ): Promise<GetListResult> => {
    const window = {
      first,
      ...(at.cursor !== undefined && { after: at.cursor }),
    };
    const result = (await base[method](resource, {
      ...params,
      page: window,
    } as never)) as GetListResult;
    const { endCursor } = result.meta as { endCursor?: string };
    if (endCursor !== undefined) cursors.learn(list, at.offset + result.data.length, endCursor);
    return result;
  };

  let at = cursors.nearest(list, wanted);
  while (at.offset < wanted) {
    const { data, total } = await fetchAfter(at, Math.min(MAX_PAGE, wanted - at.offset));
    const next = cursors.nearest(list, wanted);
    if (data.length === 0 || next.offset <= at.offset)
      return { data: [], ...(total !== undefined && { total }) };
    at = next;
  }
  const result = await fetchAfter(at, perPage);
  // The API need not know what lies before a cursor; the page number tells.
  return {
    ...result,
    pageInfo: { ...result.pageInfo, hasPreviousPage: page > 1 },
  };
}

export const dataProvider = readable({
  ...base,
  getList: (resource: string, params: GetListParams) => getPage("getList", resource, params),
  getManyReference: (resource: string, params: GetManyReferenceParams) =>
    getPage("getManyReference", resource, params),
  getMany: async (resource: string, { ids }: { ids: unknown[] }) => {
    const records = await Promise.all(ids.map((id) => base.getOne(resource, { id } as never)));
    return { data: records.map(({ data }: { data: unknown }) => data) };
  },

  controlTransfer,
  ...archiveCalls,

  /** An address that works for 15 minutes without a header, so it is asked for when it is needed. */
  downloadUrl: async (id: string) => {
    const { data } = await client.query({
      query: DownloadUrlDocument,
      variables: { id },
    });
    return data.file.downloadUrl;
  },

  /** How to look at a file; its link is as short-lived. */
  previewOf: async (id: string) => {
    const { data } = await client.query({
      query: PreviewDocument,
      variables: { id },
    });
    return data.file.preview;
  },

  /** A link to a folder, or to several files, as one zip. */
  zipLink: async (what: { folderId: string } | { ids: string[] }) => {
    const { data } = await client.mutate({
      mutation: CreateZipLinkDocument,
      variables: what,
    });
    if (!data) throw new Error("The server gave no link. Try again.");
    return data.createZipLink;
  },

  /** Ends a share link. */
  revokeShare: (id: string) => client.mutate({ mutation: RevokeShareDocument, variables: { id } }),

  countFiles: async () => countsOf((await client.query({ query: CountsDocument })).data),

  /** What happened on the last days, and what takes the room; for administrators. */
  statistics: async (days: number) =>
    (await client.query({ query: StatsDocument, variables: { days } })).data.stats,

  /** What the viewer keeps, and may keep. */
  ownUsage: async () => (await client.query({ query: OwnUsageDocument })).data.me,
});

export type ConsoleDataProvider = typeof dataProvider;

/** Every method of the provider, with its failures as HttpErrors that say what happened. */
function readable<T extends Record<string, unknown>>(provider: T): T & DataProvider {
  const wrapped = Object.entries(provider).map(([name, member]) => {
    if (typeof member !== "function") return [name, member] as const;
    const call = member as (...args: unknown[]) => Promise<unknown>;
    const guarded = async (...args: unknown[]) => {
      try {
        return await call(...args);
      } catch (error) {
        throw readableError(error);
      }
    };
    return [name, guarded] as const;
  });
  return Object.fromEntries(wrapped) as T & DataProvider;
}
