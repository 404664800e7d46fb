"""Keep how each channel does, which digest an alert waits for, and how much it matters."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the table of channels; what waits already is sent at once, as before."""
    op.add_column("deliveries", sa.Column("importance", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("timetable", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("sent_as", sa.Text(), nullable=True))
    op.create_index(op.f("ix_deliveries_change_id"), "deliveries", ["change_id"], unique=False)
    op.create_index(op.f("ix_deliveries_channel_delivered_at"), "deliveries", ["channel", "delivered_at"], unique=False)
    op.create_table(
        "channels",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("resume_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
    )
