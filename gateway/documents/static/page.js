// The documentation page: the document in the reader's language, and a login that the page's own
// requests use. The token is kept in memory only and ends with the page.
"use strict";

const { language, loggedIn, failed } = document.body.dataset;

const ui = SwaggerUIBundle({
  url: `openapi.json?lang=${language}`,
  dom_id: "#page",
  deepLinking: true,
  filter: true,
  docExpansion: "none",
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor: (request) => {
    request.headers["Accept-Language"] = language;
    return request;
  },
});

const form = document.getElementById("login");
const result = document.getElementById("result");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  result.textContent = "…";
  const { username, password } = form.elements;
  try {
    const response = await fetch("v1/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify({ username: username.value, password: password.value }),
    });
    const answer = await response.json();
    if (!response.ok) {
      result.textContent = answer.detail;
      return;
    }
    ui.preauthorizeApiKey("HTTPBearer", answer.access_token);
    result.textContent = `${loggedIn} ${username.value}`;
    password.value = "";
  } catch {
    result.textContent = failed;
  }
});
