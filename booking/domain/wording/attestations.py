"""What notices of attestations say, and where they lead."""

from booking.domain.wording.letters import Wording, _

_ATTESTATIONS = _("Open the attestations")

MEMBERS = {
    "attestation_asked": Wording(
        _("%(team)s is to attest the deletion of data"),
        _("A window of %(team)s is over whose data is to be deleted by %(until)s."),
        _("Delete it everywhere, and attest it in time; while that is late, your team books this dataset no more."),
        _ATTESTATIONS,
    ),
    "attestation_due": Wording(
        _("Two days are left to attest the deletion of data"),
        _("%(team)s has not attested yet that it has deleted the data of a window; that is due by %(until)s."),
        _("Delete it everywhere, and attest it in time; while that is late, your team books this dataset no more."),
        _ATTESTATIONS,
    ),
    "attestation_overdue": Wording(
        _("%(team)s is late with the deletion of data"),
        _("%(team)s should have attested by %(until)s that it has deleted the data of a window."),
        _("Until you attest it, your team books this dataset no more."),
        _ATTESTATIONS,
    ),
}

OWNERS = {
    "attestation_overdue": Wording(
        _("%(team)s is late with the deletion of data"),
        _("%(team)s should have attested by %(until)s that it has deleted the data of a window."),
        _("Ask the team. Until it has attested it, it books this dataset no more."),
        _ATTESTATIONS,
    ),
    "attestation_given": Wording(
        _("%(team)s has attested the deletion of data"),
        _("%(team)s has attested that it has deleted the data of a window."),
        _("There is nothing to do; read what it says if you like."),
        _ATTESTATIONS,
    ),
}

LINKS = dict.fromkeys((*MEMBERS, *OWNERS), ("attestations.index", "", ""))
