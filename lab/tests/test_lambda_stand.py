"""The Lambda stand follows Lambda's rules, tested with small Python functions."""

import sys
import textwrap

import pytest

from stand.lambda_runtime import Function

RUNTIME = '''
import json, os, sys, time, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime"
def post(path, value):
    urllib.request.urlopen(urllib.request.Request(base + path, json.dumps(value).encode())).read()
INIT
count = 0
while True:
    with urllib.request.urlopen(base + "/invocation/next") as answer:
        event = json.loads(answer.read())
        request = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        deadline = int(answer.headers["Lambda-Runtime-Deadline-Ms"])
    count += 1
    if event == "crash": os.abort()
    if event == "leave": os._exit(3)
    if event == "sleep": time.sleep(60)
    if event == "wait": time.sleep(1)
    if event == "fail":
        post(f"/invocation/{request}/error", {"errorType": "E", "errorMessage": "boom"})
        continue
    print(json.dumps({"event": "seen", "count": count}), flush=True)
    post(f"/invocation/{request}/response",
         {"count": count, "left_ms": deadline - time.time() * 1000, "pid": os.getpid(),
          "told": os.environ.get("TOLD"), "bundle": os.environ.get("AWS_CA_BUNDLE")})
'''


@pytest.fixture
def function(tmp_path):
    made = []

    def make(init: str = "", **options) -> Function:
        script = tmp_path / "bootstrap.py"
        script.write_text(textwrap.dedent(RUNTIME).replace("INIT", init))
        options = {"variables": {"TOLD": "yes"}, "log": tmp_path / "lambda.log", **options}
        made.append(Function([sys.executable, str(script)], **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def test_a_warm_environment_is_used_again(function):
    one = function()
    first, second = one.invoke({}), one.invoke({})
    assert (first.cold, second.cold) == (True, False)
    assert first.json()["pid"] == second.json()["pid"]
    assert (first.json()["count"], second.json()["count"]) == (1, 2)
    assert first.init_ms > 0 and second.init_ms is None


def test_the_deadline_lies_one_timeout_ahead(function):
    left_ms = function(timeout_s=30).invoke({}).json()["left_ms"]
    assert 0 < left_ms <= 30_000


def test_variables_are_given_and_the_callers_own_are_not(function, monkeypatch):
    monkeypatch.setenv("AWS_CA_BUNDLE", "/somewhere")
    answer = function().invoke({}).json()
    assert answer["told"] == "yes" and answer["bundle"] is None


def test_events_are_the_json_lines_of_stdout(function):
    one = function()
    one.invoke({})
    assert one.events() == [{"event": "seen", "count": 1}]


def test_a_function_error_keeps_the_environment(function):
    one = function()
    failed = one.invoke("fail")
    assert (failed.function_error, failed.json()["errorMessage"]) == ("Unhandled", "boom")
    assert one.invoke({}).cold is False


def test_a_timeout_ends_the_environment(function):
    one = function(timeout_s=1)
    late = one.invoke("sleep")
    assert late.json()["errorType"] == "Sandbox.Timedout"
    assert one.invoke({}).cold is True


@pytest.mark.parametrize(("event", "said"), [("crash", "signal: 6"), ("leave", "exit status 3")])
def test_a_process_that_ends_is_reported_and_replaced(function, event, said):
    one = function()
    assert said in one.invoke(event).json()["errorMessage"]
    assert one.invoke({}).cold is True


def test_a_failing_start_is_reported(function):
    init = 'post("/init/error", {"errorType": "Config", "errorMessage": "bad"}); sys.exit(1)'
    result = function(init).invoke({})
    assert result.function_error == "Unhandled"
    assert result.json()["errorType"] == "Config"


def test_above_the_concurrency_is_throttled(function):
    one = function(concurrency=1)
    running = one.invoke_later("wait")
    results = [one.invoke({})]
    while results[-1].status != 429 and running.is_alive():
        results.append(one.invoke({}))
    running.join()
    assert any(result.status == 429 for result in results)
    assert one.invoke({}).status == 200


def test_two_at_once_are_two_environments(function):
    one = function()
    threads = [one.invoke_later("wait") for _ in range(2)]
    for thread in threads:
        thread.join()
    assert len({result.pid for result in one.results}) == 2


def test_a_frozen_environment_answers_the_next_event(function):
    one = function(freeze=True)
    first, second = one.invoke({}), one.invoke({})
    assert second.cold is False and second.json()["pid"] == first.json()["pid"]


def test_memory_and_cpu_time_are_measured(function):
    result = function().invoke({})
    assert result.peak_memory_kb > 1000
    assert result.cpu_ms is not None and result.cpu_ms >= 0
