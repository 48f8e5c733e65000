/**
 * Operations that need no sign-in, each with its reason. Every other operation must carry `@auth`.
 * To add one: `"Mutation.name": "why nobody needs to be signed in for it",`
 */
export const PUBLIC_OPERATIONS: Readonly<Record<string, string>> = {
  "Mutation.register": "makes the account that one signs in to",
  "Mutation.login": "is how one signs in",
  "Mutation.refreshSession": "is asked when the access token has expired; the refresh token is the proof",
  "Mutation.requestPasswordReset": "is for those who cannot sign in; the answer is the same for everybody",
  "Mutation.acceptInvite": "makes the account that one signs in to; the mailed token is the proof",
  "Mutation.confirmEmail": "may be followed on another device; the mailed token is the proof",
  "Mutation.uploadFile":
    "drops a file where ANONYMOUS_UPLOADS allows it, and is refused by the service elsewhere",
  "Mutation.uploadFiles":
    "drops a folder where ANONYMOUS_UPLOADS allows it, and is refused by the service elsewhere",
  "Query.service": "says before sign-in whether there is a way to register",
  "Mutation.resetPassword": "is for those who cannot sign in; the mailed token is the proof",
};
