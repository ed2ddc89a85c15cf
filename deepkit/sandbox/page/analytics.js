// Counts page views and numbers the questions.
"use strict";
window.dsAnalytics = {
  ticket: () => "t-" + Math.random().toString(36).slice(2),
  report: (name) => fetch("/api/v0/analytics/events", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ name }),
  }),
};
