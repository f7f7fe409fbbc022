/* SPDX-License-Identifier: Apache-2.0 */
/* A small, steady load on one address: load_http PORT CONNECTIONS REQUESTS PATH sends GETs over
 * that many kept-alive connections to 127.0.0.1 and prints requests a second, p50 and p99 in
 * microseconds. Used by bench_page.py, because a client written in Python would measure itself. */
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20 };

typedef struct {
    int port, requests;
    const char *path;
    double *took;
} client_t;

static void stop(const char *what)
{
    fprintf(stderr, "load_http: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int dial(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int yes = 1;
    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0 || connect(s, (struct sockaddr *)&to, sizeof(to)) != 0)
        stop("cannot connect");
    setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    return s;
}

/* The whole answer has come when the header's length is there. */
static size_t expected(const char *head, size_t n)
{
    const char *end = memmem(head, n, "\r\n\r\n", 4);
    if (!end)
        return 0;
    if (n < 12 || memcmp(head + 9, "200", 3) != 0)
        stop("an answer is not 200");
    const char *length = memmem(head, (size_t)(end - head), "\r\nContent-Length: ", 18);
    if (!length)
        stop("an answer has no length");
    return (size_t)(end + 4 - head) + (size_t)strtoul(length + 18, NULL, 10);
}

static void exchange(int s, const char *request, size_t length, char *buffer)
{
    size_t got = 0;
    size_t whole = 0;
    if (write(s, request, length) != (ssize_t)length)
        stop("cannot send");
    while (whole == 0 || got < whole) {
        ssize_t n = read(s, buffer + got, BUFFER - got);
        if (n <= 0)
            stop("the connection ended");
        got += (size_t)n;
        if (whole == 0)
            whole = expected(buffer, got);
    }
}

static void *client(void *baton)
{
    client_t *c = baton;
    char request[512];
    char *buffer = malloc(BUFFER);
    int s = dial(c->port);
    int length =
        snprintf(request, sizeof(request),
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: */*\r\n\r\n", c->path, c->port);
    for (int i = 0; i < c->requests; i++) {
        double begin = now();
        exchange(s, request, (size_t)length, buffer);
        c->took[i] = now() - begin;
    }
    close(s);
    free(buffer);
    return NULL;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        stop("usage: load_http PORT CONNECTIONS REQUESTS PATH");
    int port = (int)strtol(argv[1], NULL, 10);
    int n = (int)strtol(argv[2], NULL, 10);
    int each = (int)strtol(argv[3], NULL, 10) / (n > 0 ? n : 1);
    if (n < 1 || n > 64 || each < 1)
        stop("1 to 64 connections, and a request for each");
    size_t total = (size_t)n * (size_t)each;
    double *took = calloc(total, sizeof(*took));
    double begin = now();
    pthread_t threads[64];
    client_t clients[64];
    for (int i = 0; i < n; i++) {
        clients[i] = (client_t){port, each, argv[4], took + (size_t)i * (size_t)each};
        if (pthread_create(&threads[i], NULL, client, &clients[i]) != 0)
            stop("cannot start a thread");
    }
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    double seconds = (now() - begin) / 1e6;
    qsort(took, total, sizeof(*took), ascending);
    printf("%.1f %.1f %.1f\n", (double)total / seconds, took[total / 2], took[total * 99 / 100]);
    free(took);
    return 0;
}
