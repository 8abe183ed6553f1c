// One process of a crowd that counts together: take the lease, read the counter, wait a little,
// write what was read plus one under the lease's epoch, release. Two that were ever inside at
// once would lose an increment. With --baseline-lock the same under the article's boolean.
// Prints one line for each increment that was written. Exit: 0; 1 if the store failed; 3 if the
// lock stayed held for longer than --patience-ms; 4 if the counter is not what --expect says.

#include "adapters/aws/client.hpp"
#include "adapters/aws/credentials.hpp"
#include "adapters/store/dynamodb.hpp"
#include "adapters/store/sqlite.hpp"
#include "adapters/system/system_clock.hpp"
#include "controller/baseline_lock.hpp"
#include "controller/lease.hpp"

#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <random>

namespace nodenap::test {
namespace {

struct Options {
    std::string sqlite;
    std::string dynamodb;
    std::string table = "nodenap";
    std::string cluster = "crowd";
    int increments = 10;
    int lease_ms = 10'000;
    int hold_ms = 1;
    int patience_ms = 100'000;
    int die_at = 0;    // kill -9 itself while it holds for this increment
    int sleep_at = 0;  // sleep through the lease's end there, and then write
    int expect = -1;   // what the counter must hold before the first increment
    bool baseline_lock = false;
};

class NoCodec final : public Codec {
public:
    std::string memory_text(const Memory&) const override { return {}; }
    Result<Memory> memory(std::string_view) const override { return Memory{}; }
    std::string record_text(const Record&) const override { return {}; }
    Result<Record> record(std::string_view) const override { return Record{}; }
};

/// A DynamoDB with all that lies below it.
struct DynamoDb {
    explicit DynamoDb(const Options& options)
        : aws(http, clock, credentials, {"us-east-1", options.dynamodb}),
          store(aws, options.table) {}

    NetworkHttp http{{}};
    SystemClock clock;
    Credentials credentials{http, {.access_key_id = "test", .secret_access_key = Secret("test")}};
    AwsClient aws;
    DynamoDbStore store;
};

enum class Ended { written, refused, failed };

class Counter {
public:
    Counter(StateStore& store, const Options& options) : store_(store), options_(options) {}

    /// The exit code.
    int run() {
        if (options_.expect >= 0) {
            const auto count = counter();
            if (!count || *count != options_.expect) return 4;
        }
        for (int at = 1; at <= options_.increments; ++at) {
            const auto began = clock_.monotonic();
            auto ended = Ended::refused;
            while (ended == Ended::refused) {
                if (clock_.monotonic() - began > Milliseconds(options_.patience_ms)) return 3;
                ended = options_.baseline_lock ? by_baseline(at) : by_lease(at);
                if (ended == Ended::refused) clock_.sleep_for(Milliseconds(pause_(dice_)));
            }
            if (ended == Ended::failed) return 1;
            std::cout << "written" << std::endl;
        }
        return 0;
    }

private:
    Ended by_lease(int at) {
        const auto owner = std::to_string(getpid()) + "-" + std::to_string(++tries_);
        const Claim claim{owner, "0", clock_.now(), clock_.monotonic(),
                          Milliseconds(options_.lease_ms)};
        auto got = acquire(store_, codec_, options_.cluster, claim);
        if (!got) return fail(got.error());
        if (got->held_by_another) return Ended::refused;
        const auto change = one_more();
        if (!change) return fail(change.error());
        hold(at);
        const auto written = write_fenced(store_, got->lease, *change);
        if (!written) return fail(written.error());
        if (!*written) return Ended::refused;   // slept through the lease: another went on
        (void)release(store_, got->lease, {});  // else the lease ends by itself
        return Ended::written;
    }

    Ended by_baseline(int at) {
        BaselineLock lock(store_, options_.cluster);
        if (!lock.take()) return Ended::refused;
        const auto change = one_more();
        if (!change) return fail(change.error());
        hold(at);
        const auto written = store_.update(state_key(options_.cluster), *change, {});
        if (!written) return fail(written.error());
        lock.release();
        return Ended::written;
    }

    Result<std::int64_t> counter() {
        const auto item = store_.get(state_key(options_.cluster));
        if (!item) return item.error();
        const auto found = item->find("counter");
        if (found == item->end()) return std::int64_t{0};
        return std::get<std::int64_t>(found->second.value);
    }

    Result<Change> one_more() {
        const auto count = counter();
        if (!count) return count.error();
        Change change;
        change.set = {{{"counter"}, {*count + 1}}};
        return change;
    }

    void hold(int at) {
        clock_.sleep_for(Milliseconds(options_.hold_ms));
        if (at == options_.die_at) std::raise(SIGKILL);
        if (at != options_.sleep_at || std::exchange(slept_, true)) return;
        clock_.sleep_for(Milliseconds(options_.lease_ms + 200));
    }

    /// What may go by itself is tried again, as the next pass would.
    static Ended fail(const Error& error) {
        const bool passes =
            error.kind == ErrorKind::unavailable || error.kind == ErrorKind::throttled;
        if (passes) return Ended::refused;
        std::cerr << error.text << '\n';
        return Ended::failed;
    }

    StateStore& store_;
    const Options& options_;
    SystemClock clock_;
    NoCodec codec_;
    std::minstd_rand dice_{static_cast<std::uint_fast32_t>(getpid())};
    std::uniform_int_distribution<int> pause_{5, 60};  // else the crowd only waits for the store
    int tries_ = 0;
    bool slept_ = false;
};

int count(const Options& options) {
    if (!options.sqlite.empty()) {
        const auto store = SqliteStore::open(options.sqlite, Milliseconds(options.patience_ms));
        if (store) return Counter(**store, options).run();
        std::cerr << store.error().text << '\n';
        return 1;
    }
    DynamoDb dynamodb(options);
    return Counter(dynamodb.store, options).run();
}

}  // namespace
}  // namespace nodenap::test

int main(int argc, char** argv) {
    nodenap::test::Options options;
    CLI::App app("Counts under the lease, together with others");
    app.add_option("--sqlite", options.sqlite, "a file");
    app.add_option("--dynamodb", options.dynamodb, "an endpoint");
    app.add_option("--table", options.table);
    app.add_option("--cluster", options.cluster);
    app.add_option("--increments", options.increments);
    app.add_option("--lease-ms", options.lease_ms);
    app.add_option("--hold-ms", options.hold_ms);
    app.add_option("--patience-ms", options.patience_ms);
    app.add_option("--die-at", options.die_at);
    app.add_option("--sleep-at", options.sleep_at);
    app.add_option("--expect", options.expect);
    app.add_flag("--baseline-lock", options.baseline_lock);
    CLI11_PARSE(app, argc, argv);
    if (options.sqlite.empty() == options.dynamodb.empty()) {
        std::cerr << "one of --sqlite and --dynamodb is needed\n";
        return 2;
    }
    return nodenap::test::count(options);
}
