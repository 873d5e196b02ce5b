/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* A scan of everything that the server's own OpenAPI document describes: each parameter of each operation takes
 * injections, traversals, values that are too long, of another type, or no text at all. Whatever comes back is an
 * answer, no 5xx, and tells nothing of the inside; nothing of the values becomes a header or HTML. That httpd's log has
 * nothing to say about it either is t/run's business. */

#include "f1_test.h"

#include <stdlib.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <curl/curl.h>

#include "base/str.h"
#include "f1_test_users.h"

#define BODY_MAX (32 * 1024 * 1024)
#define LONG 5000 /* bytes; httpd itself refuses lines of more than 8190 */

/* As they are written into a URL. None has words in it that would look like a leak when it is repeated. */
static const char *const values[] = {
    /* SQL */
    "%27", "%22", "%27%20OR%20%271%27%3D%271", "1%3B%20drop%20table%20race%3B--", "1%27%20union%20select%20version()--",
    "1)%20or%20(1%3D1", "%27%7C%7Cpg_sleep(9)%7C%7C%27", "%5C%27", "%24%241%24%24", "%241", ":now", ":race_id", "%25",
    "_", "--", "/*", "E%27%5C%5C%27", "1%20or%20pg_sleep(9)",
    /* templates, shells, expressions, pages */
    "%7B%7B7*7%7D%7D", "%24%7Bjndi:ldap://127.0.0.1/a%7D", "%24(id)", "%60id%60", "%7Cid", "%3Bid", "%25s%25n%25p%25x",
    "%25{HOME}e", "%3Cscript%3Ealert(1)%3C/script%3E", "%22%3E%3Cimg%20src=x%3E", "%3C!--%23exec%20cmd=id--%3E", "=1+1",
    "@import",
    /* other places */
    "..", "../../../../../../etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd",
    "%252e%252e%252fetc%252fpasswd", "..%5c..%5cwindows", "/etc/passwd", "//127.0.0.1/", "file:///etc/passwd",
    "http://127.0.0.1:1/", ".htaccess", "swagger.js%00.html", "....//....//etc/passwd", "~root", "con",
    /* of another type */
    "", "%20", "+", "null", "true", "[]", "%5B%5D", "%7B%7D", "%7B%22a%22:1%7D", "undefined", "NaN", "Infinity",
    "-Infinity", "-1", "-0", "0", "1.5", "1e400", "1e3", "0x10", "010", "+1", "1_000", "%31", "99999999999999999999",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "2147483648", "1,2", "1%202", "a",
    "2024-02-30", "2024-13-01", "0000-00-00", "99999-01-01", "2024-07-28T25:00:00Z", "2024-07-28T13:00:00%2b99:00",
    "-4713-01-01", "infinity", "now", "latest",
    /* no text */
    "%00", "a%00b", "%01", "%7F", "%1B[31m", "%0d%0aX-Injected:%201", "a%0aX-Injected:%201", "%ff%fe", "%c0%af",
    "%ed%a0%80", "%f4%90%80%80", "%e2%80%ae", "%ef%bb%bf", "%F0%9F%8F%8E", "%cc%81%cc%81%cc%81", "%", "%4", "%zz",
    "%u0041", "%c3%a9", "%ef%bc%87"};

/* Where a value stands for more than one parameter, or is none that the document knows. @: the value. */
static const char *const strangers[] = {
    "@",    "@=1",       "limit=@&limit=@", "limit[]=@",      "=@",
    "&&@&", "limit=1;@", "constructor=@",   "__proto__[a]=@", "format=json&format=@"};

/* What OpenF1's own filters look like, which OpenAPI cannot say. */
static const char *const filters[] = {"driver_number=@",
                                      "driver_number>=@",
                                      "session_key<@",
                                      "date_start>@",
                                      "meeting_key=@",
                                      "date%3E@",
                                      "team_name=@",
                                      "csv=@",
                                      "driver_number=1&driver_number=@"};

/* Words of SQL, of PostgreSQL's messages, of files and of programs that fail. */
static const char *const leaks[] = {
    "SELECT ",    " FROM ",      "WHERE ", "SQLSTATE",  "syntax error", "ERROR: ", "LINE 1:",  "relation \"",
    "pg_catalog", "search_path", "libpq",  "dbname=",   "/tmp/",        "/usr/",   "/var/",    "src/web",
    ".c:",        ".c(",         "root:",  "Traceback", "Sanitizer",    "0x7f",    "backtrace"};

typedef struct scan_t {
    CURL *easy;
    json_t *doc;
    const char *origin, *method;
    const char *header; /* one more, or NULL */
    const char *body; /* NULL: none */
    size_t body_len;
    apr_pool_t *pool; /* of one request */
    int requests;
} scan_t;

typedef struct heard_t {
    f1_buf_t body, headers;
    long status;
    const char *type;
} heard_t;

static size_t on_data(char *data, size_t size, size_t count, void *out)
{
    f1_buf_add(out, data, size * count);
    return size * count;
}

static apr_status_t end_easy(void *easy)
{
    curl_easy_cleanup(easy);
    return APR_SUCCESS;
}

static void start(scan_t *scan)
{
    f1_reply_t *reply = f1_test_get("/api/openapi.json");

    assert_int_equal(reply->status, 200);
    *scan = (scan_t){.easy = curl_easy_init(), .doc = reply->json, .origin = getenv("F1_ORIGIN"), .method = "GET"};
    assert_non_null(scan->easy);
    apr_pool_cleanup_register(f1_test_pool(), scan->easy, end_easy, apr_pool_cleanup_null);
    assert_int_equal(apr_pool_create(&scan->pool, f1_test_pool()), APR_SUCCESS);
    curl_easy_setopt(scan->easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(scan->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(scan->easy, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(scan->easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(scan->easy, CURLOPT_HEADERFUNCTION, on_data);
}

static void find_wrong(const heard_t *heard, const char **pwrong)
{
    size_t i;

    if (heard->status < 200 || heard->status >= 500) {
        *pwrong = "this status";
    }
    if (heard->type && !strncmp(heard->type, "text/html", 9) && /* httpd's own, of what is not below the mount */
        (strstr(heard->body.data, "<script>alert") || strstr(heard->body.data, "<img") ||
         strstr(heard->body.data, "<!--#"))) {
        *pwrong = "HTML";
    }
    if (heard->type && strstr(heard->type, "json") && !strstr(heard->type, "ndjson") && heard->body.len) {
        json_t *json = json_loadb(heard->body.data, heard->body.len, JSON_DECODE_ANY, NULL);

        *pwrong = json ? *pwrong : "what is no JSON";
        json_decref(json);
    }
    if (strstr(heard->headers.data, "\nX-Injected")) {
        *pwrong = "a header of the client's";
    }
    for (i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++) {
        if (memmem(heard->body.data, heard->body.len, leaks[i], strlen(leaks[i])) ||
            strstr(heard->headers.data, leaks[i])) {
            *pwrong = leaks[i];
        }
    }
}

static struct curl_slist *set_request(const scan_t *scan)
{
    struct curl_slist *list = scan->header ? curl_slist_append(NULL, scan->header) : NULL;

    if (scan->body) {
        list = curl_slist_append(list, "Content-Type: application/json");
        curl_easy_setopt(scan->easy, CURLOPT_POSTFIELDSIZE, (long)scan->body_len);
        curl_easy_setopt(scan->easy, CURLOPT_POSTFIELDS, scan->body);
    }
    if (!strcmp(scan->method, "HEAD")) {
        curl_easy_setopt(scan->easy, CURLOPT_NOBODY, 1L);
    }
    else if (strcmp(scan->method, "GET") != 0) {
        curl_easy_setopt(scan->easy, CURLOPT_CUSTOMREQUEST, scan->method);
    }
    curl_easy_setopt(scan->easy, CURLOPT_HTTPHEADER, list);
    return list;
}

static void ask(scan_t *scan, const char *target)
{
    struct curl_slist *list = set_request(scan);
    const char *url = apr_pstrcat(scan->pool, scan->origin, target, NULL), *wrong = NULL;
    heard_t heard = {.status = 0};
    char *type = NULL;

    f1_buf_init(&heard.body, scan->pool, 4096, BODY_MAX);
    f1_buf_init(&heard.headers, scan->pool, 1024, BODY_MAX);
    curl_easy_setopt(scan->easy, CURLOPT_URL, url);
    curl_easy_setopt(scan->easy, CURLOPT_WRITEDATA, &heard.body);
    curl_easy_setopt(scan->easy, CURLOPT_HEADERDATA, &heard.headers);
    if (curl_easy_perform(scan->easy) != CURLE_OK) {
        fail_msg("no answer to %s %s", scan->method, target);
    }
    curl_slist_free_all(list);
    curl_easy_getinfo(scan->easy, CURLINFO_RESPONSE_CODE, &heard.status);
    curl_easy_getinfo(scan->easy, CURLINFO_CONTENT_TYPE, &type);
    heard.type = type;
    find_wrong(&heard, &wrong);
    if (wrong) {
        fail_msg("%s %s %.*s answers with %ld and %s: %.*s", scan->method, target,
                 (int)(scan->body_len < 500 ? scan->body_len : 500), scan->body ? scan->body : "", heard.status, wrong,
                 (int)(heard.body.len < 2000 ? heard.body.len : 2000), heard.body.data);
    }
    scan->requests++;
    apr_pool_clear(scan->pool);
}

/* --- what to ask */

static json_t *resolve(const scan_t *scan, json_t *value)
{
    const char *ref = json_string_value(json_object_get(value, "$ref"));

    return ref ? f1_test_json_at(scan->doc, ref + 2) : value;
}

/* A value that is right: the document's example, else what its schema says. */
static const char *right_value(const scan_t *scan, json_t *parameter)
{
    json_t *schema = json_object_get(parameter, "schema"), *value = json_object_get(parameter, "example");

    value = value ? value : json_object_get(schema, "default");
    value = value ? value : json_object_get(schema, "minimum");
    value = value ? value : json_array_get(json_object_get(schema, "enum"), 0);
    if (json_is_integer(value)) {
        return apr_psprintf(scan->pool, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
    return json_is_string(value) ? apr_pstrdup(scan->pool, json_string_value(value)) : "x";
}

/* The path with its parameters, of which the one called name is value. */
static const char *fill_path(const scan_t *scan, const char *path, json_t *parameters, const char *name,
                             const char *value)
{
    json_t *item;
    size_t i;

    json_array_foreach(parameters, i, item)
    {
        json_t *parameter = resolve(scan, item);
        const char *known = json_string_value(json_object_get(parameter, "name"));
        const char *hole = apr_psprintf(scan->pool, "{%s}", known), *at = strstr(path, hole);

        if (at) {
            path = apr_pstrcat(scan->pool, apr_pstrmemdup(scan->pool, path, (apr_size_t)(at - path)),
                               name && !strcmp(known, name) ? value : right_value(scan, parameter), at + strlen(hole),
                               NULL);
        }
    }
    return apr_pstrcat(scan->pool, "/f1", path, NULL);
}

/* "a=1&": the query parameters that have to be there, but for the one called name. */
static const char *required_query(const scan_t *scan, json_t *parameters, const char *name)
{
    const char *query = "";
    json_t *item;
    size_t i;

    json_array_foreach(parameters, i, item)
    {
        json_t *parameter = resolve(scan, item);
        const char *known = json_string_value(json_object_get(parameter, "name"));

        if (json_is_true(json_object_get(parameter, "required")) && strcmp(known, name) &&
            !strcmp(json_string_value(json_object_get(parameter, "in")), "query")) {
            query = apr_pstrcat(scan->pool, query, known, "=", right_value(scan, parameter), "&", NULL);
        }
    }
    return query;
}

static void try_value(scan_t *scan, const char *path, json_t *parameters, json_t *parameter, const char *value)
{
    const char *name = json_string_value(json_object_get(parameter, "name"));
    const char *in = json_string_value(json_object_get(parameter, "in"));

    if (!strcmp(in, "path")) {
        ask(scan, fill_path(scan, path, parameters, name, value));
    }
    else if (!strcmp(in, "query")) {
        ask(scan, apr_pstrcat(scan->pool, fill_path(scan, path, parameters, NULL, NULL), "?",
                              required_query(scan, parameters, name), name, "=", value, NULL));
    }
}

/* Of one byte over and over: digits, letters, escapes. */
static const char *const *long_values(void)
{
    static const char *made[5];
    apr_pool_t *pool = f1_test_pool();
    char *letters = apr_palloc(pool, LONG + 1), *digits = apr_palloc(pool, LONG + 1),
         *dots = apr_palloc(pool, LONG + 1);
    int i;

    memset(letters, 'a', LONG);
    memset(digits, '9', LONG);
    for (i = 0; i < LONG; i++) {
        dots[i] = "../"[i % 3];
    }
    letters[LONG] = digits[LONG] = dots[LONG] = '\0';
    made[0] = letters;
    made[1] = digits;
    made[2] = dots;
    made[3] = apr_pstrmemdup(pool, letters, 121); /* as long as something may be, and one more */
    return made;
}

static void scan_parameter(scan_t *scan, const char *path, json_t *parameters, json_t *parameter)
{
    const char *const *longs = long_values();
    size_t i;

    for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        try_value(scan, path, parameters, parameter, values[i]);
    }
    for (; *longs; longs++) {
        try_value(scan, path, parameters, parameter, *longs);
    }
}

/* form with value for each @. */
static const char *fill(const scan_t *scan, const char *form, const char *value)
{
    const char *filled = "";
    size_t len;

    for (; form[len = strcspn(form, "@")]; form += len + 1) {
        filled = apr_pstrcat(scan->pool, filled, apr_pstrmemdup(scan->pool, form, len), value, NULL);
    }
    return apr_pstrcat(scan->pool, filled, form, NULL);
}

static void scan_strangers(scan_t *scan, const char *path, json_t *parameters, const char *const *forms, size_t count)
{
    size_t i, j;

    for (i = 0; i < count; i++) {
        for (j = i % 5; j < sizeof(values) / sizeof(values[0]); j += 5) {
            ask(scan, apr_pstrcat(scan->pool, fill_path(scan, path, parameters, NULL, NULL), "?",
                                  required_query(scan, parameters, ""), fill(scan, forms[i], values[j]), NULL));
        }
    }
}

/* --- the scan */

static int is_of_others(const char *path)
{
    return !strncmp(path, "/openf1/", 8);
}

static void scan_operation(scan_t *scan, const char *path, json_t *parameters)
{
    json_t *item;
    size_t i;

    json_array_foreach(parameters, i, item)
    {
        scan_parameter(scan, path, parameters, resolve(scan, item));
    }
    scan_strangers(scan, path, parameters, strangers, sizeof(strangers) / sizeof(strangers[0]));
    if (is_of_others(path)) {
        scan_strangers(scan, path, parameters, filters, sizeof(filters) / sizeof(filters[0]));
    }
}

static int is_stream(json_t *operation)
{
    return json_object_get(f1_test_json_at(operation, "responses/200/content"), "text/event-stream") != NULL;
}

static void test_parameters(void **state)
{
    json_t *operations, *operation;
    const char *path, *method;
    scan_t scan;

    (void)state;
    f1_test_expect_log("AH10244"); /* a path that climbs above all paths */
    f1_test_users();
    start(&scan);
    json_object_foreach(json_object_get(scan.doc, "paths"), path, operations)
    {
        json_object_foreach(operations, method, operation)
        {
            if (!strcmp(method, "get")) {
                if (is_stream(operation)) {
                    scan.method = "HEAD"; /* a GET goes on for ever */
                }
                scan.header = json_array_size(json_object_get(operation, "security")) ? f1_test_bearer("ann") : NULL;
                scan_operation(&scan, path, json_object_get(operation, "parameters"));
                scan.method = "GET";
                curl_easy_setopt(scan.easy, CURLOPT_HTTPGET, 1L);
            }
        }
    }
    print_message("# %d requests\n", scan.requests);
    assert_true(scan.requests > 10000);
}

/* --- bodies */

/* What a member may be, as JSON or nearly. */
static const char *const members[] = {"null",
                                      "true",
                                      "false",
                                      "0",
                                      "-1",
                                      "1.5",
                                      "1e400",
                                      "-1e-400",
                                      "99999999999999999999",
                                      "01",
                                      "NaN",
                                      "\"\"",
                                      "\" \"",
                                      "\"'\"",
                                      "\"' or '1'='1\"",
                                      "\"'; drop table race; --\"",
                                      "\"$1\"",
                                      "\":me\"",
                                      "\"\\\\'\"",
                                      "\"{1,2}\"",
                                      "\"../../etc/passwd\"",
                                      "\"<script>alert(1)</script>\"",
                                      "\"\\r\\nX-Injected: 1\"",
                                      "\"a\\u0000b\"",
                                      "\"\\u0001\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\\ud800\"",
                                      "\"\\ud83c\\udfce\"",
                                      "\"\xff\xfe\"",
                                      "\"\xc0\xaf\"",
                                      "\"\xed\xa0\x80\"",
                                      "\"\n\"",
                                      "\"\\q\"",
                                      "\"",
                                      "[]",
                                      "[null]",
                                      "[[]]",
                                      "[1,\"a\",{}]",
                                      "[\"a\",\"a\"]",
                                      "[\"{\\\",\"]",
                                      "{}",
                                      "{\"$ne\":null}",
                                      "{\"a\":{\"b\":[]}}",
                                      "\"2024-02-30\"",
                                      "\"infinity\"",
                                      "\"a@b\"",
                                      "\"admin\"",
                                      "\"ann\"",
                                      "\"00000000-0000-0000-0000-000000000000\"",
                                      "undefined"};

/* Bodies that are no object of members. */
static const char *const bodies[] = {"",
                                     " ",
                                     "null",
                                     "true",
                                     "1",
                                     "\"a\"",
                                     "[]",
                                     "[{}]",
                                     "{",
                                     "}",
                                     "{}",
                                     "{}{}",
                                     "{}x",
                                     "{\"a\"}",
                                     "{\"a\":}",
                                     "{\"a\":1,}",
                                     "{a:1}",
                                     "{'a':1}",
                                     "{\"a\":1,\"a\":2}",
                                     "{\"\":1}",
                                     "{\"__proto__\":{\"role\":\"admin\"}}",
                                     "{\"\\u0000\":1}",
                                     "\xef\xbb\xbf{}",
                                     "\xff\xfe{\x00}",
                                     "/**/{}",
                                     "{\"role\":\"admin\",\"id\":1,\"is_admin\":true}"};

/* So many opening brackets, or members of one object. */
static const char *const *long_bodies(void)
{
    static const char *made[4];
    apr_pool_t *pool = f1_test_pool();
    char *brackets = apr_palloc(pool, LONG + 1), *text = apr_palloc(pool, 70000 + 1);
    f1_buf_t object;
    int i;

    memset(brackets, '[', LONG);
    brackets[LONG] = '\0';
    memset(text, 'a', 70000);
    text[70000] = '\0';
    f1_buf_init(&object, pool, 1024, BODY_MAX);
    for (i = 0; i < LONG; i++) {
        f1_buf_addf(&object, "%s\"k%d\":%d", i ? "," : "{", i, i);
    }
    made[0] = brackets;
    made[1] = apr_pstrcat(pool, "{\"a\":\"", text, "\"}", NULL);
    made[2] = apr_pstrcat(pool, object.data, "}", NULL);
    return made;
}

static void send_body(scan_t *scan, const char *target, const char *body)
{
    scan->body = body;
    scan->body_len = strlen(body);
    ask(scan, apr_pstrdup(scan->pool, target));
}

/* An object in which name is text, and all others are right. */
static const char *object_with(const scan_t *scan, json_t *properties, const char *name, const char *text)
{
    const char *object = "", *key;
    json_t *property;

    json_object_foreach(properties, key, property)
    {
        json_t *wrapped = json_pack("{s:O, s:O?}", "schema", property, "example", json_object_get(property, "example"));
        const char *value =
            !strcmp(key, name) ? text : apr_pstrcat(scan->pool, "\"", right_value(scan, wrapped), "\"", NULL);

        json_decref(wrapped);
        object = apr_pstrcat(scan->pool, object, *object ? "," : "", "\"", key, "\":", value, NULL);
    }
    return apr_pstrcat(scan->pool, "{", object, "}", NULL);
}

static void scan_body(scan_t *scan, const char *target, json_t *properties)
{
    const char *const *longs = long_bodies(), *name;
    json_t *property;
    size_t i;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        send_body(scan, target, bodies[i]);
    }
    for (; *longs; longs++) {
        send_body(scan, target, *longs);
    }
    json_object_foreach(properties, name, property)
    {
        for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
            send_body(scan, target, object_with(scan, properties, name, members[i]));
        }
    }
}

static json_t *properties_of(const scan_t *scan, json_t *operation)
{
    json_t *types = f1_test_json_at(operation, "requestBody/content");
    json_t *schema = json_object_get(json_object_get(types, "application/json"), "schema");

    return json_object_get(resolve(scan, schema), "properties");
}

/* As nobody, and as an administrator. What it deletes or changes are users made for it. */
static void test_bodies(void **state)
{
    json_t *operations, *operation;
    const char *path, *method;
    scan_t scan;

    (void)state;
    start(&scan);
    json_object_foreach(json_object_get(scan.doc, "paths"), path, operations)
    {
        json_object_foreach(operations, method, operation)
        {
            json_t *parameters = json_object_get(operation, "parameters"), *properties;
            char *target, *c;

            if (!strcmp(method, "get") || !strcmp(method, "parameters")) {
                continue;
            }
            f1_test_users();
            scan.method = apr_pstrdup(f1_test_pool(), method);
            for (c = (char *)scan.method; *c; c++) {
                *c = (char)apr_toupper(*c);
            }
            target = apr_pstrdup(f1_test_pool(), fill_path(&scan, path, parameters, NULL, NULL));
            properties = properties_of(&scan, operation);
            scan.header = NULL;
            scan_body(&scan, target, properties);
            scan.header = f1_test_bearer("ann");
            scan_body(&scan, target, properties);
        }
    }
    print_message("# %d requests with bodies\n", scan.requests);
}

/* Paths of ours with one more segment, and paths that are none. */
static void test_paths(void **state)
{
    static const char *const forms[] = {"/f1/@",
                                        "/f1/api/@",
                                        "/f1/api/v1/@",
                                        "/f1/api/v1/races/@/results",
                                        "/f1@",
                                        "/f1/api/v1/seasons/@",
                                        "/f1/ergast/f1/@/results",
                                        "/f1/openf1/v1/@/x"};
    size_t i, j;
    scan_t scan;

    (void)state;
    start(&scan);
    for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
            ask(&scan, fill(&scan, forms[i], values[j]));
        }
    }
}

/* Headers that we read. Bytes that no header can have are httpd's to refuse. */
static void test_headers(void **state)
{
    static const char *const names[] = {"Accept",
                                        "If-None-Match",
                                        "If-Modified-Since",
                                        "Authorization",
                                        "X-API-Key",
                                        "Origin",
                                        "Accept-Encoding",
                                        "Content-Type",
                                        "Range",
                                        "If-Match",
                                        "Idempotency-Key",
                                        "X-Forwarded-For",
                                        "Authorization: Bearer",
                                        "Authorization: Basic"};
    const char *const *longs = long_values();
    size_t i, j, count = sizeof(values) / sizeof(values[0]);
    scan_t scan;

    (void)state;
    start(&scan);
    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (j = 0; j < count + 3; j++) {
            const char *value = j < count ? values[j] : longs[j - count];

            scan.header = apr_pstrcat(scan.pool, names[i], strchr(names[i], ':') ? " " : ": ", value, NULL);
            ask(&scan, j % 2 ? "/f1/api/v1/seasons" : "/f1/api/v1/drivers/hakimi");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_parameters),
        F1_TEST(test_bodies),
        F1_TEST(test_paths),
        F1_TEST(test_headers),
    };

    return f1_test_run(tests);
}
