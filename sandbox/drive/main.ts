import { runProgram } from "../program.js";
import { startDrive } from "./server.js";

await runProgram(
  ["port", "token-port", "data-dir", "limits", "client-id", "client-secret", "refresh-token"],
  async (values) => {
    const drive = await startDrive({
      port: Number(values.port ?? 0),
      limits: values.limits === "on",
      ...(values["token-port"] === undefined ? {} : { tokenPort: Number(values["token-port"]) }),
      ...(values["data-dir"] === undefined ? {} : { dataDir: values["data-dir"] }),
      ...(values["client-id"] === undefined ? {} : { clientId: values["client-id"] }),
      ...(values["client-secret"] === undefined ? {} : { clientSecret: values["client-secret"] }),
      ...(values["refresh-token"] === undefined ? {} : { refreshToken: values["refresh-token"] }),
    });
    const { url, tokenUrl, clientId, clientSecret, refreshToken } = drive;
    const announcement = { service: "drive", url, tokenUrl, clientId, clientSecret, refreshToken };
    return { announcement, close: () => drive.close() };
  },
);
