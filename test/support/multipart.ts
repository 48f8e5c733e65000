/** A GraphQL multipart request by hand, so that a test can break it. */
export interface MultipartFile {
  field: string;
  filename: string;
  type?: string;
  bytes: Buffer | string;
}

export const BOUNDARY = "----boundaryOfTheTests";
export const MULTIPART_HEADERS = {
  "content-type": `multipart/form-data; boundary=${BOUNDARY}`,
  "apollo-require-preflight": "1",
};

export function multipart(operations: unknown, map: unknown, files: readonly MultipartFile[]): Buffer {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const pieces: (Buffer | string)[] = [];
  const field = (name: string, value: unknown): void => {
    pieces.push(`--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text(value)}\r\n`);
  };
  if (operations !== undefined) field("operations", operations);
  if (map !== undefined) field("map", map);
  for (const file of files) {
    pieces.push(
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${file.field}"; filename="${file.filename}"\r\n` +
        `Content-Type: ${file.type ?? "application/octet-stream"}\r\n\r\n`,
    );
    pieces.push(file.bytes, "\r\n");
  }
  pieces.push(`--${BOUNDARY}--\r\n`);
  return Buffer.concat(pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));
}
