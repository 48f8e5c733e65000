import { expect, it } from "vitest";
import { buildQuery } from "./build-query.js";

const page = { first: 25, after: "cursor" };

it("asks for files with the filters that are filled in, in the order asked for", () => {
  const filter = { search: "report", state: ["FAILED", "LOST"], folderId: "" };

  const query = buildQuery("GET_LIST", "files", { filter, sort: { field: "size", order: "ASC" }, page });

  expect(query.variables).toEqual({
    where: { search: "report", state: ["FAILED", "LOST"] },
    orderBy: { field: "SIZE", direction: "ASC" },
    first: 25,
    after: "cursor",
  });
});

it("shows the newest files first when the order is not one the API knows", () => {
  const query = buildQuery("GET_LIST", "files", { filter: {}, sort: { field: "id", order: "DESC" }, page });

  expect(query.variables?.["orderBy"]).toEqual({ field: "CREATED_AT", direction: "DESC" });
});

it("asks for the files of a folder", () => {
  const query = buildQuery("GET_MANY_REFERENCE", "files", { filter: {}, target: "folderId", id: "f1", page });

  expect(query.variables?.["where"]).toEqual({ folderId: "f1" });
});

it("makes a folder at the top when it is given no parent", () => {
  const query = buildQuery("CREATE", "folders", { data: { name: "Photos", parentId: undefined } });

  expect(query.variables).toEqual({ input: { name: "Photos" } });
});

it("reads a connection as react-admin wants it", () => {
  const { parseResponse } = buildQuery("GET_LIST", "transfers", { filter: {}, page });
  const transfers = { nodes: [{ id: "t1" }], totalCount: 9, pageInfo: { hasNextPage: true, endCursor: "c" } };

  expect(parseResponse({ data: { transfers }, loading: false, networkStatus: 7 })).toEqual({
    data: [{ id: "t1" }],
    total: 9,
    pageInfo: { hasNextPage: true },
    meta: { endCursor: "c" },
  });
});

it("sends each operation as the first definition of its document, where ra-data-graphql looks for it", () => {
  for (const resource of ["files", "folders", "transfers"]) {
    const { query } = buildQuery("GET_LIST", resource, { filter: {}, page });
    expect(query.definitions[0]).toMatchObject({ kind: "OperationDefinition", operation: "query" });
  }
});

it("names what is missing", () => {
  expect(() => buildQuery("DELETE", "files", {})).toThrow('The console has no DELETE for "files".');
});
