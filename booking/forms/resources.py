"""Forms of pools and datasets."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field, FileField, FormField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from booking.domain.csv_lines import Unreadable
from booking.domain.errors import Invalid
from booking.domain.facilities import LONGEST_DESCRIPTION, Facility
from booking.domain.lines import clean_line
from booking.domain.listings import Access, Listing, NewDataset, NewPool, ResourceState
from booking.domain.organisations import Organisation
from booking.domain.permits import Sensitivity
from booking.domain.policies import Policy
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped
from booking.forms.policies import PolicyForm

WHOLE = {"inputmode": "numeric"}
USUAL_GRID = 15
LONGEST_SHOWN = 400_000
"""Bytes of a description; forms take no more of a text, though they take larger files."""


class ResourceForm(BaseForm):
    """What people say of a pool or a dataset, and its policy."""

    name = StringField(_("Name"), [InputRequired(), Rule(partial(clean_line, field="name"))], filters=[stripped])
    description = TextAreaField(
        _("Description"),
        [Optional(), Rule(partial(clean_text, field="description", most=LONGEST_DESCRIPTION))],
        filters=[stripped],
        render_kw={"rows": 4},
    )
    how_to_use = TextAreaField(
        _("How to use it"),
        [Optional(), Rule(partial(clean_text, field="how_to_use", most=LONGEST_DESCRIPTION))],
        filters=[stripped],
        render_kw={"rows": 6},
    )
    policy = FormField(PolicyForm)

    def given(self) -> dict[str, Any]:
        """What can be changed later, as the service takes it."""
        return {
            "name": self.name.data or "",
            "description": self.description.data or "",
            "how_to_use": self.how_to_use.data or "",
            "policy": self.policy.form.given(),
        }

    def field_named(self, path: str) -> Field | None:
        """A reason about one line of a rule stands beside that rule."""
        first, *rest = path.split(".")
        return super().field_named(".".join([first, *rest[:1]]))


class PoolForm(ResourceForm):
    """The words and rules of a pool."""

    gpu_memory_gib = IntegerField(_("Memory of a GPU, GiB"), [Optional()], render_kw=WHOLE)

    def given(self) -> dict[str, Any]:
        return super().given() | {"gpu_memory_gib": self.gpu_memory_gib.data}


class DatasetForm(ResourceForm):
    """The words and rules of a dataset."""

    seats = IntegerField(_("Seats"), [Optional()], render_kw=WHOLE)
    licence = StringField(_("Licence"), [InputRequired()], filters=[stripped])
    url = StringField(_("Address"), [Optional()], filters=[stripped])
    sensitivity = RadioField(
        _("Sensitivity"),
        choices=[
            SelectChoice(Sensitivity.PUBLIC.value, _("public: for anyone")),
            SelectChoice(Sensitivity.INTERNAL.value, _("internal: for people with an account")),
            SelectChoice(Sensitivity.RESTRICTED.value, _("restricted: for teams with a permit")),
        ],
        default=Sensitivity.PUBLIC.value,
    )
    files_root = SelectField(_("Root of its files"), [Optional()])
    files_folder = StringField(_("Folder of its files"), [Optional()], filters=[stripped])

    deletion_days = IntegerField(_("Deletion attested within, days"), [Optional()], render_kw=WHOLE)

    def offer_roots(self, roots: Iterable[str]) -> None:
        """Under which roots of the server its files can be."""
        self.files_root.choices = [SelectChoice("", _("at none")), *(SelectChoice(root) for root in roots)]

    def given(self) -> dict[str, Any]:
        return super().given() | {
            "seats": self.seats.data,
            "licence": self.licence.data or "",
            "url": self.url.data or None,
            "sensitivity": Sensitivity(self.sensitivity.data),
            "files_root": self.files_root.data or None,
            "files_folder": self.files_folder.data or "",
            "deletion_days": self.deletion_days.data,
        }


def _slug() -> StringField:
    return StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])


def _grid() -> IntegerField:
    return IntegerField(_("Grid, minutes"), [InputRequired()], default=USUAL_GRID, render_kw=WHOLE)


def _state() -> RadioField:
    return RadioField(
        _("State"),
        choices=[
            SelectChoice(ResourceState.DRAFT.value, _("a draft, which nobody else sees")),
            SelectChoice(ResourceState.PUBLISHED.value, _("published at once")),
        ],
        default=ResourceState.DRAFT.value,
    )


class NewPoolForm(PoolForm):
    """The same, with what a pool has for good."""

    slug = _slug()
    gpu_model = StringField(_("GPU model"), [InputRequired()], filters=[stripped])
    grid_minutes = _grid()
    state = _state()

    def asked(self, facility: str) -> NewPool:
        """The same as the service takes it."""
        return NewPool(
            facility=facility,
            slug=self.slug.data or "",
            gpu_model=self.gpu_model.data or "",
            grid_minutes=self.grid_minutes.data or 0,
            state=ResourceState(self.state.data),
            **self.given(),
        )


class NewDatasetForm(DatasetForm):
    """The same, with what a dataset has for good."""

    slug = _slug()
    organisation = SelectField(_("Owner"))
    facility = SelectField(_("Facility"), [Optional()])
    access = RadioField(
        _("Access"),
        choices=[
            SelectChoice(Access.OPEN.value, _("open: fetched from its own address")),
            SelectChoice(Access.GATEWAY.value, _("through the gateway, while a booking runs")),
            SelectChoice(Access.ONSITE.value, _("on site: with pools of the same facility only")),
        ],
        default=Access.GATEWAY.value,
    )
    grid_minutes = _grid()
    state = _state()

    def offer(self, organisations: Iterable[Organisation], facilities: Iterable[Facility]) -> None:
        """Whose it can be, and where."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]
        self.facility.choices = [
            SelectChoice("", _("at none")),
            *(SelectChoice(each.slug, each.name) for each in facilities),
        ]

    def asked(self) -> NewDataset:
        """The same as the service takes it."""
        return NewDataset(
            slug=self.slug.data or "",
            access=Access(self.access.data),
            facility=self.facility.data or None,
            organisation=self.organisation.data or None,
            grid_minutes=self.grid_minutes.data or 0,
            state=ResourceState(self.state.data),
            **self.given(),
        )


class CroissantForm(BaseForm):
    """A description of a dataset in Croissant: a file, or what was in it, to be mended where it cannot be used."""

    wrong: Sequence[Invalid] = ()
    organisation = SelectField(_("Owner"))
    file = FileField(_("File"), [Optional()])
    text = TextAreaField(_("Or its text"), [Optional()], render_kw={"rows": 12, "spellcheck": "false"})

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """Whose the dataset can be."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]

    def content(self) -> bytes:
        """What was sent, the file before the text; what is too long for a text is not shown again."""
        if not self.file.data:
            return (self.text.data or "").encode()
        content: bytes = self.file.data.read()
        self.text.data = content.decode(errors="replace") if len(content) <= LONGEST_SHOWN else ""
        return content

    def refuse_description(self, unreadable: Unreadable) -> None:
        """Say all that is wrong beside the text."""
        self.wrong = [unreadable, *unreadable.others]
        self.text.errors = [Invalid("text", "It cannot be used as it is.")]  # type: ignore[list-item]  # for `say`


def filled(listing: Listing) -> dict[str, Any]:
    """What a form about a resource shows before anything is typed."""
    return {
        "name": listing.name,
        "description": listing.description,
        "how_to_use": listing.how_to_use,
        "policy": policy_shown(listing.policy),
        "gpu_memory_gib": listing.gpu_memory_gib,
        "seats": listing.seats,
        "licence": listing.licence,
        "url": listing.url,
        "sensitivity": listing.sensitivity.value,
        "files_root": listing.files_root or "",
        "files_folder": listing.files_folder,
        "deletion_days": listing.deletion_days,
    }


def policy_shown(policy: Policy) -> dict[str, Any]:
    """The rules as the fields of their form show them."""
    shown = {name: getattr(policy, name) for name in PolicyForm()._fields}
    return shown | {
        "charge": policy.charge.value,
        "quota": policy.quota.value,
        "opening": policy.opening.value,
        "eligible_regions": "\n".join(policy.eligible_regions or ()),
    }
