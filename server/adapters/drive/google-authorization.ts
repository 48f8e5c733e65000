import { auth } from "@googleapis/drive";

import { unavailableUntilMended } from "../../kernel/errors.js";
import { refusalOf, interrupted, TryAgain } from "./drive-refusal.js";

export type OAuth2Client = InstanceType<typeof auth.OAuth2>;

/** For calls of the official client; they carry no file's bytes. */
const CALL_TIMEOUT_MS = 15_000;

/** Access tokens for Drive, renewed when they end or are refused. */
export class GoogleAuthorization {
  /** Authorizes calls of the official client; ask for `token` first, so that its failures are told apart. */
  readonly client: OAuth2Client;

  constructor(
    options: { clientId: string; clientSecret: string; tokenUrl: string },
    private readonly refreshToken: string,
    idleMs: number,
  ) {
    this.client = new auth.OAuth2({
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      endpoints: { oauth2TokenUrl: options.tokenUrl },
      // The client tries three times by itself.
      transporterOptions: { timeout: Math.min(idleMs, CALL_TIMEOUT_MS) },
    });
    this.client.setCredentials({ refresh_token: refreshToken });
  }

  /**
   * A token that is not known to be expired. Many callers share one renewal.
   * @throws TryAgain, or AppError UNAVAILABLE when Google wants a new authorization
   */
  async token(signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const fetched = this.client.getAccessToken().catch((error: unknown) => {
      throw tokenRefusal(error);
    });
    const { token } = await unlessAborted(fetched, signal);
    if (typeof token !== "string" || token === "") throw new TryAgain("no access token in the answer");
    return token;
  }

  /** Forgets a token the service refused, unless another caller has already replaced it. */
  forget(refused: string): void {
    if (this.client.credentials.access_token !== refused) return;
    this.client.setCredentials({ refresh_token: this.refreshToken });
  }
}

function tokenRefusal(error: unknown): Error {
  const response = (error as { response?: { status?: number; data?: { error?: unknown } } }).response;
  if (response?.status === undefined) return interrupted(error);
  const reason = response.data?.error;
  const said = new Error(`Google's token endpoint answered ${response.status}`);
  if (reason === "invalid_grant") {
    const what = "The Google authorization has expired or was revoked and must be renewed.";
    return unavailableUntilMended(what, "Set a new GDRIVE_REFRESH_TOKEN.", said);
  }
  if (reason === "invalid_client" || reason === "unauthorized_client") {
    const fix = "Check GDRIVE_CLIENT_ID and GDRIVE_CLIENT_SECRET.";
    return unavailableUntilMended("Google does not know this service.", fix, said);
  }
  return refusalOf(response.status, {}, undefined);
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
