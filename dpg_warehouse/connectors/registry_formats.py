"""The generations of the registry's format, as data: which fields each has, and which it must have.

A field is written as the path of a leaf; `[]` marks a list. Fields that a generation doesn't know are
never landed, since nobody has looked whether they hold personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache


@dataclass(frozen=True)
class Format:
    """One generation: its name, how records are keyed, the fields it must have and those it knows."""

    name: str
    key_field: str
    required: frozenset[str]
    fields: frozenset[str]

    @cached_property
    def top_fields(self) -> frozenset[str]:
        """The fields of the outermost level."""
        return frozenset(path.split(".")[0].rstrip("[]") for path in self.fields)


@lru_cache(maxsize=50_000)
def begins(fields: frozenset[str], path: str) -> bool:
    """Whether some field lies at or below a path."""
    return path in fields or any(field.startswith((f"{path}.", f"{path}[")) for field in fields)


def _fields(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ORGANISATIONS = """
    organizations[].name organizations[].website organizations[].org_type
    organizations[].contact_name organizations[].contact_email
"""

_V1_PRODUCT = _fields(
    _ORGANISATIONS
    + """
    name description website stage aliases[] sectors[] type[]
    license[].spdx license[].licenseURL
    SDGs[].SDGNumber SDGs[].evidenceText SDGs[].evidenceURL SDGs[][]
    repositoryURL repositories[].name repositories[].url
    """
)

_V1_SCREENING = _fields(
    """
    id name
    NonPII.checkNonPIIAccessMechanism NonPII.collectsNonPII NonPII.nonPIIAccessMechanism
    clearOwnership.copyrightURL clearOwnership.isOwnershipExplicit
    ownership.copyrightURL ownership.isOwnershipExplicit
    dependencies.isSoftwarePltIndependent dependencies.mandatoryDepsCreateMoreRestrictions
    dependencies.pltIndependenceDesc
    platformIndependence.isSoftwarePltIndependent platformIndependence.mandatoryDepsCreateMoreRestrictions
    platformIndependence.pltIndependenceDesc
    doNoHarm.dataPrivacySecurity.collectsPII doNoHarm.dataPrivacySecurity.dataSharingCircumstances[]
    doNoHarm.dataPrivacySecurity.ensurePrivacySecurity
    doNoHarm.dataPrivacySecurity.privacySecurityDescription
    doNoHarm.dataPrivacySecurity.thirdPartyDataSharing doNoHarm.dataPrivacySecurity.typesOfDataCollected[]
    doNoHarm.inappropriateIllegalContent.collectStoreDistribute
    doNoHarm.inappropriateIllegalContent.contentFilter
    doNoHarm.inappropriateIllegalContent.illegalContentDetection
    doNoHarm.inappropriateIllegalContent.illegalContentDetectionMechanism
    doNoHarm.inappropriateIllegalContent.policyGuidelinesDocumentationLink
    doNoHarm.inappropriateIllegalContent.type
    doNoHarm.preventHarm.additionalInfoMechanismProcessesPolicies
    doNoHarm.preventHarm.additionalMitigationSteps[] doNoHarm.preventHarm.stepsToPreventHarm
    doNoHarm.privacyFreedom.freedomOfExpressionRiskStrategy
    doNoHarm.privacyFreedom.freedomOfExpressionRiskStrategyDescrition
    doNoHarm.protectionFromHarassment.addressSafetySecurityUnderageUsers
    doNoHarm.protectionFromHarassment.griefAbuseHarassmentProtection
    doNoHarm.protectionFromHarassment.harassmentProtectionSteps[]
    doNoHarm.protectionFromHarassment.stepsAddressRiskPreventSafetyUnderageUsers[]
    doNoHarm.protectionFromHarassment.userInteraction
    documentation.documentationURL[] documentation.isDocumentationAvailable
    locations.deploymentCountries[] locations.developmentCounties[] locations.developmentCountries[]
    privacy.adherenceSteps[] privacy.isLocIntlAdherent privacy.isPrivacyCompliant
    privacy.locIntlComplianceList[] privacy.privacyComplianceList[]
    standards.bestPracticesList[] standards.evidenceStandardSupport[] standards.implementBestPractices
    standards.standardsList[] standards.supportStandards
    """
)

_V2_PRODUCT = _fields(
    _ORGANISATIONS
    + """
    id dpgid name description website stage documentation
    aliases aliases[] awardsReceived awardsReceived[] bestPractices[] categories[] openStandards[] sectors[]
    deploymentCountriesDepartments deploymentCountriesDepartments[]
    deploymentOrganisations deploymentOrganisations[]
    otherDeploymentOrganisations otherDeploymentOrganisations[]
    NonPII.collectsNonPII NonPII.nonPIIAccessMechanism
    clearOwnership[].clearOwnershipName clearOwnership[].clearOwnershipURL
    dataPrivacySecurity.collectsPII dataPrivacySecurity.dataPrivacySecurity
    dataPrivacySecurity.typesOfPIIDataCollected[]
    locations.deploymentCountries[] locations.developmentCountries[]
    openlicenses[].openLicense openlicenses[].openLicenseEvidenceURLs
    platformIndependence.isPlatformIndependent platformIndependence.openAlternatives[]
    privacy[].privacyCompliance privacy[].privacyComplianceURL
    protectionFromHarassment.facilitatesUserInteraction protectionFromHarassment.harassmentPolicy
    repositories[].name repositories[].url
    sdgs.relevance sdgs.sdg[] sdgs[].relevance sdgs[].sdg
    userContent.contentManagement userContent.contentManagementPolicy userContent.contentTypes[]
    """
)

V1_DAILY = Format(
    name="v1_daily",
    key_field="name",
    required=_fields("name description license SDGs type organizations stage"),
    fields=_V1_PRODUCT,
)
V2 = Format(
    name="v2",
    key_field="id",
    required=_fields("id name stage categories openlicenses sdgs organizations"),
    fields=_V2_PRODUCT,
)
_V1_FOLDER = Format(
    name="v1",
    key_field="id",
    # `stage` came in September 2020.
    required=_fields("id name description license SDGs type organizations"),
    fields=_V1_PRODUCT | {"id"},
)
_V1_SCREENED = Format(name="v1", key_field="id", required=_fields("id name"), fields=_V1_SCREENING)

ARRAY_FORMATS = (V2, V1_DAILY)

# The folders of the candidates repository. `reviews` (who said what about an application), `symlinks`
# and `invalid_files` are known, and never landed.
V1_FOLDERS = {
    "nominees": _V1_FOLDER,
    "digitalpublicgoods": _V1_SCREENED,
    "excluded_nominees": _V1_FOLDER,
    "archive": _V1_FOLDER,
}
V1_UNUSED = frozenset({"reviews", "symlinks", "invalid_files"})
