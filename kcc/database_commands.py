"""The command about the database's roles; what they may do stands in kcc.wall."""

import click
from sqlalchemy.engine import make_url

from kcc import config
from kcc.wall import roles
from kcc.wall.rights import Role


@click.group("database")
def database_group() -> None:
    """The database and its roles."""


@database_group.command("roles")
@click.pass_obj
def print_roles(settings: config.Settings) -> None:
    """Print the SQL that makes the roles named in the settings; a superuser runs it once, before migrate."""
    if not settings.database.split:
        raise click.ClickException("the settings name no roles: set web_url and the others under [database]")
    owner = make_url(settings.database.url)
    click.echo(roles.script(str(owner.database), str(owner.username), names(settings)), nl=False)


def names(settings: config.Settings) -> dict[Role, str]:
    """The database's name of each role."""
    return {Role(role): name for role, name in settings.database.names().items()}
