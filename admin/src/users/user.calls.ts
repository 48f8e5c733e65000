import { graphql } from "../generated/gql.js";
import type {
  CreateUserInput,
  InvitesQuery,
  InviteUserInput,
  UpdateUserInput,
  UserQuotaInput,
} from "../generated/graphql.js";
import { change, fetchData } from "../providers/calls.js";
import { definedOnly } from "../providers/resource-queries.js";
import type { UserDetails, UserRow } from "./user.queries.js";

const CreateUserDocument = graphql(`
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      user {
        id
      }
      link {
        url
        expiresAt
      }
    }
  }
`);

const UpdateUserDocument = graphql(`
  mutation UpdateUser($id: ID!, $input: UpdateUserInput!, $seen: SeenUserInput) {
    updateUser(id: $id, input: $input, seen: $seen) {
      ...UserRow
    }
  }
`);

const SetUserQuotaDocument = graphql(`
  mutation SetUserQuota($id: ID!, $input: UserQuotaInput!, $seen: SeenQuotaInput) {
    setUserQuota(id: $id, input: $input, seen: $seen) {
      id
    }
  }
`);

const StartPasswordResetDocument = graphql(`
  mutation StartPasswordReset($userId: ID!) {
    startPasswordReset(userId: $userId) {
      url
      expiresAt
    }
  }
`);

const InviteUserDocument = graphql(`
  mutation InviteUser($input: InviteUserInput!) {
    inviteUser(input: $input) {
      link
      expiresAt
    }
  }
`);

const InvitesDocument = graphql(`
  query Invites {
    invites {
      id
      email
      role
      createdAt
      expiresAt
    }
  }
`);

const RevokeInviteDocument = graphql(`
  mutation RevokeInvite($email: String!) {
    revokeInvite(email: $email)
  }
`);

export type InviteRow = InvitesQuery["invites"][number];

/** A link that was mailed, or that somebody must hand over because no mail server carries it. */
export interface SentLink {
  url: string | undefined;
  expiresAt: string;
}

/** Makes an account whose owner chooses the password through the link. */
export async function createUser(input: CreateUserInput): Promise<SentLink> {
  const { createUser: made } = await change(CreateUserDocument, { input });
  return { url: made.link.url ?? undefined, expiresAt: made.link.expiresAt };
}

export async function inviteUser(input: InviteUserInput): Promise<SentLink> {
  const { inviteUser: sent } = await change(InviteUserDocument, { input });
  return { url: sent.link ?? undefined, expiresAt: sent.expiresAt };
}

export async function startPasswordReset(userId: string): Promise<SentLink> {
  const { startPasswordReset: link } = await change(StartPasswordResetDocument, { userId });
  return { url: link.url ?? undefined, expiresAt: link.expiresAt };
}

/** Changes an account that still looks as it was seen; otherwise the failure says what is different. */
export function updateUser({ id, username, email, role }: UserRow, input: UpdateUserInput) {
  return change(UpdateUserDocument, { id, input, seen: { username, email, role } });
}

/**
 * Limits of its own; null gives the role's number back. Of an account whose limits are as they were seen; otherwise the
 * failure says what is different.
 */
export const setUserQuota = ({ id, ownQuota }: UserDetails, input: UserQuotaInput) => {
  const { bytes, files, fileBytes, transfers } = ownQuota;
  return change(SetUserQuotaDocument, {
    id,
    input,
    seen: definedOnly({ bytes, files, fileBytes, transfers }),
  });
};

/** Invitations that can still be accepted, the newest first. */
export async function invites(): Promise<InviteRow[]> {
  return (await fetchData(InvitesDocument, {})).invites;
}

export const revokeInvite = (email: string) => change(RevokeInviteDocument, { email });
