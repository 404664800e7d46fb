"""Keep the address that an article's page declares as its own."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add the column; it is filled as versions come."""
    op.add_column("articles", sa.Column("canonical", sa.Text(), nullable=True))
    op.create_index(op.f("ix_articles_canonical"), "articles", ["canonical"], unique=False)
