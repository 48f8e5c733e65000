import { badInput, checkAll } from "../kernel/errors.js";
import { checkPassword } from "./password.js";
import { checkUsername } from "./user.js";

/** Who may make an account: everybody, whoever an administrator asks in, nobody. */
export type RegistrationMode = "open" | "invite" | "closed";

/** What whoever wants an account has to know first. */
export interface AccountTerms {
  registration: RegistrationMode;
  termsUrl: string | undefined;
  privacyUrl: string | undefined;
}

interface Filled {
  username: string;
  /** Not when it was given before. */
  email?: string;
  password: string;
  acceptTerms: boolean;
  acceptPrivacy: boolean;
}

/**
 * Checks what somebody filled in to get an account.
 * @param under the path of the fields in errors
 * @param more further checks of the same form
 * @throws AppError BAD_USER_INPUT naming every field at fault
 */
export function checkRegistration<C extends Record<string, () => unknown>>(
  given: Filled,
  under: readonly string[],
  more: C,
) {
  return checkAll({
    username: () => checkUsername(given.username, ...under, "username"),
    ...more,
    password: () => checkPassword(given.password, given, ...under, "password"),
    acceptTerms: () => {
      if (!given.acceptTerms) throw badInput("Accept the terms to register.", ...under, "acceptTerms");
    },
    acceptPrivacy: () => {
      if (!given.acceptPrivacy)
        throw badInput("Accept the privacy notice to register.", ...under, "acceptPrivacy");
    },
  });
}
