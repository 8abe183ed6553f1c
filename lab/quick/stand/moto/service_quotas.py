"""Service Quotas with EC2's vCPU quotas, which moto lacks."""

from moto.servicequotas.models import ServiceQuotasBackend

# A new account's, by the quota's code.
VCPUS = {
    "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 32.0),
    "L-34B43A08": ("All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests", 32.0),
}

_moto_get = ServiceQuotasBackend.get_service_quota


def get_service_quota(backend: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict:
    if service_code != "ec2" or quota_code not in VCPUS:
        return _moto_get(backend, service_code, quota_code)
    name, value = VCPUS[quota_code]
    return {
        "ServiceCode": service_code,
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "QuotaCode": quota_code,
        "QuotaName": name,
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


ServiceQuotasBackend.get_service_quota = get_service_quota
