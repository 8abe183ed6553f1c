#include "adapters/store/contract_parts.hpp"

#include "controller/lease.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <thread>

namespace nodenap::contract {

namespace {

bool failed(const Error& error) {
    ADD_FAILURE() << error.text;
    return false;
}

void run_in_threads(int threads, const std::function<void(int)>& work) {
    std::vector<std::thread> running;
    for (int at = 0; at < threads; ++at) running.emplace_back(work, at);
    for (auto& thread : running) thread.join();
}

/// Each child exits with 0 if `work` succeeded.
void run_in_processes(int processes, const std::function<bool(int)>& work) {
    std::vector<pid_t> children;
    for (int at = 0; at < processes; ++at) {
        const auto child = fork();
        ASSERT_GE(child, 0);
        if (child == 0) _exit(work(at) ? 0 : 1);
        children.push_back(child);
    }
    for (const auto child : children) {
        int status = -1;
        waitpid(child, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

void threads_lose_no_addition(const OpenStore& open) {
    const auto key = new_key();
    const auto shared = std::shared_ptr<StateStore>(open());
    run_in_threads(8, [&](int) {
        Change change;
        change.add = {{"count", 1}};
        for (int i = 0; i < 10; ++i) EXPECT_TRUE(shared->update(key, change, {}));
    });
    EXPECT_EQ(open()->get(key)->at("count"), number(80));
}

void one_of_many_wins(const OpenStore& open) {
    for (int round = 0; round < 5; ++round) {
        const auto key = new_key();
        std::atomic<int> winners = 0;
        run_in_threads(8, [&](int at) {
            const auto store = open();
            const auto mine = text("owner-" + std::to_string(at));
            const auto updated = store->update(key, set("lease_owner", mine),
                                               all_of({{"lease_owner", Test::absent}}));
            ASSERT_TRUE(updated) << updated.error().text;
            if (!updated->refused) ++winners;
        });
        EXPECT_EQ(winners.load(), 1);
    }
}

void processes_lose_no_addition(const OpenStore& open) {
    const auto key = new_key();
    run_in_processes(8, [&](int) {
        const auto store = open();
        Change change;
        change.add = {{"count", 1}};
        for (int i = 0; i < 10; ++i)
            if (const auto put = store->update(key, change, {}); !put) return failed(put.error());
        return true;
    });
    EXPECT_EQ(open()->get(key)->at("count"), number(80));
}

class NoCodec final : public Codec {
public:
    std::string memory_text(const Memory&) const override { return "{}"; }
    Result<Memory> memory(std::string_view) const override { return Memory{}; }
    std::string record_text(const Record&) const override { return {}; }
    Result<Record> record(std::string_view) const override { return Record{}; }
};

/// Reads, then writes the value plus one: loses an increment if two ever hold the lease together.
bool increment_under_lease(StateStore& store, const Key& key, const std::string& owner) {
    const NoCodec codec;
    for (int tries = 0; tries < 20'000; ++tries) {
        const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
        const Claim claim{owner + "-" + std::to_string(tries), "0123", now, Milliseconds{0},
                          std::chrono::minutes(10)};
        const auto asked = std::chrono::steady_clock::now();
        auto got = acquire(store, codec, key.cluster_id, claim);
        if (!got) return failed(got.error());
        if (got->held_by_another) {
            // Each with its own intervals: processes in step starve SQLite's waiters. A slow store
            // is called less often, or its queue exceeds every timeout.
            const auto took = std::chrono::steady_clock::now() - asked;
            std::this_thread::sleep_for(Milliseconds{20 + getpid() % 30} + 4 * took);
            continue;
        }
        const Key counter{key.cluster_id, "counter"};
        const auto item = store.get(counter);
        if (!item) return failed(item.error());
        const auto found = item->find("count");
        const auto* count =
            found == item->end() ? nullptr : std::get_if<std::int64_t>(&found->second.value);
        const auto next = set("count", number((count ? *count : 0) + 1));
        if (const auto put = store.update(counter, next, {}); !put) return failed(put.error());
        const auto released = release(store, got->lease, {});
        return released ? *released : failed(released.error());
    }
    return false;
}

void fifty_processes_count_to_five_hundred(const OpenStore& open) {
    const auto key = new_key();
    run_in_processes(50, [&](int at) {
        const auto store = open();
        for (int i = 0; i < 10; ++i) {
            const auto owner = std::to_string(at) + "-" + std::to_string(i);
            if (!increment_under_lease(*store, key, owner)) return false;
        }
        return true;
    });
    EXPECT_EQ(open()->get({key.cluster_id, "counter"})->at("count"), number(500));
    EXPECT_EQ(open()->get(key)->at("epoch"), number(500));
}

}  // namespace

std::vector<StoreContractCase> concurrency_cases() {
    return {{"ThreadsLoseNoAddition", threads_lose_no_addition},
            {"OneOfManyWins", one_of_many_wins},
            {"ProcessesLoseNoAddition", processes_lose_no_addition},
            {"FiftyProcessesCountToFiveHundred", fifty_processes_count_to_five_hundred}};
}

}  // namespace nodenap::contract
