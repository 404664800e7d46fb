"""Remember which articles were noted beside their captures as they are known now."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the mark; nothing was noted so far."""
    op.add_column("articles", sa.Column("noted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_articles_unnoted",
        "articles",
        ["id"],
        unique=False,
        sqlite_where=sa.text("noted = 0"),
        postgresql_where=sa.text("NOT noted"),
    )
