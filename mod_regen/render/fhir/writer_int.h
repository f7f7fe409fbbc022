/* SPDX-License-Identifier: Apache-2.0 */
/* What the FHIR writer's files share: writer.c (structure, omissions, failures), writer_xml.c and
 * writer_json.c (the two back ends). Nobody else includes this. */
#ifndef REGEN_RENDER_WRITER_INT_H
#define REGEN_RENDER_WRITER_INT_H
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/render/writer.h"

#define RG_WRITER_DEPTH 48

typedef enum { RG_FRAME_RESOURCE, RG_FRAME_OBJECT, RG_FRAME_LIST } rg_frame_kind_t;

/* Something begun and not ended. It is written when its first content is, so that what stays empty
 * leaves no trace. */
typedef struct {
    rg_frame_kind_t kind;
    bool open;        /* its start is written */
    bool some;        /* JSON: the next member or item needs a comma */
    const char *name; /* element; NULL for the document's resource */
    const char *type; /* of a resource */
    const char *id;
    const char *url;
} rg_frame_t;

/* A back end writes what writer.c decided; failures go to rg_writer_fail. PARENT is NULL for the
 * document's resource. */
typedef struct {
    void (*start)(rg_writer_t *w);
    void (*open)(rg_writer_t *w, rg_frame_t *parent, rg_frame_t *f);
    void (*close)(rg_writer_t *w, rg_frame_t *f);
    void (*text)(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s, size_t n);
    void (*literal)(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s);
    void (*xhtml)(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *div, size_t n);
    void (*splice)(rg_writer_t *w, rg_frame_t *parent, const char *name, const char *s, size_t n);
    void (*flush)(rg_writer_t *w);
    void (*free)(rg_writer_t *w);
} rg_writer_ops_t;

struct rg_writer_t {
    apr_pool_t *pool;
    apr_pool_t *scratch; /* emptied after each use: memory does not grow with the document */
    rg_format_t format;
    const rg_writer_ops_t *ops;
    void *back; /* the back end's own */
    rg_sink_t sink;
    rg_buf_t *buf; /* NULL unless the sink is a buffer */
    rg_outcome_t outcome;
    const char *why;
    bool done;   /* the document's resource has ended */
    bool closed; /* nothing reaches the sink anymore */
    int depth;
    rg_frame_t frames[RG_WRITER_DEPTH];
};

extern const rg_writer_ops_t rg_writer_xml_ops;
extern const rg_writer_ops_t rg_writer_json_ops;

/* Remembers the first failure. NAME is an element's name or NULL, never a value. */
void rg_writer_fail(rg_writer_t *w, rg_outcome_t o, const char *why, const char *name);
/* Bytes to the sink; false, and the failure remembered, when it refused. Nothing is sent after a
 * failure. */
bool rg_writer_put(rg_writer_t *w, const char *bytes, size_t n);

#endif
