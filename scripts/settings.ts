/** Families of variables that only Telestash reads. */
const FAMILIES = /^(TELEGRAM|GDRIVE|GOOGLE|MAIL|MONGODB|ATLAS|QUOTA|SANDBOX|ANONYMOUS|ADMIN)_/;

const NAMES = new Set([
  "NODE_ENV",
  "PORT",
  "HOST",
  "TRUST_PROXY",
  "DATA_DIR",
  "PUBLIC_URL",
  "FRONTEND_URL",
  "REDIS_URL",
  "ALLOW_SANDBOX_DATABASE",
  "JWT_SECRET_KEY",
  "FLASK_SECRET_KEY",
  "PASSWORD_RESET_TOKEN_MAX_AGE",
  "RATE_LIMIT_SCALE",
  "REGISTRATION",
  "TERMS_URL",
  "PRIVACY_URL",
  "MAX_FILE_BYTES",
  "RETENTION_DAYS",
  "ENCRYPTION_KEY",
  "LOG_LEVEL",
  "READY_FILE",
]);

/** Whether a variable configures Telestash: tests and the demo must not see how somebody runs it here. */
export function isProductVariable(name: string): boolean {
  return NAMES.has(name.replace(/_FILE$/, "")) || NAMES.has(name) || FAMILIES.test(name);
}

export function withoutProductVariables(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isProductVariable(name)));
}
