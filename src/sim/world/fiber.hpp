#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace nodenap::sim {

/// Code that can stop in the middle of a call and continue later, in the same thread, transparently
/// for the production code. `resume` runs it to its next `suspend` or to its end.
class Fiber {
public:
    explicit Fiber(std::function<void()> body);
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    void resume();
    bool ended() const;

    /// Must run in a fiber: returns to the caller of `resume`.
    static void suspend();
    /// The running fiber, or null.
    static Fiber* current();

private:
    struct Context;
    static std::vector<std::unique_ptr<Context>>& free_contexts();
    static std::unique_ptr<Context> take_context();
    static void enter(unsigned low, unsigned high);
    std::unique_ptr<Context> context_;
};

}  // namespace nodenap::sim
