"""Forms of clusters: a new one, the machines of a pool, and who is who on them."""

from collections.abc import Iterable
from functools import partial

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from booking.domain.clusters import Binding, KnownCluster, clean_login, clean_machine, clean_prefix, nodes_listed
from booking.domain.errors import Invalid
from booking.domain.organisations import Organisation
from booking.domain.slugs import clean_slug
from booking.forms.base import BaseForm, Rule, SelectChoice, stripped


class ClusterForm(BaseForm):
    """A new cluster."""

    organisation = SelectField(_("Organisation"))
    name = StringField(_("Name"), [InputRequired(), Rule(partial(clean_slug, field="name"))], filters=[stripped])
    account_prefix = StringField(
        _("Prefix of accounts"), [InputRequired(), Rule(clean_prefix)], filters=[stripped], default="bk_"
    )

    def offer(self, organisations: Iterable[Organisation]) -> None:
        """The organisations that the reader operates."""
        self.organisation.choices = [SelectChoice(each.slug, each.name) for each in organisations]


class BindingForm(BaseForm):
    """The machines that a pool stands for."""

    cluster = SelectField(_("Cluster"))
    partition = StringField(
        _("Partition"), [InputRequired(), Rule(partial(clean_machine, field="partition"))], filters=[stripped]
    )
    gpus_per_node = IntegerField(_("GPUs of a node"), [InputRequired()], render_kw={"inputmode": "numeric"})
    nodes = StringField(_("Nodes"), [InputRequired()], filters=[stripped])

    def offer(self, clusters: Iterable[KnownCluster]) -> None:
        """The clusters that the reader operates."""
        self.cluster.choices = [SelectChoice(each.name, each.name) for each in clusters]

    def asked(self) -> Binding:
        """The same as the service takes it; Invalid where the nodes are no list."""
        try:
            nodes = nodes_listed(self.nodes.data or "")
        except ValueError:
            raise Invalid("nodes", "This is no list of nodes such as a[1-4],b1.") from None
        return Binding(self.cluster.data or "", self.partition.data or "", self.gpus_per_node.data or 0, nodes)


class LoginForm(BaseForm):
    """Which account of the machines a person uses."""

    email = StringField(_("E-mail address"), [InputRequired()], filters=[stripped])
    login = StringField(_("Login"), [Optional(), Rule(clean_login)], filters=[stripped])
