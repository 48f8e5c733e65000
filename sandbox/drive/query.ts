import { GoogleError } from "./google-error.js";
import type { DriveFile } from "./store.js";

type Matches = (file: DriveFile) => boolean;

const TEXT = String.raw`'((?:[^'\\]|\\.)*)'`;
const TERMS: readonly [RegExp, (rootId: string, ...parts: string[]) => Matches][] = [
  [new RegExp(`^name\\s*=\\s*${TEXT}`), (_root, name) => (file) => file.name === name],
  [new RegExp(`^mimeType\\s*=\\s*${TEXT}`), (_root, type) => (file) => file.mimeType === type],
  [
    new RegExp(`^${TEXT}\\s+in\\s+parents`),
    (root, id = "") =>
      (file) =>
        file.parents.includes(id === "root" ? root : id),
  ],
  [/^trashed\s*=\s*(true|false)/, (_root, trashed) => (file) => file.trashed === (trashed === "true")],
  [
    new RegExp(`^appProperties\\s+has\\s+\\{\\s*key\\s*=\\s*${TEXT}\\s+and\\s+value\\s*=\\s*${TEXT}\\s*\\}`),
    (_root, key = "", value) =>
      (file) =>
        file.appProperties?.[key] === value,
  ],
];

/**
 * Reads the part of Drive's search language that is offered here: name, mimeType, parents, trashed and
 * appProperties, joined by `and`.
 * @throws GoogleError for everything else, as Drive does for what it does not understand
 */
export function parseQuery(text: string, rootId: string): Matches {
  const terms: Matches[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const found = TERMS.map(([pattern, build]) => ({ match: pattern.exec(rest), build })).find(
      ({ match }) => match,
    );
    if (found?.match == null) throw invalidQuery();
    terms.push(found.build(rootId, ...found.match.slice(1).map((part) => part.replace(/\\(.)/g, "$1"))));
    rest = rest.slice(found.match[0].length);
    const joint = /^\s+and\s+(?=\S)|^\s*$/.exec(rest);
    if (joint === null) throw invalidQuery();
    rest = rest.slice(joint[0].length);
  }
  return (file) => terms.every((matches) => matches(file));
}

function invalidQuery(): GoogleError {
  return new GoogleError(400, "invalid", "Invalid Value", { location: "q" });
}
