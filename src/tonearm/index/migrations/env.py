"""What Alembic runs: the revisions of one store, on the connection that `migrate` opened."""

from alembic import context

from tonearm.index.migrations import version_table

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"], version_table=version_table(attributes["store"]), transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
