import { invalidParameter } from "./google-error.js";

/** A partial-response selection: field -> what of it, or everything when undefined. */
export type Selection = Map<string, Selection | undefined>;

/** What a resource has: leaf fields are `true`. */
export interface Shape {
  [field: string]: Shape | true;
}

export const FILE_SHAPE: Shape = {
  kind: true,
  id: true,
  name: true,
  mimeType: true,
  parents: true,
  trashed: true,
  createdTime: true,
  modifiedTime: true,
  appProperties: true,
  size: true,
  md5Checksum: true,
  sha256Checksum: true,
};

export const LIST_SHAPE: Shape = {
  kind: true,
  nextPageToken: true,
  incompleteSearch: true,
  files: FILE_SHAPE,
};

export const ABOUT_SHAPE: Shape = {
  kind: true,
  user: { kind: true, displayName: true, emailAddress: true, me: true, permissionId: true },
  storageQuota: { limit: true, usage: true, usageInDrive: true, usageInDriveTrash: true },
  maxUploadSize: true,
};

/** Reads `a,b(c,d),e/f`, refusing what the resource does not have. `*` selects everything. */
export function parseFields(text: string, shape: Shape): Selection {
  const tokens = text.match(/[A-Za-z0-9_*]+|[(),/]/g) ?? [];
  const refuse = (what: string): Error => invalidParameter(`Invalid field selection ${what}`, "fields");
  if (tokens.join("") !== text.replaceAll(" ", "")) throw refuse(text);
  let at = 0;
  const list = (within: Shape): Selection => {
    const selection: Selection = new Map();
    do {
      const name = tokens[at++] ?? "";
      if (name === "*") for (const field of Object.keys(within)) selection.set(field, undefined);
      else selection.set(name, rest(name, Object.hasOwn(within, name) ? within[name] : undefined));
    } while (tokens[at] === "," && ++at > 0);
    return selection;
  };
  const rest = (name: string, inner: Shape | true | undefined): Selection | undefined => {
    if (inner === undefined) throw refuse(name);
    const opener = tokens[at];
    if (opener !== "(" && opener !== "/") return undefined;
    at++;
    if (inner === true) throw refuse(`${name}${opener}${tokens[at] ?? ""}`);
    if (opener === "/") {
      const child = tokens[at++] ?? "";
      if (child === "*") return undefined;
      return new Map([[child, rest(child, Object.hasOwn(inner, child) ? inner[child] : undefined)]]);
    }
    const selection = list(inner);
    if (tokens[at++] !== ")") throw refuse(text);
    return selection;
  };
  const selection = list(shape);
  if (at !== tokens.length) throw refuse(text);
  return selection;
}

/** Leaves of a resource only what was selected. */
export function select(resource: object, selection: Selection): object {
  const kept: [string, unknown][] = [];
  for (const [field, inner] of selection) {
    const value = (resource as Record<string, unknown>)[field];
    if (value === undefined) continue;
    if (inner === undefined) kept.push([field, value]);
    else if (Array.isArray(value)) kept.push([field, value.map((item: object) => select(item, inner))]);
    else kept.push([field, select(value as object, inner)]);
  }
  return Object.fromEntries(kept);
}
