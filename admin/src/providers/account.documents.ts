import { graphql } from "../generated/gql.js";

export const ServiceDocument = graphql(`
  query Service {
    service {
      registration
      termsUrl
      privacyUrl
      anonymousUploads {
        days
        fileBytes
      }
    }
  }
`);

export const SessionsDocument = graphql(`
  query Sessions {
    sessions {
      id
      device
      address
      createdAt
      lastUsedAt
      isCurrent
    }
  }
`);

export const RevokeSessionDocument = graphql(`
  mutation RevokeSession($id: ID!) {
    revokeSession(id: $id)
  }
`);

export const RevokeOtherSessionsDocument = graphql(`
  mutation RevokeOtherSessions {
    revokeOtherSessions
  }
`);

export const ChangePasswordDocument = graphql(`
  mutation ChangePassword($current: String!, $new: String!) {
    changePassword(current: $current, new: $new)
  }
`);

export const ChangeUsernameDocument = graphql(`
  mutation ChangeUsername($username: String!) {
    changeUsername(username: $username) {
      id
      username
    }
  }
`);

export const ChangeEmailDocument = graphql(`
  mutation ChangeEmail($password: String!, $email: String!) {
    changeEmail(password: $password, email: $email)
  }
`);

export const ConfirmEmailDocument = graphql(`
  mutation ConfirmEmail($token: String!) {
    confirmEmail(token: $token)
  }
`);

export const DeleteAccountDocument = graphql(`
  mutation DeleteAccount($password: String!) {
    deleteAccount(password: $password)
  }
`);

export const AcceptInviteDocument = graphql(`
  mutation AcceptInvite(
    $token: String!
    $username: String!
    $password: String!
    $acceptTerms: Boolean!
    $acceptPrivacy: Boolean!
  ) {
    acceptInvite(
      token: $token
      username: $username
      password: $password
      acceptTerms: $acceptTerms
      acceptPrivacy: $acceptPrivacy
    ) {
      accessToken
      refreshToken
      expiresAt
    }
  }
`);
