/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a record that looks like another one. */
#ifndef RG_FACE_ROW_H
#define RG_FACE_ROW_H

/* Of table OF ("p."), into field TO. */
#define FACE_COLS(FIRST, COL, to, of)                                                              \
    FIRST(I64, to.id, of "id")                                                                     \
    COL(STR, to.uid, of "uid")                                                                     \
    COL(STR, to.family, of "family")                                                               \
    COL(STR, to.given, of "given")                                                                 \
    COL(STR, to.email, of "email")                                                                 \
    COL(STR, to.phone, of "phone")                                                                 \
    COL(DATE, to.birth_date, of "birth_date")                                                      \
    COL(TIME, to.created_at, of "created_at")

#endif
