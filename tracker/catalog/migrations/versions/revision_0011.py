"""Say of a version where a later program's reading of its capture stands, where there is one."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns; none of the versions that are there was read again."""
    op.add_column("versions", sa.Column("reading_file", sa.Text(), nullable=True))
    op.add_column("versions", sa.Column("reading_offset", sa.BigInteger(), nullable=True))
    op.add_column("versions", sa.Column("reading_at", sa.BigInteger(), nullable=True))
