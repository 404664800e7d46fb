"""Keep the fingerprint of the page that an article's latest text was last read in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column; it is filled as the articles are checked."""
    op.add_column("articles", sa.Column("fingerprint", sa.Text(), nullable=True))
