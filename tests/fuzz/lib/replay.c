/* SPDX-License-Identifier: Apache-2.0 */
/* Replays a corpus through a libFuzzer target without libFuzzer: every file as it is, every file
 * cut short and every file with bytes changed in a fixed, repeatable way. Linked to each target by
 * the Makefile and run by tests/run; prints one TAP line per file. Without a file it fails: an empty
 * corpus proves nothing. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

enum { CUTS = 256, CHANGES = 256, BIGGEST = 1 << 20 };

/* xorshift64: the same changes on every machine. */
static uint64_t next_number(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A copy of its own size, so that AddressSanitizer sees one byte too far. */
static void run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);

    if (!copy) {
        abort();
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void run_cut(const uint8_t *data, size_t size)
{
    size_t step = size / CUTS + 1;

    for (size_t n = 0; n < size; n += step) {
        run_copy(data, n);
    }
}

static void run_changed(uint8_t *data, size_t size)
{
    static const uint8_t nasty[] = "\0\n\r<>&\"'{}[]%+=;:\\/\x7f\x80\xc0\xff";
    uint64_t state = 0x9e3779b97f4a7c15u ^ size;

    for (int i = 0; size > 0 && i < CHANGES; i++) {
        size_t at = (size_t)(next_number(&state) % size);
        uint8_t was = data[at];

        data[at] = (i & 1) != 0 ? (uint8_t)next_number(&state)
                                : nasty[next_number(&state) % (sizeof(nasty) - 1)];
        run_copy(data, size);
        data[at] = was;
    }
}

static int replay(const char *path)
{
    uint8_t *data = malloc(BIGGEST);
    FILE *f = fopen(path, "rb");

    if (!data || !f) {
        printf("# cannot read %s\n", path);
        free(data);
        return 1;
    }
    size_t size = fread(data, 1, BIGGEST, f);
    fclose(f);
    run_copy(data, size);
    run_cut(data, size);
    run_changed(data, size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    if (LLVMFuzzerInitialize) {
        LLVMFuzzerInitialize(&argc, &argv);
    }
    if (argc < 2) {
        printf("# no input: the corpus is empty\n");
    }
    for (int i = 1; i < argc; i++) {
        const char *slash = strrchr(argv[i], '/');
        const char *name = slash ? slash + 1 : argv[i];

        /* Said before, so that a crash names its file. */
        printf("# %s\n", name);
        fflush(stdout);
        int bad = replay(argv[i]);
        failed |= bad;
        printf("%sok %d - %s\n", bad != 0 ? "not " : "", i, name);
        fflush(stdout);
    }
    return failed;
}
