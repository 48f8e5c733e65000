import { graphql } from "../generated/gql.js";
import type { OwnUsageQuery } from "../generated/graphql.js";

export type Usage = OwnUsageQuery["me"];

export const OwnUsageDocument = graphql(`
  query OwnUsage {
    me {
      id
      bytesUsed
      fileCount
      bytesReserved
      quota {
        bytes
        files
        fileBytes
        transfers
      }
    }
  }
`);
