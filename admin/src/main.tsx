import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import { App } from "./app.js";

const BASENAME = "/admin";

// A link with a hash route, such as /admin/#/reset-password/…, opens the same page.
if (window.location.hash.startsWith("#/")) {
  window.history.replaceState(null, "", BASENAME + window.location.hash.slice(1));
}

const root = document.getElementById("root");
if (!root) throw new Error("The page has no element with the id root.");
// Without transitions: react-admin empties its stores in the same moment as it goes to the sign-in page, and a
// navigation that may be rendered later lets the old page sign out again, and again, thousands of times.
createRoot(root).render(
  <StrictMode>
    <BrowserRouter basename={BASENAME} useTransitions={false}>
      <App />
    </BrowserRouter>
  </StrictMode>,
);
