/** MongoDB's own names for the error codes that this server answers with. */
const NAMES: Readonly<Record<number, string>> = {
  1: "InternalError",
  2: "BadValue",
  9: "FailedToParse",
  14: "TypeMismatch",
  20: "IllegalOperation",
  21: "InvalidLength",
  26: "NamespaceNotFound",
  27: "IndexNotFound",
  28: "PathNotViable",
  40: "ConflictingUpdateOperators",
  43: "CursorNotFound",
  52: "DollarPrefixedFieldName",
  53: "InvalidIdField",
  56: "EmptyFieldName",
  59: "CommandNotFound",
  66: "ImmutableField",
  67: "CannotCreateIndex",
  72: "InvalidOptions",
  73: "InvalidNamespace",
  85: "IndexOptionsConflict",
  86: "IndexKeySpecsConflict",
  168: "InvalidPipelineOperator",
  171: "CannotIndexParallelArrays",
  197: "InvalidIndexSpecificationOption",
  238: "NotImplemented",
  10334: "BSONObjectTooLarge",
  11000: "DuplicateKey",
  40415: "IDLUnknownField",
};

/**
 * A refusal as MongoDB words it: the code, and for some codes more fields of the reply
 * (https://www.mongodb.com/docs/manual/reference/error-codes/).
 */
export class MongoError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  get codeName(): string {
    return NAMES[this.code] ?? `Location${this.code}`;
  }
}

export const badValue = (message: string): MongoError => new MongoError(2, message);
export const failedToParse = (message: string): MongoError => new MongoError(9, message);
export const typeMismatch = (message: string): MongoError => new MongoError(14, message);

/** Refuses something that MongoDB knows and this server does not. */
export const notImplemented = (what: string): MongoError =>
  new MongoError(238, `${what} is not implemented by the sandbox database`);
