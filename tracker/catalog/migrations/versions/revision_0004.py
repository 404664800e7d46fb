"""Keep what becomes of an article as a whole: gone, removed, restored, moved."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table of events, and what is counted until there is one."""
    op.add_column("articles", sa.Column("gone_checks", sa.Integer(), nullable=False, server_default="0"))
    for name in ("gone_since", "gone_until", "removed_at"):
        op.add_column("articles", sa.Column(name, sa.BigInteger(), nullable=True))
    op.create_table(
        "events",
        sa.Column("id", Id, nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("detected_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_events_article_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_article_id_detected_at"), "events", ["article_id", "detected_at"], unique=False)
    op.create_index(op.f("ix_events_detected_at"), "events", ["detected_at"], unique=False)
