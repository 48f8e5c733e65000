import { QueryClient } from "@tanstack/react-query";
import { Admin, CustomRoutes, HttpError, Resource } from "react-admin";
import { Route } from "react-router-dom";
import { AcceptInvitePage } from "./account/accept-invite-page.js";
import { AccountPage } from "./account/account-page.js";
import { ConfirmEmailPage } from "./account/confirm-email-page.js";
import { ForgotPasswordPage } from "./account/forgot-password-page.js";
import { LoginPage } from "./account/login-page.js";
import { RegisterPage } from "./account/register-page.js";
import { ResetPasswordPage } from "./account/reset-password-page.js";
import { audit } from "./audit/index.js";
import { archive } from "./archives/index.js";
import { Dashboard } from "./dashboard/dashboard.js";
import { files } from "./files/index.js";
import { folders } from "./folders/index.js";
import { Layout } from "./layout/layout.js";
import { preferences } from "./layout/store.js";
import { darkTheme, lightTheme } from "./layout/theme.js";
import { authProvider } from "./providers/auth-provider.js";
import { dataProvider } from "./providers/data-provider.js";
import { ChecksPage } from "./system/checks-page.js";
import { JobsPage } from "./system/jobs-page.js";
import { LanesPage } from "./system/lanes-page.js";
import { runs } from "./runs/index.js";
import { shares } from "./shares/index.js";
import { transfers } from "./transfers/index.js";
import { users } from "./users/index.js";

const store = preferences();

// A refusal does not change by asking again; a server that is being restarted may answer the second time.
const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => failures < 2 && error instanceof HttpError && error.status >= 502,
    },
  },
});

export function App() {
  return (
    <Admin
      title="Telestash"
      authProvider={authProvider}
      dataProvider={dataProvider}
      queryClient={queryClient}
      store={store}
      layout={Layout}
      dashboard={Dashboard}
      loginPage={LoginPage}
      theme={lightTheme}
      darkTheme={darkTheme}
      requireAuth
      disableTelemetry
    >
      <Resource {...files} />
      <Resource {...folders} />
      <Resource {...transfers} />
      <Resource {...shares} />
      <Resource {...users} />
      <Resource {...audit} />
      <Resource {...archive} />
      <Resource {...runs} />
      <CustomRoutes noLayout>
        <Route path="/register" element={<RegisterPage />} />
        <Route path="/forgot-password" element={<ForgotPasswordPage />} />
        <Route path="/reset-password/:token" element={<ResetPasswordPage />} />
        <Route path="/accept-invite/:token" element={<AcceptInvitePage />} />
        <Route path="/confirm-email/:token" element={<ConfirmEmailPage />} />
      </CustomRoutes>
      <CustomRoutes>
        <Route path="/account" element={<AccountPage />} />
        <Route path="/jobs" element={<JobsPage />} />
        <Route path="/lanes" element={<LanesPage />} />
        <Route path="/checks" element={<ChecksPage />} />
      </CustomRoutes>
    </Admin>
  );
}
