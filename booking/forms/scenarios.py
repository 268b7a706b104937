"""Forms of entries of scenario lists: what one says, and what reviewers say to it."""

from collections.abc import Iterable
from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from booking.domain.entries import LONGEST_FIELD, LONGEST_LINK, MOST_GPU_HOURS, MOST_NAMED, Category, Content
from booking.domain.facilities import LONGEST_DESCRIPTION
from booking.domain.lines import clean_line
from booking.domain.organisations import LONGEST_REGION
from booking.domain.scenarios import NewEntry
from booking.domain.slugs import clean_slug
from booking.domain.texts import clean_text
from booking.forms.base import SHORT, BaseForm, Rule, SelectChoice, reason_field, stripped
from booking.forms.numbers import WholeNumberField

TALL = {"rows": 6}
MOST_TYPED = MOST_NAMED * (LONGEST_FIELD + 2)
COMMAS = str.maketrans({"，": ",", "、": ","})


class EntryForm(BaseForm):
    """What an entry says, in the words of its owner."""

    name = StringField(_("Name"), [InputRequired(), Rule(partial(clean_line, field="name"))])
    category = SelectField(_("Category"), [InputRequired()])
    field = StringField(_("Field"), [Optional(), Rule(partial(clean_line, field="field", most=LONGEST_FIELD, least=0))])
    region = StringField(_("Region"), [InputRequired(), Rule(partial(clean_line, field="region", most=LONGEST_REGION))])
    description = TextAreaField(
        _("Description"),
        [InputRequired(), Rule(partial(clean_text, field="description", most=LONGEST_DESCRIPTION))],
        filters=[stripped],
        render_kw=TALL,
    )
    gpu_hours = WholeNumberField(
        _("GPU-hours needed"), [Optional(), NumberRange(0, MOST_GPU_HOURS)], render_kw={"inputmode": "numeric"}
    )
    gpu_models = StringField(_("GPU models"), [Optional(), Length(max=MOST_TYPED)], filters=[stripped])
    datasets = StringField(_("Datasets"), [Optional(), Length(max=MOST_TYPED)], filters=[stripped])
    skills = StringField(_("Skills"), [Optional(), Length(max=MOST_TYPED)], filters=[stripped])
    contact = StringField(_("Contact"), [Optional(), Rule(partial(clean_line, field="contact", least=0))])
    links = TextAreaField(
        _("Links of attachments"),
        [Optional(), Length(max=MOST_NAMED * LONGEST_LINK)],
        filters=[stripped],
        render_kw=SHORT,
    )

    def offer_categories(self, categories: Iterable[tuple[str, str]]) -> None:
        """What can be chosen, by value and name."""
        self.category.choices = [SelectChoice(*each) for each in categories]

    def content(self) -> Content:
        """What was typed, as the service takes it."""
        return Content(
            name=self.name.data or "",
            category=Category(self.category.data),
            region=self.region.data or "",
            description=self.description.data or "",
            field=self.field.data or "",
            gpu_hours=self.gpu_hours.data or 0,
            gpu_models=_between_commas(self.gpu_models.data),
            datasets=_between_commas(self.datasets.data),
            skills=_between_commas(self.skills.data),
            contact=self.contact.data or "",
            links=tuple((self.links.data or "").split()),
        )


class NewEntryForm(EntryForm):
    """A new entry: whose it is, and which one of the last list it goes on with."""

    slug = StringField(_("Short name"), [InputRequired(), Rule(clean_slug)], filters=[stripped])
    organisation = SelectField(_("Organisation"), [InputRequired()])
    continues = SelectField(_("Goes on with"), default="")

    def entry(self) -> NewEntry:
        """What was typed, as the service takes it."""
        return NewEntry(self.slug.data or "", self.organisation.data or "", self.content(), self.continues.data or "")


class ChangedEntryForm(EntryForm):
    """What an entry is to say instead, and why."""

    reason = TextAreaField(
        _("Why it is changed"), [Rule(partial(clean_text, field="reason"))], filters=[stripped], render_kw=SHORT
    )


class ReviewForm(BaseForm):
    """What a reviewer says to an entry."""

    reason = reason_field()


def typed(content: Content) -> dict[str, object]:
    """A content as the fields of its form hold it."""
    lists = {name: ", ".join(getattr(content, name)) for name in ("gpu_models", "datasets", "skills")}
    return content.as_mapping() | lists | {"category": content.category.value, "links": "\n".join(content.links)}


def _between_commas(text: str | None) -> tuple[str, ...]:
    """The words that commas separate, in English or Chinese."""
    return tuple(word.strip() for word in (text or "").translate(COMMAS).split(",") if word.strip())
