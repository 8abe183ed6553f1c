#include "sim/world/fiber.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

namespace nodenap::sim {
namespace {

constexpr std::size_t stack_bytes = std::size_t{1} << 20U;  // used pages only

thread_local Fiber* running = nullptr;

void* map_stack() {
    void* made = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert(made != MAP_FAILED);
    return made;
}

}  // namespace

struct Fiber::Context {
    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { munmap(stack, stack_bytes); }

    std::function<void()> body;
    void* stack = map_stack();
    ucontext_t own{};
    ucontext_t resumer{};
    bool ended = false;
#if defined(__SANITIZE_ADDRESS__)
    void* own_fake_stack = nullptr;
    void* resumer_fake_stack = nullptr;
    const void* resumer_stack = nullptr;
    std::size_t resumer_stack_bytes = 0;
#endif

    void begin_again() {
        ended = false;
#if defined(__SANITIZE_ADDRESS__)
        own_fake_stack = nullptr;
#endif
    }

    void leave_for_own() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&resumer_fake_stack, stack, stack_bytes);
#endif
        swapcontext(&resumer, &own);
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(resumer_fake_stack, nullptr, nullptr);
#endif
    }

    void arrived_in_own() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(own_fake_stack, &resumer_stack, &resumer_stack_bytes);
#endif
    }

    void leave_for_resumer() {
#if defined(__SANITIZE_ADDRESS__)
        void** kept = ended ? nullptr : &own_fake_stack;
        __sanitizer_start_switch_fiber(kept, resumer_stack, resumer_stack_bytes);
#endif
        swapcontext(&own, &resumer);
    }
};

/// Contexts are reused, because new stacks are slow to allocate.
std::vector<std::unique_ptr<Fiber::Context>>& Fiber::free_contexts() {
    thread_local std::vector<std::unique_ptr<Context>> contexts;
    return contexts;
}

std::unique_ptr<Fiber::Context> Fiber::take_context() {
    auto& contexts = free_contexts();
    if (contexts.empty()) return std::make_unique<Context>();
    auto context = std::move(contexts.back());
    contexts.pop_back();
    context->begin_again();
    return context;
}

Fiber::Fiber(std::function<void()> body) : context_(take_context()) {
    context_->body = std::move(body);
    getcontext(&context_->own);
    context_->own.uc_stack.ss_sp = context_->stack;
    context_->own.uc_stack.ss_size = stack_bytes;
    const auto self = reinterpret_cast<std::uintptr_t>(this);
    // makecontext passes only ints.
    makecontext(&context_->own, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
                static_cast<unsigned>(self), static_cast<unsigned>(self >> 32U));
}

Fiber::~Fiber() {
    assert(context_->ended);
    free_contexts().push_back(std::move(context_));
}

void Fiber::enter(unsigned low, unsigned high) {
    const auto self = (std::uintptr_t{high} << 32U) | low;
    Context& context =
        *reinterpret_cast<Fiber*>(self)->context_;  // NOLINT(performance-no-int-to-ptr)
    context.arrived_in_own();
    context.body();
    context.body = nullptr;
    context.ended = true;
    context.leave_for_resumer();
}

void Fiber::resume() {
    assert(!context_->ended);
    Fiber* before = std::exchange(running, this);
    context_->leave_for_own();
    running = before;
}

bool Fiber::ended() const { return context_->ended; }

void Fiber::suspend() {
    assert(running != nullptr);
    Context& context = *running->context_;
    context.leave_for_resumer();
    context.arrived_in_own();
}

Fiber* Fiber::current() { return running; }

}  // namespace nodenap::sim
