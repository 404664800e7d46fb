"""Let an article be set aside for another one."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; what is followed stays so."""
    op.add_column("articles", sa.Column("same_as", sa.Text(), nullable=True))
