/* SPDX-License-Identifier: Apache-2.0
 * Copyright The mod_f1board authors */

/* Stands in for libFuzzer where a fuzz target is only replayed: gives it every file of the corpus folder named on the
 * command line, and tells each as a TAP line. A target that finds something wrong aborts. */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <apr_general.h>

#define INPUT_MAX (1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Exactly as many bytes as the input has, so that valgrind and sanitizers see a read past its end. */
static int replay(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;
    uint8_t *data = NULL;
    long size;
    int done = 0;

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path)) {
        return 0;
    }
    file = fopen(path, "rb");
    if (!file) {
        return 0;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 && size <= INPUT_MAX) {
        rewind(file);
        data = malloc(size ? (size_t)size : 1);
        if (data && fread(data, 1, (size_t)size, file) == (size_t)size) {
            LLVMFuzzerTestOneInput(data, (size_t)size);
            done = 1;
        }
    }
    free(data);
    fclose(file);
    return done;
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    int count = argc == 2 ? scandir(argv[1], &entries, visible, alphasort) : -1;
    int failed = 0;

    if (count <= 0) {
        fprintf(stderr, "usage: %s FOLDER, with at least one file in it\n", argv[0]);
        return 1;
    }
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        int done;

        fflush(stdout);
        done = replay(argv[1], entries[i]->d_name);
        printf("%s %d - %s\n", done ? "ok" : "not ok", i + 1, entries[i]->d_name);
        failed += !done;
        free(entries[i]);
    }
    free(entries);
    apr_terminate(); /* what stands in pools that targets keep is no leak */
    return failed != 0;
}
