"""Let a version say that its capture was imported, and from where."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; it is filled for the versions that are there when their article's history is told anew."""
    op.add_column("versions", sa.Column("origin", sa.Text(), nullable=True))
