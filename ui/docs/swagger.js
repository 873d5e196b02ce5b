// SPDX-License-Identifier: Apache-2.0
// Copyright The mod_f1board authors

// The page is served without inline scripts; where the description is stands in the element that it is shown in.
SwaggerUIBundle({
  url: document.getElementById('api').dataset.url,
  dom_id: '#api',
  deepLinking: true,
  docExpansion: 'list',
  validatorUrl: null,
});
