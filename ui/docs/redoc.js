// SPDX-License-Identifier: Apache-2.0
// Copyright The mod_f1board authors

// Its own fonts would come from elsewhere: the system's are used.
const api = document.getElementById('api');
const font = {fontFamily: 'system-ui, sans-serif'};

Redoc.init(api.dataset.url, {theme: {typography: {...font, headings: font}}}, api);
