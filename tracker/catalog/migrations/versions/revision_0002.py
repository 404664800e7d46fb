"""Let a source have a pattern of links and a limit."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; the sources that are there follow everything, as before."""
    op.add_column("sources", sa.Column("links", sa.Text(), nullable=True))
    op.add_column("sources", sa.Column("limit", sa.Integer(), nullable=True))
