"""Let a change say that it went back to an earlier version."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column, and fill it for the changes that are there."""
    op.add_column("changes", sa.Column("reversal_of", sa.Integer(), nullable=True))
    op.execute(
        """
        UPDATE changes SET reversal_of = (
            SELECT max(earlier.number) FROM versions AS earlier
            JOIN versions AS new ON new.article_id = earlier.article_id AND new.digest = earlier.digest
            WHERE new.id = changes.new_version_id AND earlier.number < new.number
        )
        """
    )
