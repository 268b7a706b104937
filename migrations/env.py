"""How Alembic reaches the database: the engine and the tables of the running application."""

from alembic import context
from flask import current_app

from booking import models  # noqa: F401 (fills the metadata)
from booking.db import Base


def run() -> None:
    """Migrate over one connection, in one transaction where the engine can."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
