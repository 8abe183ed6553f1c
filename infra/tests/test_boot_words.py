"""The maximum length of values that become metric labels, from a real API server."""

import json

import pytest
from boot_cluster import kubectl_with, node_certificate, patch_status
from boot_cluster import kubernetes  # noqa: F401  (a fixture)
from monitoring_words import BOUND, FREE, LONG, WIDE, pod
from test_boot_nodes import TRIAL, node

OWN = "i-0dddddddddddddddd"
OF_PODS = [name for name, (make, _) in FREE.items() if "kind" in make("x")]
OF_KUBELETS = [name for name in FREE if name not in OF_PODS]


@pytest.fixture(scope="module")
def kubelet(kubernetes, tmp_path_factory):  # noqa: F811  (pytest's way to ask for it)
    identity = node_certificate(OWN, tmp_path_factory.mktemp("words"))
    done = kubectl_with(identity, "create", "-f", "-", stdin=node(OWN))
    assert done.returncode == 0, done.stderr
    return identity


@pytest.mark.parametrize("word", [LONG, WIDE], ids=["long", "wide"])
@pytest.mark.parametrize("name", OF_PODS)
def test_a_tenant_may_write_any_length(kubernetes, name, word):  # noqa: F811
    made = FREE[name][0](word)
    assert word in json.dumps(made, ensure_ascii=False)
    kubernetes.kubectl(*TRIAL, stdin=json.dumps(made))


def test_a_tenant_may_write_a_megabyte(kubernetes):  # noqa: F811
    """See docs/security.md for the effect of dozens of such pods."""
    kubernetes.kubectl(*TRIAL, stdin=json.dumps(pod(owner={"name": "x" * 1_000_000})))


@pytest.mark.parametrize("word", [LONG, WIDE], ids=["long", "wide"])
@pytest.mark.parametrize("name", OF_KUBELETS)
def test_a_kubelet_may_write_any_length(kubelet, name, word):
    code, text = patch_status(kubelet, OWN, FREE[name][0](word))
    assert code == 200, text


@pytest.mark.parametrize("name", BOUND)
def test_the_api_refuses_what_is_kept_as_it_is(kubernetes, name):  # noqa: F811
    with pytest.raises(kubernetes.Failed, match="Invalid value|must be no more than"):
        kubernetes.kubectl(*TRIAL, stdin=json.dumps(BOUND[name]))
