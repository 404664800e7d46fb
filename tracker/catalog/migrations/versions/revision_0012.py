"""Keep how often somebody wants an article checked, and how many checks an hour a source may cost."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the wishes; there are none yet."""
    op.add_column("articles", sa.Column("every_s", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("every_s", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("most_per_hour", sa.Integer(), nullable=True))
