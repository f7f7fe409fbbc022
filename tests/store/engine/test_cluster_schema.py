# SPDX-License-Identifier: Apache-2.0
"""What Galera asks of every table, so that a node neither refuses it nor falls out of the cluster while applying in parallel."""

OURS = "table_schema = 'regen'"


def test_every_table_is_transactional_and_has_a_primary_key(database):
    tables = dict(database.rows("SELECT table_name, engine FROM information_schema.tables WHERE %s AND table_type = 'BASE TABLE'" % OURS))
    keyed = {t for (t,) in database.rows("SELECT table_name FROM information_schema.statistics WHERE %s AND index_name = 'PRIMARY'" % OURS)}
    assert len(tables) > 40
    assert set(tables.values()) == {'InnoDB'}
    assert set(tables) - keyed == set()


def test_every_reference_is_seen_by_certification(database):
    """A foreign key to a unique key that is not the primary one puts its parent's transaction before its own on no node: see
    sql/0012_cluster.sql. So a table refers to that parent by its primary key as well, itself or through another."""
    rows = database.rows('SELECT constraint_name, table_name, referenced_table_name, unique_constraint_name'
                         " FROM information_schema.referential_constraints WHERE constraint_schema = 'regen'")
    plain = {}
    for _, child, parent, key in rows:
        if key == 'PRIMARY':
            plain.setdefault(child, set()).add(parent)

    def before(child, seen=()):
        return {p for parent in plain.get(child, ()) if parent not in seen for p in {parent} | before(parent, (*seen, child))}

    others = [(name, child, parent) for name, child, parent, key in rows if key != 'PRIMARY']
    assert len(others) >= 6
    assert [name for name, child, parent in others if parent not in before(child)] == []
