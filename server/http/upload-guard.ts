import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable, Writable } from "node:stream";
import { processRequest, Upload } from "graphql-upload-minimal";
import type { FileUpload } from "graphql-upload-minimal";
import { AppError, badInput } from "../kernel/errors.js";
import { appErrorOf } from "./format-error.js";
import { BodyGate } from "./body-gate.js";
import { IncomingBody, refuseCutOff } from "./incoming-body.js";

const MAX_FIELD_BYTES = 1024 * 1024;
const MAX_FILES = 1_000;
/** A file that the operation does not take holds up those behind it; after this it is dropped. */
const UNTAKEN_MS = 30_000;

type FileListener = (field: string | undefined, file: Readable, info: object) => void;

/**
 * Reads a GraphQL multipart request up to its first file and returns the operation; the files stream behind it.
 *
 * graphql-upload-minimal 1.6.4 alone would let one malformed body end the process: it destroys its parser on an error,
 * which emits a second one that nobody hears. It also never settles a file over the limit, and stops reading when one
 * file of several is given up. So the parser gets a listener for good, and each file passes through an IncomingBody.
 * @throws AppError BAD_USER_INPUT for a body that breaks the multipart or GraphQL upload rules
 */
export async function readMultipart(
  request: IncomingMessage,
  response: ServerResponse,
  maxFileBytes: number,
): Promise<unknown> {
  refuseCutOff(request);
  const seen = guardParser(request, maxFileBytes);
  try {
    const limits = { maxFieldSize: MAX_FIELD_BYTES, maxFiles: MAX_FILES };
    const operation = await processRequest(request, response, limits);
    if (seen.fileUsedTwice) {
      throw badInput("One uploaded file may fill one variable only. Send it twice, or use it once.");
    }
    return withOurErrors(operation);
  } catch (error) {
    throw appErrorOf(error) ?? parserFault(error);
  }
}

function guardParser(request: IncomingMessage, maxFileBytes: number): { fileUsedTwice: boolean } {
  const seen = { fileUsedTwice: false };
  const pipe = request.pipe.bind(request);
  request.pipe = function piped<T extends NodeJS.WritableStream>(target: T): T {
    request.pipe = pipe;
    const parser = target as unknown as Writable;
    const gate = new BodyGate(request, parser);
    parser.on("error", () => undefined);
    for (const deliver of parser.listeners("file") as FileListener[]) {
      parser.removeListener("file", deliver);
      parser.on("file", (field: string | undefined, file: Readable, info: object) => {
        const body = guardedFile(file, maxFileBytes);
        gate.add(body);
        deliver(field, body, info);
      });
    }
    parser.on("field", (name: string, value: string) => {
      if (name === "map") seen.fileUsedTwice ||= usesFileTwice(value);
    });
    return pipe(target);
  };
  return seen;
}

/** A file that never comes is told in the library's words, but as an error of ours. One that is opened is taken. */
function withOurErrors(value: unknown): unknown {
  if (value instanceof Upload) {
    value.promise = value.promise.then(takenWhenOpened, (error: unknown) => {
      throw appErrorOf(error) ?? parserFault(error);
    });
    value.promise.catch(() => undefined);
  } else if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(withOurErrors);
  }
  return value;
}

function takenWhenOpened(upload: FileUpload): FileUpload {
  return {
    ...upload,
    createReadStream: () => {
      const body = upload.createReadStream();
      if (body instanceof IncomingBody) body.isTaken = true;
      return body;
    },
  };
}

function guardedFile(file: Readable, maxFileBytes: number): IncomingBody {
  const body = new IncomingBody(file, maxFileBytes);
  const timer = setTimeout(() => {
    if (!body.isTaken) body.destroy(badInput("The operation does not use this file."));
  }, UNTAKEN_MS);
  timer.unref();
  body.once("close", () => clearTimeout(timer));
  return body;
}

function usesFileTwice(map: string): boolean {
  try {
    const paths = Object.values(JSON.parse(map) as Record<string, unknown>);
    return paths.some((path) => Array.isArray(path) && path.length > 1);
  } catch {
    // Not JSON: the library says so, with the words of the specification.
    return false;
  }
}

function parserFault(error: unknown): AppError {
  const what = error instanceof Error ? error.message.replace(/\.$/, "") : "it is malformed";
  return new AppError(
    "BAD_USER_INPUT",
    `The multipart body cannot be used: ${what}. Send it again, whole.`,
    {},
    { cause: error },
  );
}
