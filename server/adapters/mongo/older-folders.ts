import { freeName } from "../../files/names.js";

interface OlderFolder {
  _id: string;
  name: string;
  ownerId: string;
  parentId?: string;
}

interface Places {
  oldestFirst(filter: object): AsyncIterable<OlderFolder>;
  isTaken(folder: OlderFolder, name: string): Promise<boolean>;
  /** @returns TAKEN when another folder has the place */
  place(filter: object, name: string): Promise<unknown>;
}

const IS_PLACELESS = {
  ...{ slot: { $exists: false }, purgingAt: { $exists: false } },
  $or: [{ archivedAt: { $exists: false } }, { archivedWith: { $exists: true } }],
};

/**
 * Gives the folders of an older version their places; of those that share a name all but the oldest get numbers. Safe to
 * repeat, and beside others.
 */
export async function placeOlderFolders(places: Places): Promise<void> {
  // First those whose own name is free: nobody gets a number that a folder behind it has as its name.
  for (const naming of ["own name", "number"] as const) {
    for await (const folder of places.oldestFirst(IS_PLACELESS)) {
      const { _id, name } = folder;
      const asRead = { _id, ...IS_PLACELESS, name };
      let wanted = name;
      while ((await places.place(asRead, wanted)) === "TAKEN" && naming === "number") {
        wanted = await freeName(name, (candidate) => places.isTaken(folder, candidate));
      }
    }
  }
}
