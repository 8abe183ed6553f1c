#include "adapters/lambda/runtime.hpp"
#include "app/handler.hpp"
#include "app/random.hpp"
#include "app/version.hpp"
#include "app/wiring_lambda.hpp"
#include "base/harmless.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

namespace nodenap {
namespace {

/// What is kept of an invocation's time for handing in the answer.
constexpr Milliseconds answer_time = std::chrono::seconds(2);

std::string config_file(const Environment& environment) {
    if (!environment.config_path.empty()) return environment.config_path;
    if (environment.lambda_task_root.empty()) return "nodenap.toml";
    return environment.lambda_task_root + "/nodenap.toml";
}

/// The start failed: said to the Runtime API, which shows it, and on standard error.
int fail_start(LambdaRuntime& runtime, const std::string& type, const std::string& text) {
    std::fprintf(stderr, "nodenap: %s\n", harmless_lines(text).c_str());
    const Status told = runtime.fail_init({type, text});
    if (!told) std::fprintf(stderr, "nodenap: %s\n", harmless(told.error().text).c_str());
    return 1;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
    return text;
}

/// A fault of the program must not take the loop with it: this invocation fails, the next comes.
Result<std::string> answer(const Ports& ports, const Settings& settings,
                           const Invocation& invocation) {
    try {
        const Milliseconds left = invocation.deadline - ports.clock.now() - answer_time;
        return handle(ports, settings, {invocation.body, left, random_hex});
    } catch (const std::exception& error) {
        ports.log.write({"fault", {{"error", error.what()}}});
        return Error{ErrorKind::invalid, error.what(), "Runtime.Fault"};
    }
}

int serve_with(LambdaRuntime& runtime, const Environment& environment) {
    const LoadedConfig loaded =
        load_config(config_file(environment), environment, Program::function);
    if (!loaded.faults.empty()) {
        return fail_start(runtime, "Nodenap.Configuration", joined(loaded.faults));
    }
    const auto wiring = FunctionWiring::make(loaded.settings, environment);
    if (!wiring) return fail_start(runtime, "Nodenap.Start", wiring.error().text);
    const Ports& ports = (*wiring)->ports();
    ports.log.write({"started", {{"version", std::string(version)}}});
    if (environment.has_test_hooks()) ports.log.write({"test_hooks_on", {}});
    const Error ended = serve(runtime, [&](const Invocation& invocation) {
        return answer(ports, loaded.settings, invocation);
    });
    ports.log.write({"runtime_lost", {{"error", ended.text}}});
    return 1;
}

int run() {
    std::signal(SIGPIPE, SIG_IGN);
    const Environment environment = process_environment();
    if (environment.lambda_runtime_api.empty()) {
        std::fprintf(stderr,
                     "bootstrap: AWS_LAMBDA_RUNTIME_API is not set. This program runs inside AWS "
                     "Lambda;\non a machine use `nodenap tick` or `nodenap run`.\n");
        return 2;
    }
    NetworkHttp http(HttpOptions{});
    LambdaRuntime runtime(http, environment.lambda_runtime_api);
    return serve_with(runtime, environment);
}

}  // namespace
}  // namespace nodenap

int main() {
    try {
        return nodenap::run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bootstrap: internal error (please report): %s\n",
                     nodenap::harmless(error.what()).c_str());
        return 1;
    }
}
