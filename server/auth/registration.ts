import { badInput } from "../kernel/errors.js";

/** Who may make an account: everybody, whoever an administrator asks in, nobody. */
export type RegistrationMode = "open" | "invite" | "closed";

/** @throws AppError BAD_USER_INPUT naming the consent that is missing, under the given path */
export function checkConsents(
  given: { acceptTerms: boolean; acceptPrivacy: boolean },
  ...under: string[]
): void {
  if (!given.acceptTerms) throw badInput("Accept the terms to register.", ...under, "acceptTerms");
  if (!given.acceptPrivacy)
    throw badInput("Accept the privacy notice to register.", ...under, "acceptPrivacy");
}
