import type { Collection, Connection } from "mongoose";
import { emailKey, usernameKey } from "../../auth/user.js";
import type { SearchSubjects } from "../../files/files.ports.js";
import { nameKey } from "../../files/names.js";
import { termsOf } from "../../files/words.js";
import { beginning } from "./beginning.js";
import { usersOf } from "./user-lists.js";

type Named = Collection<{ _id: string }>;

export class MongoSearchSubjects implements SearchSubjects {
  private readonly users: Named;
  private readonly folderNames: Named;

  constructor(connection: Connection) {
    this.users = connection.collection("users");
    this.folderNames = connection.collection("folders");
  }

  owners(search: string, most: number): Promise<string[]> {
    return fewOf(this.users, most, {
      alike: [false, true].map((archived) => usersOf({ search, archived })),
      exactly: [{ usernameKey: usernameKey(search.trim()) }, { emailKey: emailKey(search.trim()) }],
    });
  }

  folders(search: string, most: number): Promise<string[]> {
    const terms = termsOf(search);
    if (terms.length === 0) return Promise.resolve([]);
    return fewOf(this.folderNames, most, {
      alike: [{ $and: terms.map((term) => ({ words: beginning(term) })) }],
      exactly: [{ $and: [...terms.map((term) => ({ words: term })), { nameKey: nameKey(search.trim()) }] }],
    });
  }
}

/** What each of several queries finds; where that is too much, what the exact ones find. */
async function fewOf(
  collection: Named,
  most: number,
  queries: { alike: readonly object[]; exactly: readonly object[] },
): Promise<string[]> {
  const ids = async (all: readonly object[], limit: number): Promise<string[]> => {
    const found = await Promise.all(
      all.map((query) => collection.find(query, { projection: { _id: 1 }, limit }).toArray()),
    );
    return [...new Set(found.flat().map(({ _id }) => _id))];
  };
  const alike = await ids(queries.alike, most + 1);
  return alike.length <= most ? alike : (await ids(queries.exactly, most)).slice(0, most);
}
