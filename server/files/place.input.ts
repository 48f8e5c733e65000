import { registerEnumType } from "type-graphql";
import type { NameConflict } from "./place.js";

export const NameConflictEnum = {
  FAIL: "FAIL",
  RENAME: "RENAME",
  REPLACE: "REPLACE",
} as const satisfies { [C in NameConflict]: C };

registerEnumType(NameConflictEnum, {
  name: "NameConflict",
  description: "What happens when another file, or folder, has that name there, without regard to case.",
  valuesConfig: {
    FAIL: { description: "It is refused as CONFLICT." },
    RENAME: { description: "It gets a number: `a (2).txt`." },
    REPLACE: { description: "The other one is archived." },
  },
});

export const ON_FOLDER_CONFLICT = "What to do when another folder has that name there.";
export const ON_CONFLICT = "What to do when another file has that name there.";
