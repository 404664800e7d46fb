"""Keep the texts that an address serves in turn, and how often each was seen."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table; the changes that are there stay what they were taken for."""
    op.add_column("changes", sa.Column("alternating", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "variants",
        sa.Column("version_id", Id, nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_variants_article_id")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_variants_version_id")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_variants")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_variants_article_id"), "variants", ["article_id"], unique=False)
