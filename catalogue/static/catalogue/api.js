// The page of the API: Swagger UI over our own description, with nothing from other hosts.
"use strict";

const place = document.getElementById("documentation");
SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  validatorUrl: null,
});
