"""Run the migrations on the connection, and in the transaction, that `tracker.catalog.migration` holds.

Touches the database.
"""

from alembic import context

from tracker.catalog.schema import REVISION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    transactional_ddl=True,  # SQLite too, as long as the driver does not commit by itself
)
context.run_migrations()
