"""The places that the settings name for checkpoints: a folder, the officer's mailbox, a bucket."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import TYPE_CHECKING

from kcc.audit.notes import without_proof
from kcc.audit.places import ENDING, Folder, Place, PlaceAway, PlaceDiffers
from kcc.config import Settings
from kcc.errors import N_, KccError, Unavailable
from kcc.failpoints import durable
from kcc.s3_place import S3Place
from kcc.scheduler import mail, words
from kcc.sections import Mail
from kcc.vault import s3_credentials

if TYPE_CHECKING:
    from obstore.store import S3Store

_SUBJECT = N_("kcc: checkpoint %(number)d of the audit log")
_LETTER = N_(
    "This is a signed checkpoint of the audit log. Keep this letter: with it you can check later that "
    "nothing was changed in the log or left out. You need not do anything now."
)


def configured(settings: Settings) -> list[Place]:
    """Every place that is set."""
    told, found = settings.audit, list[Place]()
    if told.folder:
        found.append(Folder(Path(told.folder)))
    if told.mail_to:
        to = settings.mail.model_copy(update={"to": told.mail_to})
        found.append(Letter(to, timedelta(hours=told.mail_every_hours)))
    if told.s3_url:
        found.append(Bucket(S3Place.of(told.s3_url), told.s3_credentials_file))
    return found


@dataclass(frozen=True)
class Letter:
    """The newest checkpoint by mail, every so often; nobody can take a letter back."""

    settings: Mail
    every: timedelta
    name = "mail"

    def take(self, number: int, text: str) -> None:
        """Send it."""
        say = words.in_language(self.settings.language)
        subject = say(_SUBJECT) % {"number": number}
        try:
            mail.send(self.settings, subject, f"{say(_LETTER)}\n\n{text}")
        except (OSError, SMTPException) as fault:
            raise PlaceAway(N_("The letter with the checkpoint could not be sent.")) from fault

    def newest(self, near: int) -> None:  # noqa: ARG002 - no letter comes back
        """Unknown: what was sent is in somebody's mailbox."""
        return


@dataclass(frozen=True)
class Bucket:
    """A bucket's folder, one object a checkpoint; best one whose objects are locked against change."""

    place: S3Place
    credentials: Path
    name = "s3"
    every = timedelta(0)

    def take(self, number: int, text: str) -> None:
        """Put it there, unless it is there."""
        import obstore  # only where a bucket is set: it is an extra
        from obstore.exceptions import AlreadyExistsError, BaseError

        key = f"{number:08}{ENDING}"
        try:
            store = self._store()
            try:
                with durable("place.put"):
                    obstore.put(store, key, text.encode(), mode="create")
            except AlreadyExistsError:
                if bytes(obstore.get(store, key).bytes()).decode() != text:
                    raise PlaceDiffers(
                        N_("The bucket of checkpoints holds another one of this number.")
                    ) from None
        except (BaseError, FileNotFoundError, OSError, Unavailable) as fault:
            raise PlaceAway(N_("The bucket of checkpoints does not answer.")) from fault

    def newest(self, near: int) -> str | None:
        """By its name: numbers have as many digits, and only what comes after a name is listed."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            store = self._store()
            listed = obstore.list(store, offset=f"{max(near - 1, 0):08}{ENDING}")
            names = [one["path"] for page in listed for one in page]
            ours = sorted(name for name in names if name.endswith(ENDING))
            if not ours:
                return None
            return without_proof(bytes(obstore.get(store, ours[-1]).bytes()).decode())[0]
        except (BaseError, FileNotFoundError, OSError, ValueError, KccError) as fault:
            raise PlaceAway(N_("The bucket of checkpoints does not answer.")) from fault

    def _store(self) -> "S3Store":
        from kcc.vault.s3 import connect

        return connect(self.place, *s3_credentials.read(self.credentials))
