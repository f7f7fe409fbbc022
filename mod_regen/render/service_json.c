/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions of services as JSON for people to edit: indented, every field, in a fixed order. */
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/clinic_def.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/render/message.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    rg_buf_t *out;
    int depth;
    bool first; /* nothing stands before it in what is open */
} pen_t;

static void line(pen_t *pen)
{
    rg_buf_puts(pen->out, pen->first ? "\n" : ",\n");
    pen->first = false;
    for (int i = 0; i < pen->depth; i++) {
        rg_buf_puts(pen->out, "  ");
    }
}

/* Values are clean text: of the controls only tab and line feed are in it. */
static void quoted(pen_t *pen, const char *s)
{
    rg_buf_puts(pen->out, "\"");
    for (; *s; s++) {
        switch (*s) {
        case '"': rg_buf_puts(pen->out, "\\\""); break;
        case '\\': rg_buf_puts(pen->out, "\\\\"); break;
        case '\n': rg_buf_puts(pen->out, "\\n"); break;
        case '\r': rg_buf_puts(pen->out, "\\r"); break;
        case '\t': rg_buf_puts(pen->out, "\\t"); break;
        default: rg_buf_add(pen->out, s, 1); break;
        }
    }
    rg_buf_puts(pen->out, "\"");
}

static void key(pen_t *pen, const char *name)
{
    line(pen);
    if (name) {
        quoted(pen, name);
        rg_buf_puts(pen->out, ": ");
    }
}

static void begin(pen_t *pen, const char *name, const char *bracket)
{
    key(pen, name);
    rg_buf_puts(pen->out, bracket);
    pen->depth++;
    pen->first = true;
}

static void end(pen_t *pen, const char *bracket)
{
    bool empty = pen->first;
    pen->depth--;
    pen->first = true;
    if (!empty) {
        line(pen);
    }
    pen->first = false;
    rg_buf_puts(pen->out, bracket);
}

static void fields(pen_t *pen, const rg_field_t *f, const void *object)
{
    for (; f->name; f++) {
        const char *text = rg_field_get(pen->out->pool, f, object);
        key(pen, f->name);
        if (f->kind == RG_FIELD_INT || f->kind == RG_FIELD_YES) {
            rg_buf_puts(pen->out, text);
        }
        else {
            quoted(pen, text);
        }
    }
}

static void words(pen_t *pen, const char *name, const char *const *list, int count)
{
    key(pen, name);
    rg_buf_puts(pen->out, "[");
    for (int i = 0; i < count; i++) {
        rg_buf_puts(pen->out, i > 0 ? ", " : "");
        quoted(pen, list[i]);
    }
    rg_buf_puts(pen->out, "]");
}

static void write_json_step(pen_t *pen, const rg_step_t *s)
{
    begin(pen, NULL, "{");
    fields(pen, rg_step_fields, s);
    begin(pen, "needs", "[");
    for (int i = 0; i < s->need_count; i++) {
        begin(pen, NULL, "{");
        fields(pen, rg_need_fields, &s->needs[i]);
        words(pen, "any", s->needs[i].any, s->needs[i].any_count);
        end(pen, "}");
    }
    end(pen, "]");
    end(pen, "}");
}

/* A list of objects that are SIZE bytes apart and have fields only. */
static void lines(pen_t *pen, const char *name, const rg_field_t *f, const void *list, size_t size,
                  int count)
{
    begin(pen, name, "[");
    for (int i = 0; i < count; i++) {
        begin(pen, NULL, "{");
        fields(pen, f, (const char *)list + (size_t)i * size);
        end(pen, "}");
    }
    end(pen, "]");
}

static void service(pen_t *pen, const rg_service_def_t *d)
{
    begin(pen, NULL, "{");
    fields(pen, rg_service_fields, d);
    words(pen, "body_sites", d->service.body_sites, d->service.body_site_count);
    words(pen, "forms", d->forms, d->form_count);
    lines(pen, "preparing", rg_preparing_fields, d->service.preparing,
          sizeof(*d->service.preparing), d->service.preparing_count);
    lines(pen, "products", rg_product_fields, d->service.products, sizeof(*d->service.products),
          d->service.product_count);
    begin(pen, "steps", "[");
    for (int i = 0; i < d->service.step_count; i++) {
        write_json_step(pen, &d->service.steps[i]);
    }
    end(pen, "]");
    lines(pen, "recalls", rg_recall_fields, d->recalls, sizeof(*d->recalls), d->recall_count);
    lines(pen, "screenings", rg_screening_fields, d->screenings, sizeof(*d->screenings),
          d->screening_count);
    end(pen, "}");
}

rg_outcome_t rg_services_json(rg_buf_t *out, const rg_service_def_t *defs, int count)
{
    pen_t pen = {out, 1, true};
    rg_buf_puts(out, "{");
    key(&pen, "format");
    quoted(&pen, RG_SERVICES_FORMAT);
    begin(&pen, "services", "[");
    for (int i = 0; i < count; i++) {
        service(&pen, &defs[i]);
    }
    end(&pen, "]");
    rg_buf_puts(out, "\n}\n");
    return out->overflow ? RG_TOO_LARGE : RG_OK;
}

rg_outcome_t rg_clinic_json(rg_buf_t *out, const rg_clinic_def_t *def)
{
    pen_t pen = {out, 1, true};
    rg_buf_puts(out, "{");
    key(&pen, "format");
    quoted(&pen, RG_CLINIC_FORMAT);
    lines(&pen, "organization", rg_organization_fields, def->organization,
          sizeof(*def->organization), def->organization_count);
    lines(&pen, "sites", rg_site_fields, def->sites, sizeof(*def->sites), def->site_count);
    lines(&pen, "payers", rg_payer_fields, def->payers, sizeof(*def->payers), def->payer_count);
    rg_buf_puts(out, "\n}\n");
    return out->overflow ? RG_TOO_LARGE : RG_OK;
}
