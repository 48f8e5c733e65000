import {
  CancelTransferDocument,
  PauseTransferDocument,
  ResumeTransferDocument,
  RetryTransferDocument,
} from "../transfers/transfer.queries.js";
import type { TransferRow } from "../transfers/transfer.queries.js";
import type { TransferAction } from "../transfers/transfer-actions.js";
import { client } from "./graphql-client.js";

/** Does one of the four things to a transfer. Each answers the transfer as it stands afterwards. */
export async function controlTransfer(action: TransferAction, id: string): Promise<TransferRow> {
  const row = await ASK[action]({ id });
  if (row === undefined) throw new Error("The server did not say how the transfer stands. Look again.");
  return row;
}

type Ask = (variables: { id: string }) => Promise<TransferRow | undefined>;

const ASK: Readonly<Record<TransferAction, Ask>> = {
  async pause(variables) {
    return (await client.mutate({ mutation: PauseTransferDocument, variables })).data?.pauseTransfer;
  },
  async resume(variables) {
    return (await client.mutate({ mutation: ResumeTransferDocument, variables })).data?.resumeTransfer;
  },
  async retry(variables) {
    return (await client.mutate({ mutation: RetryTransferDocument, variables })).data?.retryTransfer;
  },
  async cancel(variables) {
    return (await client.mutate({ mutation: CancelTransferDocument, variables })).data?.cancelTransfer;
  },
};
