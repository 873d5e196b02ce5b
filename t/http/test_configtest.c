/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* "apachectl configtest" with every directive, right and wrong: a wrong value is refused with the directive's name, the
 * value and what would be right. */

#include "f1_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <apr_strings.h>

#include "base/str.h"

static const char *env(const char *name)
{
    const char *value = getenv(name);

    assert_non_null(value);
    return value;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Everything httpd says about a configuration of these lines; *pstatus: what it ends with. */
static const char *configtest(const char *lines, int *pstatus)
{
    apr_pool_t *pool = f1_test_pool();
    const char *modules = env("F1_HTTPD_MODULES"), *sandbox = env("F1_SANDBOX");
    const char *path = apr_pstrcat(pool, sandbox, "/configtest.conf", NULL);
    char chunk[1024];
    size_t got;
    f1_buf_t out;
    FILE *pipe;

    write_file(path, apr_psprintf(pool,
                                  "ServerRoot %s\nServerName localhost\nListen 127.0.0.1:1\nPidFile configtest.pid\n"
                                  "DefaultRuntimeDir %s\nErrorLog configtest.log\n"
                                  "LoadModule mpm_event_module %s/mod_mpm_event.so\n"
                                  "LoadModule authz_core_module %s/mod_authz_core.so\n"
                                  "LoadModule f1board_module %s/.libs/mod_f1board.so\n%s\n",
                                  sandbox, sandbox, modules, modules, env("F1_BUILDDIR"), lines));
    pipe = popen(apr_psprintf(pool, "'%s' -t -f '%s' 2>&1", env("F1_HTTPD"), path), "r");
    assert_non_null(pipe);
    f1_buf_init(&out, pool, 1024, 1024 * 1024);
    while ((got = fread(chunk, 1, sizeof(chunk), pipe)) > 0) {
        f1_buf_add(&out, chunk, got);
    }
    *pstatus = pclose(pipe);
    return out.data;
}

static void assert_refused(const char *lines, const char *because)
{
    int status;
    const char *said = configtest(lines, &status);

    if (status == 0 || !strstr(said, because)) {
        print_error("%s\nsays: %s\n", lines, said);
        fail();
    }
}

static void assert_accepted(const char *lines)
{
    int status;
    const char *said = configtest(lines, &status);

    if (status != 0) {
        print_error("%s\nsays: %s\n", lines, said);
        fail();
    }
}

static void write_key(const char *name, const char *content, mode_t rights)
{
    const char *path = apr_pstrcat(f1_test_pool(), env("F1_SANDBOX"), "/", name, NULL);

    write_file(path, content);
    assert_int_equal(chmod(path, rights), 0);
}

static void test_right_values(void **state)
{
    (void)state;
    assert_accepted("F1BoardClock 2024-07-28T13:00:00Z\nF1BoardStatementTimeout 250ms\nF1BoardMigrate on\n"
                    "F1BoardTitle \"Formel 1 \xc3\xa4\"\nF1BoardPageSize 1\nF1BoardPageSizeMax 1000\nF1BoardMaxBody 0\n"
                    "F1BoardMaxQuery 64K\nF1BoardRetryAfter 2mi\nF1BoardCorsOrigin *\n");
    assert_accepted("F1BoardLimitStore redis:[::1]:6379\n");
    assert_accepted("F1BoardLimitStore redis:redis.example:6379/3\n");
    assert_accepted("F1BoardLimitStore local\nF1BoardLimit Off\nF1BoardLimitAnonymous 1/1\nF1BoardLimitUser "
                    "1000000/24h\nF1BoardLimitLogin 5/mi\n"
                    "F1BoardLimitRegister off\n<Location /a>\nF1BoardLimit on\nF1BoardLimitRefresh 1/h\n</Location>\n");
    assert_accepted("F1BoardClock 2024-07-28T13:00:00+02:00@0.5\nF1BoardStatementTimeout 10mi\nF1BoardMigrate OFF\n"
                    "F1BoardMaxBody 16M\nF1BoardRetryAfter 1h\n"
                    "F1BoardCorsOrigin https://example.com http://localhost:3000 http://[::1]:80\n");
    assert_accepted("F1BoardSecretsFile secrets\nF1BoardTokenIssuer https://f1.example.com/f1\n"
                    "F1BoardTokenAudience mobile\nF1BoardTokenLifetime 1s\nF1BoardRefreshLifetime 8784h\n"
                    "F1BoardPasswordCost 4\nF1BoardPasswordJobs 64\n"
                    "F1BoardExternalIssuer https://a.example/ b https://a.example/jwks\n"
                    "F1BoardExternalIssuer https://c.example/ b http://127.0.0.1:8080/jwks\n"
                    "<VirtualHost 127.0.0.1:1>\nF1BoardTokenLifetime 24h\n</VirtualHost>\n");
    assert_accepted("F1BoardJobs Off\nF1BoardJobsMax 64\nF1BoardJobLease 1s\nF1BoardJobHistory 1mi\n"
                    "F1BoardSchedule weather Off\nF1BoardSchedule rankings 1s\nF1BoardSchedule checks on\n"
                    "F1BoardErgast file:///srv/f1\nF1BoardErgastRate none\nF1BoardUserAgent \"me (a@example.com)\"\n"
                    "F1BoardCAFile configtest.conf\n<VirtualHost 127.0.0.1:1>\nF1BoardJobs 16\n"
                    "F1BoardErgast http://[::1]:8080/ergast/f1\nF1BoardErgastRate 30/10s,500/h\n</VirtualHost>\n");
    write_key("weather.key", "5ecre7K3y\n", 0600);
    assert_accepted("F1BoardWeather openweathermap\nF1BoardWeatherKeyFile weather.key\n"
                    "<VirtualHost 127.0.0.1:1>\nF1BoardWeather off\n</VirtualHost>\n<VirtualHost 127.0.0.1:2>\n"
                    "F1BoardWeather open-meteo\nF1BoardWeatherURL file:///srv/weather\n</VirtualHost>\n");
    write_key("smtp.auth", "f1:5ecre7\n", 0600);
    assert_accepted("F1BoardSMTP smtp://mail.example.org:587\nF1BoardSMTPAuthFile smtp.auth\n"
                    "F1BoardSMTPRequireTLS Off\nF1BoardMailFrom \"F1 <f1@example.org>\"\n"
                    "F1BoardPublicURL https://example.org/f1/\nF1BoardWebhookHTTP On\nF1BoardWebhookPrivate On\n"
                    "<VirtualHost 127.0.0.1:1>\nF1BoardSMTP smtps://[::1]\n</VirtualHost>\n");
    assert_accepted("<VirtualHost 127.0.0.1:1>\nF1BoardMigrate On\nF1BoardPageSize 5\nF1BoardTitle x\n</VirtualHost>\n"
                    "<Location /a/>\nSetHandler f1board\nF1BoardPageSize 5\nF1BoardPageSizeMax 5\n</Location>\n"
                    "<Location />\nSetHandler F1Board\n</Location>\n"
                    "<Location /b>\n<If \"%{QUERY_STRING} == ''\">\nF1BoardMaxBody 1k\n</If>\n</Location>\n");
}

static void test_wrong_values(void **state)
{
    static const struct {
        const char *line, *because;
    } cases[] = {
        {"F1BoardPageSize 0", "F1BoardPageSize: '0' should be a whole number from 1 to 1000"},
        {"F1BoardPageSize 1001", "F1BoardPageSize: '1001' should be"},
        {"F1BoardPageSize twenty", "F1BoardPageSize: 'twenty' should be"},
        {"F1BoardPageSize 20.5", "F1BoardPageSize: '20.5' should be"},
        {"F1BoardPageSize 99999999999999999999", "should be a whole number from 1 to 1000"},
        {"F1BoardPageSize", "F1BoardPageSize takes one value, which should be a whole number"},
        {"F1BoardPageSize 1 2", "F1BoardPageSize takes one value"},
        {"F1BoardPageSizeMax -1", "F1BoardPageSizeMax: '-1' should be a whole number from 1 to 1000"},
        {"F1BoardMaxBody 17M", "F1BoardMaxBody: '17M' should be a number of bytes from 0 to 16M, like 2k or 1M"},
        {"F1BoardMaxBody 64kB", "F1BoardMaxBody: '64kB' should be"},
        {"F1BoardMaxBody k", "F1BoardMaxBody: 'k' should be"},
        {"F1BoardMaxBody 9223372036854775807k", "should be a number of bytes"},
        {"F1BoardMaxBody \"\"", "F1BoardMaxBody takes one value"},
        {"F1BoardMaxQuery 63", "F1BoardMaxQuery: '63' should be a number of bytes from 64 to 64k"},
        {"F1BoardStatementTimeout 5ms", "F1BoardStatementTimeout: '5ms' should be a time from 10ms to 10mi"},
        {"F1BoardStatementTimeout 5x", "F1BoardStatementTimeout: '5x' should be a time"},
        {"F1BoardStatementTimeout -5s", "F1BoardStatementTimeout: '-5s' should be a time"},
        {"F1BoardStatementTimeout 99999999999999999999s", "should be a time from 10ms to 10mi"},
        {"F1BoardRetryAfter 0", "F1BoardRetryAfter: '0' should be a time from 1s to 1h"},
        {"F1BoardMigrate yes", "F1BoardMigrate: 'yes' should be On or Off"},
        {"F1BoardLimit 100/60s", "F1BoardLimit: '100/60s' should be On or Off"},
        {"F1BoardLimitStore redis", "F1BoardLimitStore: 'redis' should be local, redis:HOST:PORT or redis:HOST:P"},
        {"F1BoardLimitStore redis:localhost", "F1BoardLimitStore: 'redis:localhost' should be"},
        {"F1BoardLimitStore redis::6379", "F1BoardLimitStore: 'redis::6379' should be"},
        {"F1BoardLimitStore redis:6379", "F1BoardLimitStore: 'redis:6379' should be"},
        {"F1BoardLimitStore redis:localhost:0", "F1BoardLimitStore: 'redis:localhost:0' should be"},
        {"F1BoardLimitStore redis:localhost:66000", "F1BoardLimitStore: 'redis:localhost:66000' should be"},
        {"F1BoardLimitStore redis:localhost:1/x", "F1BoardLimitStore: 'redis:localhost:1/x' should be"},
        {"F1BoardLimitStore redis:h:1\nF1BoardLimitAuthFile none", "F1BoardLimitAuthFile: "},
        {"F1BoardLimitStore memcache:localhost:1", "F1BoardLimitStore: 'memcache:localhost:1' should be"},
        {"F1BoardLimitUser 100", "F1BoardLimitUser: '100' should be off, or requests in a time of 1s to 24h, like 100"},
        {"F1BoardLimitUser 0/60s", "F1BoardLimitUser: '0/60s' should be"},
        {"F1BoardLimitUser -1/60s", "F1BoardLimitUser: '-1/60s' should be"},
        {"F1BoardLimitUser 1000001/60s", "F1BoardLimitUser: '1000001/60s' should be"},
        {"F1BoardLimitUser 99999999999999999999/60s", "F1BoardLimitUser: '99999999999999999999/60s' should be"},
        {"F1BoardLimitUser 10/999ms", "F1BoardLimitUser: '10/999ms' should be"},
        {"F1BoardLimitUser 10/25h", "F1BoardLimitUser: '10/25h' should be"},
        {"F1BoardLimitUser 10/", "F1BoardLimitUser: '10/' should be"},
        {"F1BoardLimitUser 10/-60s", "F1BoardLimitUser: '10/-60s' should be"},
        {"F1BoardLimitUser /60s", "F1BoardLimitUser: '/60s' should be"},
        {"F1BoardLimitUser 10/60s/60s", "F1BoardLimitUser: '10/60s/60s' should be"},
        {"F1BoardLimitUser 10/parsec", "F1BoardLimitUser: '10/parsec' should be"},
        {"F1BoardTokenLifetime 25h", "F1BoardTokenLifetime: '25h' should be a time from 1s to 24h"},
        {"F1BoardRefreshLifetime 59s", "F1BoardRefreshLifetime: '59s' should be a time from 1mi to 8784h"},
        {"F1BoardExternalIssuer https://a.example/ b",
         "F1BoardExternalIssuer takes an issuer, its audience and the URL"},
        {"F1BoardExternalIssuer https://a.example/ b http://a.example/jwks", "keys should be at a URL like https://"},
        {"F1BoardExternalIssuer https://a.example/ \"b c\" https://a.example/jwks", "issuer and audience should be"},
        {"F1BoardExternalIssuer f1board b https://a.example/jwks", "'f1board' is F1BoardTokenIssuer too"},
        {"F1BoardExternalIssuer a b https://a.example/jwks\nF1BoardExternalIssuer a c https://a.example/jwks",
         "'a' stands there twice"},
        {"F1BoardExternalIssuer 1 b https://a/\nF1BoardExternalIssuer 2 b https://a/\n"
         "F1BoardExternalIssuer 3 b https://a/\nF1BoardExternalIssuer 4 b https://a/\n"
         "F1BoardExternalIssuer 5 b https://a/\nF1BoardExternalIssuer 6 b https://a/\n"
         "F1BoardExternalIssuer 7 b https://a/\nF1BoardExternalIssuer 8 b https://a/\n"
         "F1BoardExternalIssuer 9 b https://a/\n",
         "there are more than 8"},
        {"F1BoardPasswordCost 17", "F1BoardPasswordCost: '17' should be a whole number from 4 to 16"},
        {"F1BoardPasswordJobs 0", "F1BoardPasswordJobs: '0' should be a whole number from 1 to 64"},
        {"F1BoardJobs 17", "F1BoardJobs: '17' should be a whole number from 0 to 16"},
        {"F1BoardJobs On", "F1BoardJobs: 'On' should be"},
        {"F1BoardJobsMax 0", "F1BoardJobsMax: '0' should be a whole number from 1 to 64"},
        {"F1BoardJobsMax Off", "F1BoardJobsMax: 'Off' should be"},
        {"F1BoardJobLease 500ms", "F1BoardJobLease: '500ms' should be a time from 1s to 1h"},
        {"F1BoardJobHistory 0", "F1BoardJobHistory: '0' should be a time from 1mi to 87840h"},
        {"F1BoardSchedule weather", "F1BoardSchedule takes the name of a schedule, and Off, On or a time from 1s to"},
        {"F1BoardSchedule whether Off", "F1BoardSchedule: there is no schedule 'whether'; there are calendar, checks,"},
        {"F1BoardSchedule weather never",
         "F1BoardSchedule: 'never' should be Off, On or a time from 1s to 8784h, like"},
        {"F1BoardSchedule weather 500ms", "F1BoardSchedule: '500ms' should be"},
        {"F1BoardSchedule weather 1h\nF1BoardSchedule weather Off", "F1BoardSchedule: 'weather' stands there twice"},
        {"F1BoardErgast api.jolpi.ca", "F1BoardErgast: 'api.jolpi.ca' should be a URL like https://"},
        {"F1BoardErgast ftp://a.example/", "F1BoardErgast: 'ftp://a.example/' should be"},
        {"F1BoardErgast https://", "F1BoardErgast: 'https://' should be"},
        {"F1BoardErgast https://u:p@a.example/f1", "should be a URL like https://api.example.com/f1 or file:///srv"},
        {"F1BoardErgast https://a.example/f1?key=1", "without user, query or fragment"},
        {"F1BoardErgast file://relative", "F1BoardErgast: 'file://relative' should be"},
        {"F1BoardErgastRate fast", "F1BoardErgastRate: 'fast' should be none, or requests in seconds or hours, like 4"},
        {"F1BoardErgastRate 4/s,4/s", "F1BoardErgastRate: '4/s,4/s' should be"},
        {"F1BoardUserAgent \"a\tb\"", "F1BoardUserAgent should have no other characters than"},
        {"F1BoardSMTP mail.example.org", "F1BoardSMTP: the mail server should be smtp://HOST[:PORT] or smtps://"},
        {"F1BoardSMTP smtp://u:p@mail.example.org", "F1BoardSMTP: the mail server should be"},
        {"F1BoardSMTP smtp://a", "F1BoardSMTP: the sender of mail should be an address like name@example.org, or Name"},
        {"F1BoardSMTP smtp://a\nF1BoardMailFrom a@b.org", "F1BoardSMTP: the service's own URL, for links in mail, sho"},
        {"F1BoardWarm ftp://localhost/f1", "F1BoardWarm: 'ftp://localhost/f1' should be a URL"},
        {"F1BoardWarm file:///srv/f1", "F1BoardWarm should be an http or https URL"},
        {"F1BoardSMTP smtp://a\nF1BoardMailFrom a@b.org\nF1BoardPublicURL /f1", "the service's own URL"},
        {"F1BoardSMTP smtp://a\nF1BoardSMTPAuthFile none", "none: No such file or directory"},
        {"F1BoardCAFile none.pem", "F1BoardCAFile: none.pem: No such file or directory"},
        {"F1BoardWeather oracle", "F1BoardWeather: 'oracle' should be open-meteo, openweathermap or off"},
        {"F1BoardWeather openweathermap", "F1BoardWeather: openweathermap needs a key, in a file"},
        {"F1BoardWeatherURL ftp://a.example/", "F1BoardWeatherURL: 'ftp://a.example/' should be"},
        {"F1BoardWeatherURL https://a.example/v1?apikey=1", "without user, query or fragment"},
        {"F1BoardWeatherKeyFile none.key", "none.key: No such file or directory"},
        {"F1BoardSecretsFile none", "none: No such file or directory"},
        {"F1BoardTitle \"\"", "F1BoardTitle takes one value, which should be 1 to 80 bytes of UTF-8"},
        {"F1BoardTitle \xff", "should be 1 to 80 bytes of UTF-8"},
        {"F1BoardClock yesterday", "F1BoardClock: 'yesterday' should be like 2024-07-28T13:00:00Z"},
        {"F1BoardClock 2024-07-28T13:00:00Z@fast", "F1BoardClock: '2024-07-28T13:00:00Z@fast' should be"},
        {"F1BoardClock 2024-02-30T13:00:00Z", "F1BoardClock: '2024-02-30T13:00:00Z' should be"},
        {"F1BoardCorsOrigin example.com", "F1BoardCorsOrigin: 'example.com' should be * or origins like https://"},
        {"F1BoardCorsOrigin https://example.com/", "F1BoardCorsOrigin: 'https://example.com/' should be"},
        {"F1BoardCorsOrigin * ftp://example.com", "F1BoardCorsOrigin: 'ftp://example.com' should be"},
        {"F1BoardCorsOrigin https://user@example.com", "F1BoardCorsOrigin: 'https://user@example.com' should be"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(cases[i].line, cases[i].because);
    }
}

/* <Location> with one Require line of ours. */
static const char *requiring(const char *what)
{
    return apr_psprintf(f1_test_pool(),
                        "LoadModule authn_core_module %s/mod_authn_core.so\n"
                        "<Location /a>\nAuthType F1Board\nAuthName a\nRequire %s\n</Location>",
                        env("F1_HTTPD_MODULES"), what);
}

static void test_requirements(void **state)
{
    static const char *const right[] = {"f1board-user",       "f1board-user ann Bob_2", "f1board-role user",
                                        "f1board-role admin", "f1board-apikey",         "f1board-apikey jobs:run a"};
    static const struct {
        const char *what, *because;
    } wrong[] = {
        {"f1board-user a-b", "'a-b' cannot be a username, which is 3 to 50 letters, digits and _"},
        {"f1board-user ann me", "'me' cannot be a username"},
        {"f1board-role", "takes one role, which is user or admin"},
        {"f1board-role root", "takes one role, which is user or admin"},
        {"f1board-role user admin", "takes one role, which is user or admin"},
        {"f1board-apikey Jobs:run", "'Jobs:run' cannot be a scope, which is like jobs:run"},
        {"f1board-apikey jobs:run \"a b\"", "'a b' cannot be a scope"},
        {"f1board-group a", "Unknown Authz provider: f1board-group"},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        assert_accepted(requiring(right[i]));
    }
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_refused(requiring(wrong[i].what), wrong[i].because);
    }
}

static void test_wrong_places(void **state)
{
    (void)state;
    assert_refused("<VirtualHost *>\nF1BoardClock 2024-07-28T13:00:00Z\n</VirtualHost>", "F1BoardClock");
    assert_refused("<Location /f1>\nF1BoardStatementTimeout 1s\n</Location>", "F1BoardStatementTimeout");
    assert_refused("<Location /f1>\nF1BoardMigrate On\n</Location>", "F1BoardMigrate");
    assert_refused("<Directory /tmp>\nF1BoardPageSize 5\n</Directory>", "F1BoardPageSize");
}

static void test_wrong_templates(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    const char *folder = apr_pstrcat(pool, env("F1_SANDBOX"), "/widgets", NULL);
    const char *path = apr_pstrcat(pool, folder, "/driver.html", NULL);
    const char *line = apr_psprintf(pool, "F1BoardWidgets %s", folder);

    (void)state;
    assert_refused(line, apr_psprintf(pool, "F1BoardWidgets: '%s' should be a folder", folder));
    assert_int_equal(mkdir(folder, 0755), 0);
    write_file(path, "<p>\n{{#a}}\n{{/b}}");
    assert_refused(line,
                   apr_psprintf(pool, "the template %s cannot be used: line 3: a is to be closed before b", path));
    write_file(path, "<p>{{a}}");
    assert_accepted(line);
}

/* What is wrong is told, but not what stands there. */
static void test_wrong_secrets(void **state)
{
    const char *path = apr_pstrcat(f1_test_pool(), env("F1_SANDBOX"), "/wrong-secrets", NULL);
    const char *line = apr_psprintf(f1_test_pool(), "<VirtualHost *>\nF1BoardSecretsFile %s\n</VirtualHost>", path);
    int status;

    (void)state;
    write_file(path, "old HS256 gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxAe\nnew HS256 gyCXbRQ5mUq0vLr3\n");
    assert_int_equal(chmod(path, 0644), 0);
    assert_refused(line, "wrong-secrets may be read or changed by others: chmod 600 it");
    assert_int_equal(chmod(path, 0600), 0);
    assert_refused(line, "wrong-secrets:2: the secret is shorter than 32 characters");
    assert_null(strstr(configtest(line, &status), "gyCX"));
    write_file(path, "old HS256 gyCXbRQ5mUq0vLr3TnWz7PsKfHd2JxAe\n");
    assert_accepted(line);
    assert_accepted(apr_pstrcat(f1_test_pool(), line, "\n", line, NULL));
}

static void test_wrong_keys(void **state)
{
    const char *line = "F1BoardWeather openweathermap\nF1BoardWeatherKeyFile wrong.key";
    int status;

    (void)state;
    write_key("wrong.key", "5ecre7K3y\n", 0644);
    assert_refused(line, "wrong.key may be read or changed by others: chmod 600 it");
    write_key("wrong.key", "5ecre7K3y&b=c\n", 0600);
    assert_refused(line, "wrong.key should hold a key of letters and digits alone");
    assert_null(strstr(configtest(line, &status), "5ecre"));
}

static void test_wrong_mounts(void **state)
{
    static const char *const sections[] = {"<LocationMatch \"^/f1\">", "<Location ~ \"^/f1\">", "<Location \"/*/f1\">",
                                           "<Location \"/f[12]\">", "<Directory \"/srv\">"};
    static const char *const ends[] = {"</LocationMatch>", "</Location>", "</Location>", "</Location>", "</Directory>"};
    size_t i;

    (void)state;
    for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        assert_refused(apr_pstrcat(f1_test_pool(), sections[i], "\nSetHandler f1board\n", ends[i], NULL),
                       "should be in a <Location> with a plain path");
    }
    assert_refused("SetHandler f1board", "SetHandler f1board on line");
    assert_refused("<Location /f1>\nSetHandler f1board\nF1BoardPageSize 50\nF1BoardPageSizeMax 10\n</Location>",
                   "F1BoardPageSize: '50' should not be above F1BoardPageSizeMax, which is 10");
    assert_refused("F1BoardPageSize 200", "F1BoardPageSize: '200' should not be above");
}

static void test_wrong_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("F1_CLOCK_START", "noon", 1), 0);
    assert_refused("F1BoardClock 2024-07-28T13:00:00Z", "F1_CLOCK_START in the environment should be microseconds");
    assert_int_equal(setenv("F1_CLOCK_START", "1722171600000000", 1), 0);
    assert_accepted("F1BoardClock 2024-07-28T13:00:00Z");
    assert_int_equal(unsetenv("F1_CLOCK_START"), 0);
}

/* The file an administrator starts with loads as it is, and every line of it that shows a directive does too. */
static void test_shipped_configuration(void **state)
{
    apr_pool_t *pool = f1_test_pool();
    char *text = apr_pstrdup(pool, f1_test_file("conf/f1board.conf", NULL)), *at;

    (void)state;
    write_file(apr_pstrcat(pool, env("F1_SANDBOX"), "/ca.pem", NULL), "");
    write_key("openweathermap.key", "5ecre7K3y\n", 0600);
    write_key("smtp.auth", "f1:5ecre7\n", 0600);
    assert_accepted(text);
    assert_accepted(apr_psprintf(pool, "LoadModule dbd_module %s/mod_dbd.so\nInclude %s/conf/f1board.conf",
                                 env("F1_HTTPD_MODULES"), env("F1_SRCDIR")));
    for (at = strstr(text, "\n#F1Board"); at; at = strstr(at, "\n#F1Board")) {
        at[1] = ' ';
    }
    assert_accepted(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        F1_TEST(test_right_values),      F1_TEST(test_wrong_values),
        F1_TEST(test_requirements),      F1_TEST(test_wrong_places),
        F1_TEST(test_wrong_templates),   F1_TEST(test_wrong_secrets),
        F1_TEST(test_wrong_keys),        F1_TEST(test_wrong_mounts),
        F1_TEST(test_wrong_environment), F1_TEST(test_shipped_configuration),
    };

    return f1_test_run(tests);
}
