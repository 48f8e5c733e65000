import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router-dom";
import { App } from "./app.js";

const BASENAME = "/admin";

// A link with a hash route, such as /admin/#/reset-password/…, opens the same page.
if (window.location.hash.startsWith("#/")) {
  window.history.replaceState(null, "", BASENAME + window.location.hash.slice(1));
}

const router = createBrowserRouter([{ path: "*", element: <App /> }], { basename: BASENAME });

const root = document.getElementById("root");
if (!root) throw new Error("The page has no element with the id root.");
createRoot(root).render(
  <StrictMode>
    <RouterProvider router={router} />
  </StrictMode>,
);
