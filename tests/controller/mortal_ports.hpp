#pragma once

// Ports of a process that crashes, or is suspended, at one call of its pass.

#include "cluster_fixture.hpp"

#include <functional>

namespace nodenap::test {

/// Counts the calls of one process: each write, list, batch of queries, launch and termination.
struct Life {
    int calls = 0;
    int last_call = 0;  // 0: it does not crash
    bool last_call_lands = false;
    int pause_before = 0;                  // 0: never
    std::function<void()> meanwhile = {};  // what others do during the pause

    enum class Turn { made, made_unheard, not_made };

    Turn next() {
        if (last_call != 0 && calls >= last_call) return Turn::not_made;
        ++calls;
        if (calls == pause_before) meanwhile();
        if (calls != last_call) return Turn::made;
        return last_call_lands ? Turn::made_unheard : Turn::not_made;
    }
};

inline const Error dead{ErrorKind::unavailable, "the process is dead"};

class MortalStore final : public StateStore {
public:
    MortalStore(StateStore& below, Life& life) : below_(below), life_(life) {}

    Result<Updated> update(const Key& key, const Change& change,
                           const Condition& condition) override {
        const auto turn = life_.next();
        if (turn == Life::Turn::not_made) return dead;
        auto updated = below_.update(key, change, condition);
        if (turn == Life::Turn::made_unheard) return dead;
        return updated;
    }
    Result<AttributeMap> get(const Key& key) override {
        if (life_.next() != Life::Turn::made) return dead;
        return below_.get(key);
    }
    Result<std::vector<AttributeMap>> query(const Query& query) override {
        if (life_.next() != Life::Turn::made) return dead;
        return below_.query(query);
    }

private:
    StateStore& below_;
    Life& life_;
};

class MortalFleet final : public Fleet {
public:
    MortalFleet(Fleet& below, Life& life) : below_(below), life_(life) {}

    Result<std::vector<Instance>> list() override {
        if (life_.next() != Life::Turn::made) return dead;
        return below_.list();
    }
    std::vector<Result<Instance>> launch(const std::vector<Operation>& operations) override {
        std::vector<Result<Instance>> answers;
        for (const auto& operation : operations) {
            const auto turn = life_.next();
            auto answer = turn == Life::Turn::not_made ? Result<Instance>(dead)
                                                       : below_.launch({operation}).front();
            if (turn == Life::Turn::made_unheard) answer = dead;
            answers.push_back(std::move(answer));
        }
        return answers;
    }
    std::vector<Status> terminate(const std::vector<std::string>& ids) override {
        std::vector<Status> answers;
        for (const auto& id : ids) {
            const auto turn = life_.next();
            Status answer =
                turn == Life::Turn::not_made ? Status(dead) : below_.terminate({id}).front();
            if (turn == Life::Turn::made_unheard) answer = dead;
            answers.push_back(std::move(answer));
        }
        return answers;
    }

private:
    Fleet& below_;
    Life& life_;
};

class MortalMetrics final : public Metrics {
public:
    MortalMetrics(Metrics& below, Life& life) : below_(below), life_(life) {}

    Signals read(Time now, Milliseconds window) override {
        if (life_.next() == Life::Turn::not_made) return {};
        return below_.read(now, window);
    }

private:
    Metrics& below_;
    Life& life_;
};

/// Another process that shares the cluster, its store and its clock.
struct Process {
    Process(Cluster& cluster, Life life_) : world(cluster), life(std::move(life_)) {}

    Result<Outcome> pass() { return reconcile(ports, world.settings, Scheduled{}, world.claim()); }

    Cluster& world;
    Life life;
    MortalStore store{world.store, life};
    MortalFleet fleet{world.fleet, life};
    MortalMetrics metrics{world.metrics, life};
    Ports ports{world.clock, metrics, fleet, store, world.codec, world.log};
};

}  // namespace nodenap::test
